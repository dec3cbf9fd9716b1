import { describe, expect, test } from 'vitest';
import { formatStatus, type Status, type StepStatus } from '../../src/cli/status-view.ts';
import { plainLook } from '../../src/cli/terminal.ts';

const step = (id: string, state: StepStatus['state'], ...remaining: string[]): StepStatus => ({
  id,
  title: `Do ${id.slice(id.indexOf('/') + 1)}`,
  phase: id.slice(0, id.indexOf('/')),
  state,
  remaining,
});

const halfway: Status = {
  schemaVersion: 1,
  state: 'in progress',
  startedAt: '2026-11-24T12:00:00',
  pastPointOfNoReturn: false,
  atWork: false,
  steps: [
    step('prepare/lists', 'done'),
    step('prepare/timers', 'skipped'),
    step('kernel/boot', 'skipped'),
    step('switch/libraries', 'done'),
    step('switch/core', 'open', '28 of 28 packages of batch core-1', 'the rest of it, which is a long sentence'),
    step('switch/rest', 'open', 'something else'),
    step('finish/purge', 'open', 'everything'),
  ],
  next: 'crossgrade resume --root /srv/oldhost, or crossgrade rollback --root /srv/oldhost',
};

describe('a crossgrade in progress', () => {
  test('shows what of the network has not come back from a reboot, with commands that are never wrapped', () => {
    const networkChanges = [
      {
        what: 'the IPv4 rule 100: from 192.0.2.10 lookup 7 is gone',
        command: 'ip -4 rule add priority 100 from 192.0.2.10 lookup 7',
      },
      { what: 'the way to 192.0.2.9 is closed' },
    ];
    const lines = formatStatus({ ...halfway, networkChanges }, { look: plainLook, columns: 50 });
    expect(lines.slice(lines.indexOf('Nothing is at work now.') + 1, -2)).toEqual([
      '! The network is not as it was before the reboot:',
      '  the IPv4 rule 100: from 192.0.2.10 lookup 7 is',
      '  gone',
      '    ip -4 rule add priority 100 from 192.0.2.10 lookup 7',
      '  the way to 192.0.2.9 is closed',
    ]);
  });

  test('says that somebody has stopped it, and that no boot goes on with it', () => {
    const lines = formatStatus({ ...halfway, stoppedAt: '2026-11-24T12:30:00' }, { look: plainLook, columns: 80 });
    expect(lines[lines.indexOf('Nothing is at work now.') - 1]).toMatch(
      /^It was stopped at 2026-11-24 12:30.*, and does not go on by itself\.$/,
    );
  });

  test('names the services that wait for their data, also when it is finished', () => {
    const heldServices = ['slapd.service', 'postgresql@15-main.service', 'cron.service'];
    const named = [
      '! These services do not start until their data is imported:',
      '  slapd.service, postgresql@15-main.service,',
      '  cron.service',
    ];
    const lines = formatStatus({ ...halfway, heldServices }, { look: plainLook, columns: 50 });
    expect(lines.slice(lines.indexOf('Nothing is at work now.') + 1, -2)).toEqual(named);
    const finished: Status = {
      schemaVersion: 1,
      state: 'finished',
      finishedAt: '2026-11-24T12:00:00',
      heldServices,
      next: 'crossgrade resume',
    };
    expect(formatStatus(finished, { look: plainLook, columns: 50 })).toEqual([
      'The crossgrade was finished at 2026-11-24 12:00.',
      ...named,
      'Next: crossgrade resume',
    ]);
  });

  test('shows the steps of the phase at hand, and what is left to do of the one at hand', () => {
    expect(formatStatus(halfway, { look: plainLook, columns: 40 })).toEqual([
      'A crossgrade is in progress, begun at 2026-11-24 12:00.',
      '+ Prepare  2 steps, 1 skipped',
      '- Kernel   1 step, 1 skipped',
      '> Switch   3 steps',
      '  + Do libraries',
      '  > Do core',
      '      28 of 28 packages of batch core-1',
      '      the rest of it, which is a long',
      '      sentence',
      '  . Do rest',
      '. Finish   1 step',
      '',
      'It can still be taken back.',
      'Nothing is at work now.',
      'Next: crossgrade resume --root',
      '      /srv/oldhost, or crossgrade',
      '      rollback --root /srv/oldhost',
    ]);
  });

  test('shows every step, and all that is left to do, with --verbose', () => {
    const text = formatStatus(halfway, { look: plainLook, columns: 80, verbose: true }).join('\n');
    for (const { title, remaining } of halfway.steps ?? []) {
      for (const words of [title, ...remaining]) expect(text).toContain(words);
    }
  });
});

test('a root without a crossgrade, and one that is done, are told from each other', () => {
  const look = plainLook;
  expect(formatStatus({ schemaVersion: 1, state: 'none', next: 'crossgrade run' }, { look })).toEqual([
    'No crossgrade was begun on this root.',
    'Next: crossgrade run',
  ]);
  const finished: Status = {
    ...halfway,
    state: 'finished',
    finishedAt: '2026-11-24T12:30:00',
    next: 'crossgrade verify',
  };
  expect(formatStatus(finished, { look })).toEqual([
    'The crossgrade was finished at 2026-11-24 12:30.',
    'Next: crossgrade verify',
  ]);
});
