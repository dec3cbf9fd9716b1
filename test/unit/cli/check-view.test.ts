import { describe, expect, test } from 'vitest';
import { readAnswers } from '../../../src/check/answers-file.ts';
import type { CheckReport } from '../../../src/check/check-report-schema.ts';
import { answersTemplate, formatTemplateHelp } from '../../../src/cli/arguments/answers-template.ts';
import { formatReport, formatWholeReport } from '../../../src/cli/report/check-view.ts';
import { stateOf } from '../../../src/cli/report/check-words.ts';
import { htmlReport } from '../../../src/cli/report/html/page.ts';
import { createLook, plainLook } from '../../../src/cli/screen/terminal.ts';
import { openQuestion, reportOn, someFindings, undecided } from '../../support/screens/report.ts';

const view = { look: plainLook, columns: 80, rows: 24 };
const notLookedAt = [{ what: 'files below /root', why: 'only root can read them' }];

/** Findings of all severities, and a decision that is open. */
function crowded(blockers: number, warnings: number, notes: number): CheckReport {
  return reportOn('bookworm-server', {
    findings: [
      undecided,
      ...someFindings('blocker', blockers),
      ...someFindings('warning', warnings),
      ...someFindings('note', notes),
    ],
    questions: [openQuestion],
    notLookedAt,
  });
}

/** Commands are copied, so they are not cut. */
function widest(lines: readonly string[]): number {
  return Math.max(...lines.filter((line) => !line.includes('-> apt-get')).map((line) => line.length));
}

