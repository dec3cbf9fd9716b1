import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatStatus, type Status } from '../../../src/cli/report/status-view.ts';
import { describeSteps, type StepStatus } from '../../../src/cli/screen/step-status.ts';
import { plainLook } from '../../../src/cli/screen/terminal.ts';
import type { Step, StepContext } from '../../../src/run/step.ts';
import { phaseOf } from '../../../src/run/system/run.ts';

const step = (id: Step['id'], state: StepStatus['state'], ...remaining: string[]): StepStatus => ({
  id,
  title: `Do ${id.slice(id.indexOf('/') + 1)}`,
  phase: phaseOf({ id }),
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

  test('says how the host can be rebooted while it refuses to, in the words that each terminal is told', () => {
    const status = { ...halfway, atWork: true, running: 'core-1', refusesShutdown: true };
    const lines = formatStatus(status, { look: plainLook, columns: 80 });
    const told = readFileSync('packaging/guard.sh', 'utf8').split('\n');
    const commands = lines.filter((line) => line.includes('systemctl'));
    expect(commands).toHaveLength(2);
    for (const command of commands) expect(told).toContain(command);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(formatStatus(halfway, { look: plainLook, columns: 80 }).join()).not.toContain('systemctl');
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

  test('shows what was done and is not so any more, and goes on behind it', () => {
    const steps = [
      step('prepare/lists', 'done'),
      step('prepare/timers', 'done', 'apt-daily.timer is active'),
      step('switch/core', 'open', '28 of 28 packages of batch core-1'),
    ];
    const lines = formatStatus({ ...halfway, steps }, { look: plainLook, columns: 80 });
    expect(lines.slice(1, lines.indexOf(''))).toEqual([
      '+ Prepare  2 steps',
      '  + Do timers',
      '      done, but not so any more: apt-daily.timer is active',
      '> Switch   1 step',
      '  > Do core',
      '      28 of 28 packages of batch core-1',
    ]);
  });

  test('shows what it has stopped with, and what to do about it', () => {
    const lastError = {
      code: 'CG0201',
      message: 'apt cannot use a repository: http://mirror.example/debian',
      hint: 'No package was changed. Is the mirror reachable (apt-get update)? Then type crossgrade resume.',
      details: ['Could not connect to mirror.example:80'],
    };
    const lines = formatStatus({ ...halfway, lastError }, { look: plainLook, columns: 70 });
    expect(lines.slice(lines.indexOf('Nothing is at work now.') + 1, -2)).toEqual([
      'It has stopped with:',
      'CG0201  apt cannot use a repository: http://mirror.example/debian',
      '        Could not connect to mirror.example:80',
      '        No package was changed. Is the mirror reachable (apt-get',
      '        update)? Then type crossgrade resume.',
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

describe('what is said of a step', () => {
  const make = (id: Step['id'], ...remaining: string[]): Step => ({
    id,
    title: id,
    purpose: '',
    why: '',
    remaining: () => remaining,
    plan: () => [],
    undo: () => [],
  });
  const steps: Step[] = [
    make('prepare/lists'),
    make('prepare/timers', 'apt-daily.timer is active'),
    { ...make('kernel/boot', 'the kernel'), needs: ['boot'] },
    make('switch/libraries'),
    make('switch/core', '28 packages'),
    make('switch/rest'),
    make('switch/triggers', 'triggers'),
  ];
  const states = (...finished: string[]) =>
    describeSteps(steps, {} as StepContext, new Set(), new Set(finished)).map(({ state }) => state);

  test('goes by what the run has come to the end of, and what it had nothing to do for', () => {
    expect(states('prepare/timers')).toEqual(['done', 'done', 'skipped', 'done', 'open', 'waiting', 'open']);
    expect(states('prepare/timers', 'switch/core', 'switch/rest').slice(4)).toEqual(['done', 'done', 'open']);
  });

  test('goes by the system where the run has come to the end of nothing', () => {
    expect(states()).toEqual(['done', 'open', 'skipped', 'waiting', 'open', 'waiting', 'open']);
  });
});