describe('on the screen', () => {
  test('a sound system has a short report', () => {
    expect(formatReport(reportOn('bookworm-server'), view)).toEqual([
      'Debian 12 (bookworm), 208 packages, i386 to amd64: /srv/oldhost',
      'READY: nothing blocks the crossgrade.',
      '',
      'Packages  177 crossgraded, 2 added, 2 vanish, 29 untouched',
      'Download  139.2 MiB, 179 packages',
      'Disk      759.7 MiB needed on /usr, /var, /boot; 10.2 GiB free',
      expect.stringMatching(/^Time {6}about .* \+ download; measured: [\d.]+ s\/package, [\d.]+ s\/MiB$/),
      'Way back  until dpkg call 3 of 10; then only forward (point of no return)',
      '',
      'More: --verbose, --html FILE; one finding: crossgrade explain ID;',
      'one package: --why PACKAGE.',
    ]);
  });

  test.each([
    [0, 0, 0],
    [1, 2, 3],
    [3, 8, 12],
    [8, 12, 20],
    [20, 20, 0],
    [40, 0, 40],
    [0, 40, 0],
  ])('%i blockers, %i warnings and %i notes fit 80×24, the verdict first', (blockers, warnings, notes) => {
    const lines = formatReport(crowded(blockers, warnings, notes), view);
    expect(lines.length).toBeLessThan(24);
    expect(widest(lines)).toBeLessThanOrEqual(80);
    expect(lines[1]).toContain(
      blockers > 0
        ? `BLOCKED: ${blockers} blocker${blockers === 1 ? '' : 's'}. 1 decision to take.`
        : 'DECISIONS OPEN: 1 ',
    );
    expect(lines.join('\n')).toContain('packages/no-counterpart: ');
    if (warnings > 0) expect(lines.join('\n')).toContain(warnings === 1 ? '1 warning' : 'warning');
    if (notes > 0) expect(lines.join('\n')).toMatch(/\d+ notes? \(--verbose shows them\)/);
    expect(lines.join('\n')).toContain('not looked at, run as root: files below /root');
  });

  test('what blocks is shown with its cure as long as there is room, and what has no room is counted', () => {
    const lines = formatReport(crowded(2, 3, 1), view);
    expect(lines).toContain('    -> apt-get install --reinstall package-0');
    expect(lines).toContain('    -> you decide: no-counterpart = stop, remove, keep');
    const many = formatReport(crowded(30, 3, 1), view);
    const shown = many.filter((line) => line.startsWith('x ') && line.includes('/')).length;
    expect(many).toContain(`x and ${31 - shown} more blockers: see --verbose`);
  });

  test('a plan that rests on a decision nobody took says so, on the terminal and on the page', () => {
    const assumed = 'Planned as if you answered: no-counterpart = remove';
    const open = crowded(0, 0, 0);
    expect(formatReport(open, view)).toContain(assumed);
    expect(formatWholeReport(open, view)).toContain('    open; the plan below takes remove');
    expect(formatWholeReport({ ...open, plan: null }, view)).toContain('    open');
    expect(formatWholeReport(open, view)).toContain('no blockers, 1 decision to take, no warnings, no notes');
    expect(htmlReport(open)).toContain(assumed);
    const answered = (answer: string) =>
      formatReport(
        reportOn('bookworm-server', { questions: [openQuestion], answers: { 'no-counterpart': answer } }),
        view,
      );
    expect(answered('stop')).toContain(assumed);
    expect(answered('remove').join('\n')).not.toContain('Planned as if');
    expect(answered('keep').join('\n')).not.toContain('Planned as if');
  });

  test('a taller terminal shows more', () => {
    expect(formatReport(crowded(8, 12, 1), { ...view, rows: 60 }).length).toBeGreaterThan(24);
  });

  test('warnings that have no room for a line each are put together by what they are about', () => {
    const lines = formatReport(crowded(1, 9, 0), view);
    expect(lines.filter((line) => line.startsWith('! '))).toEqual([
      expect.stringMatching(/^! 2 warnings, packages: /),
      expect.stringMatching(/^! 2 warnings, machine: /),
      expect.stringMatching(/^! 2 warnings, session: /),
      expect.stringMatching(/^! 2 warnings, data: /),
      expect.stringMatching(/^! 1 warning, software: /),
    ]);
  });

  test('there is no plan while a blocker forbids to ask apt', () => {
    const { plan: _, ...rest } = crowded(2, 0, 0);
    const lines = formatReport({ ...rest, plan: null }, view);
    expect(lines.join('\n')).not.toContain('Download');
  });

  test('a crossgrade in progress is shown with what is left to do', () => {
    const remaining = Array.from({ length: 14 }, (_, index) => `Do number ${index + 1}`);
    const progress = { startedAt: '2026-11-23T00:00:00.000Z', pastPointOfNoReturn: true, remaining };
    const lines = formatReport(reportOn('bookworm-server', { progress }), view);
    expect(lines.length).toBeLessThan(24);
    expect(lines.join(' ')).toContain('The point of no return is passed.');
    expect(lines.join(' ')).toMatch(/was begun at 2026-11-2\d \d\d:\d\d and is/);
    expect(lines).toContain('The whole crossgrade, with what is done already:');
    expect(lines.slice(4, 12)).toEqual([
      '14 steps still to do:',
      ...remaining.slice(0, 5).map((title) => `  . ${title}`),
      '  . and 9 more',
      '',
    ]);
    expect(lines.at(-1)).toContain('crossgrade resume --root /srv/oldhost');
  });

  test('where there is nothing to do, it says so', () => {
    const { plan: _, ...rest } = reportOn('bookworm-server', { isThere: true });
    const lines = formatReport({ ...rest, plan: null }, view);
    expect(lines[1]).toBe('NOTHING TO DO: this system is amd64 already.');
    expect(lines.at(-1)).toContain('crossgrade verify --root /srv/oldhost');
    const system = { ...rest.system, sourceArchitecture: 'amd64' };
    expect(formatReport({ ...rest, system, plan: null }, view).slice(0, 2)).toEqual([
      'Debian 12 (bookworm), 208 packages, amd64: /srv/oldhost',
      'NOTHING TO DO: this system is amd64 already.',
    ]);
  });
});

describe('characters', () => {
  const ascii = (lines: readonly string[]) => lines.filter((line) => !/^[\n -~]*$/.test(line));

  test('are plain where the terminal is', () => {
    expect(ascii(formatReport(crowded(3, 9, 1), view))).toEqual([]);
    expect(ascii(formatWholeReport(crowded(3, 9, 1), view))).toEqual([]);
    const look = createLook({ isTTY: true }, { TERM: 'dumb', LANG: 'C.UTF-8' });
    expect(ascii(formatReport(crowded(3, 9, 1), { ...view, look }))).toEqual([]);
  });

  test('have colours on a terminal, and none in a pipe', () => {
    const environment = { TERM: 'xterm', LANG: 'C.UTF-8' };
    const on = (isTTY: boolean) =>
      formatReport(crowded(1, 1, 1), { ...view, look: createLook({ isTTY }, environment) }).join('\n');
    expect(on(true)).toContain('\u001b[');
    expect(on(false)).not.toContain('\u001b[');
  });

  test('that control a terminal are not passed on', () => {
    const [first, ...others] = someFindings('warning', 2);
    const wicked = { ...first, title: 'a\u001b[2Jb', affected: ['/opt/\u0007x\ny'] } as (typeof others)[0];
    const report = reportOn('bookworm-minimal', {
      findings: [wicked, ...others],
      notLookedAt: [{ what: '\r', why: '\u0008' }],
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
    expect(formatReport(report, view).join('\n')).not.toMatch(controls);
    expect(formatWholeReport(report, view).join('\n')).not.toMatch(controls);
  });
});

test('with --verbose everything is there: each finding, choice, package and dpkg call', () => {
  const report = crowded(12, 14, 13);
  const text = formatWholeReport(report, view).join('\n');
  const words = text.replace(/\s+/g, ' ');
  for (const { id } of report.findings) expect(text).toContain(`(${id})`);
  for (const { name } of report.plan?.packages ?? []) expect(words).toContain(name);
  expect(words).toContain('keep: Keep them. They stay, and so does i386.');
  expect(words).toContain('files below /root: only root can read them Run crossgrade check as root');
  expect(text).toContain('point of no return');
  expect(text.match(/^ +\d+ dpkg --/gm)).toHaveLength(report.plan?.calls ?? 0);
});

const rows: CheckReport['checks'] = [
  { id: 'machine/memory', title: 'Memory and swap', result: 'passed', findings: [], notLookedAt: null },
  {
    id: 'data/rrd',
    title: 'Round-robin databases',
    result: 'partly',
    findings: [],
    notLookedAt: '/root: only root may look at it',
  },
  { id: 'machine/power', title: 'Power supply', result: 'does-not-apply', findings: [], notLookedAt: 'a folder' },
  { id: 'packages/held', title: 'Packages on hold', result: 'warning', findings: ['packages/a'], notLookedAt: null },
];

test('with --verbose each check is there with its result in words, also one that has found nothing', () => {
  const report = reportOn('bookworm-server', { checks: rows });
  expect(formatReport(report, view).join('\n')).not.toContain('Memory and swap');
  const lines = formatWholeReport(report, view);
  expect(lines.slice(lines.indexOf('Checks'), lines.indexOf('Checks') + 6)).toEqual([
    'Checks',
    '  4 checks: 1 passed, 1 with a warning, 1 passed in part, 1 not for this root',
    '  + Memory and swap: passed',
    '  - Round-robin databases: passed in part; /root: only root may look at it',
    '  - Power supply: does not apply',
    '  ! Packages on hold: warning, see packages/a',
  ]);
  expect(htmlReport(report)).toContain('<li>Packages on hold: warning, see packages/a</li>');
  expect(htmlReport(reportOn('bookworm-server'))).not.toContain('What was checked');
});

test.each([40, 26, 0])('the list of checks fits a terminal of %i columns', (columns) => {
  const report = { ...reportOn('bookworm-server', { checks: rows }), plan: null };
  const lines = formatWholeReport(report, { ...view, columns: columns || undefined });
  const listed = lines.slice(lines.indexOf('Checks') + 1, -3);
  expect(Math.max(...listed.map((line) => line.length))).toBeLessThanOrEqual(columns || 80);
  expect(listed.join(' ').replace(/\s+/g, ' ')).toContain('/root: only root may look at it');
});

test('with --verbose every step that is left to do is there', () => {
  const remaining = Array.from({ length: 14 }, (_, index) => `Do number ${index + 1}`);
  const progress = { startedAt: '2026-11-23T00:00:00.000Z', pastPointOfNoReturn: true, remaining };
  const lines = formatWholeReport(reportOn('bookworm-server', { progress }), view);
  expect(lines.filter((line) => line.startsWith('  . Do'))).toEqual(remaining.map((title) => `  . ${title}`));
});

test('phrases that are affected have a line each, names share one', () => {
  const [one, other] = someFindings('warning', 2);
  if (!one || !other) throw new Error('no findings');
  const lines = [
    'cron job /etc/cron.d/x, line 2: /opt/x',
    'systemd unit /etc/systemd/system/y.service, line 2: /opt/y',
  ];
  const report = reportOn('bookworm-minimal', {
    findings: [
      { ...one, affected: lines },
      { ...other, affected: ['bash', 'dash'] },
    ],
  });
  const text = formatWholeReport(report, view);
  expect(text).toEqual(
    expect.arrayContaining(['  Affected:', ...lines.map((line) => `    ${line}`), '  Affected: bash, dash']),
  );
  expect(htmlReport(report)).toContain(`<li><code>${lines[0]}</code></li><li>`);
});

describe('a template for answers', () => {
  const { decisions } = crowded(0, 0, 0);

  test('leaves open what is open, and can be read as it is', () => {
    expect(answersTemplate(decisions)).toBe('{\n  "no-counterpart": ""\n}\n');
    expect(readAnswers(answersTemplate(decisions), 'a.json')).toEqual({});
  });

  test('keeps what was decided', () => {
    const decided = decisions.map((one) => ({ ...one, answer: 'keep' }));
    expect(readAnswers(answersTemplate(decided), 'a.json')).toEqual({ 'no-counterpart': 'keep' });
  });

  test('has a place for each package, where one can have an answer of its own', () => {
    const choices = ['remove', 'keep'].map((value) => ({ value, title: value }));
    const single = { choices, about: {}, undecided: ['wine32'], contradictions: [] };
    const questions = [{ ...openQuestion, single }];
    const open = reportOn('bookworm-minimal', { questions, answers: { 'no-counterpart/zsnes': 'remove' } }).decisions;
    const [template, help] = [answersTemplate(open), formatTemplateHelp('a.json', open, view)];
    expect(JSON.parse(template)).toEqual({
      'no-counterpart': '',
      'no-counterpart/wine32': '',
      'no-counterpart/zsnes': 'remove',
    });
    expect(readAnswers(template, 'a.json')).toEqual({ 'no-counterpart/zsnes': 'remove' });
    expect(help.at(-1)).toBe('    no-counterpart/PACKAGE: remove or keep, for that one alone; it may stay "".');
    expect(open.map(stateOf)).toEqual(['open; decided: zsnes = remove']);
  });

  test('comes with the choices, which JSON has no place for', () => {
    expect(formatTemplateHelp('a.json', decisions, view)).toEqual([
      'a.json: fill in what is still "", then give it to run or check with --answers a.json.',
      '  no-counterpart: What shall become of the packages that do not exist for amd64?',
      '    stop    Stop here (recommended). Nothing is changed.',
      '    remove  Remove them. They are purged.',
      '    keep    Keep them. They stay, and so does i386.',
    ]);
    expect(formatTemplateHelp('a.json', [], view)).toEqual(['a.json: there is nothing to decide.']);
  });
});
