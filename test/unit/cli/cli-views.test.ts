import { describe, expect, test } from 'vitest';
import { CrossgradeError } from '../../../src/base/error.ts';
import type { Finding, Question } from '../../../src/base/finding.ts';
import { text } from '../../../src/base/printable.ts';
import { wrap } from '../../../src/base/wrap.ts';
import { formatComparison } from '../../../src/cli/report/comparison-view.ts';
import { formatError } from '../../../src/cli/report/error-view.ts';
import { formatFindings } from '../../../src/cli/report/findings-view.ts';
import { formatPlan } from '../../../src/cli/report/plan-view.ts';
import { showPages } from '../../../src/cli/screen/pages.ts';
import type { PromptPort } from '../../../src/cli/screen/prompt-port.ts';
import type { PromptOptions } from '../../../src/cli/screen/prompts.ts';
import { askQuestions, confirm } from '../../../src/cli/screen/prompts.ts';
import { canRedraw, createLook, forgetZeroSize, plainLook } from '../../../src/cli/screen/terminal.ts';
import {
  formatBar,
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDuration,
  percent,
  plural,
} from '../../../src/cli/words/format.ts';
import { fold, plainLine, textColumns, truncate } from '../../../src/cli/words/text.ts';
import type { Comparison } from '../../../src/compare/comparison.ts';
import type { Batch, Plan } from '../../../src/plan/plan.ts';

const look = plainLook;

describe('numbers', () => {
  test('have units', () => {
    expect([0, 1, 900, 2048, 120.4 * 2 ** 20, 9 * 2 ** 30, 12 * 2 ** 30].map(formatBytes)).toEqual([
      '0 bytes',
      '1 byte',
      '900 bytes',
      '2 KiB',
      '120.4 MiB',
      '9216.0 MiB',
      '12.0 GiB',
    ]);
    expect(formatBytesOf(2 ** 20, 250 * 2 ** 20)).toBe('1.0/250.0 MiB');
    expect([0, 0.42, 0.97, 41, 59.6, 123, 3599.9, 3840].map(formatDuration)).toEqual([
      '0.0 s',
      '0.4 s',
      '1 s',
      '41 s',
      '1 min 00 s',
      '2 min 03 s',
      '1 h 00 min',
      '1 h 04 min',
    ]);
    expect(formatCount(1234567)).toBe('1,234,567');
    expect([plural(1, 'package'), plural(1384, 'package'), plural(2, 'entry', 'entries')]).toEqual([
      '1 package',
      '1,384 packages',
      '2 entries',
    ]);
  });

  test('a bar is only full when all is done, and only empty when nothing is', () => {
    const bar = (done: number) => Object.values(formatBar(done, 1000, 10)).join('');
    expect([0, 1, 500, 999, 1000].map(bar)).toEqual([
      '----------',
      '#---------',
      '#####-----',
      '#########-',
      '##########',
    ]);
    expect(formatBar(0, 0, 4).filled).toBe('####');
    expect([percent(999, 1000), percent(3, 0)]).toEqual([99, 100]);
  });
});

describe('text', () => {
  test('of others can neither move the cursor nor change colours, and shows what it has tried', () => {
    const wicked = '\u001b[31mred\u001b[0m\tand\rback\u001b]0;title\u0007 \u001b[2J.\n';
    expect(plainLine(wicked)).toBe('\\x1b[31mred\\x1b[0m and\\rback\\x1b]0;title\\x07 \\x1b[2J.');
  });

  test('is folded at spaces alone, and left as it is where it fits', () => {
    expect(fold('    ', '  a  b', 20)).toEqual(['      a  b']);
    expect(fold('  ', '  log /var/log/crossgrade/rest-1.log', 20)).toEqual([
      '    log',
      '    /var/log/crossgrade/rest-1.log',
    ]);
  });

  test('is cut or wrapped to a width, and a path stays whole', () => {
    expect(truncate('libstdc++6:amd64', 10)).toBe('libstdc++…');
    expect(truncate('abc', 3)).toBe('abc');
    expect(wrap('see /var/log/crossgrade/rest-1.log for more', 12)).toEqual([
      'see',
      '/var/log/crossgrade/rest-1.log',
      'for more',
    ]);
  });
});

describe('the look', () => {
  const terminal = { isTTY: true, columns: 80, rows: 24 };

  test('has colours only on a terminal that wants them', () => {
    const painted = (stream: object, environment: Record<string, string>, color = true) =>
      createLook(stream, environment, color).paint('red', 'x') !== 'x';
    expect(painted(terminal, { TERM: 'xterm' })).toBe(true);
    expect(painted(terminal, { TERM: 'xterm', NO_COLOR: '1' })).toBe(false);
    expect(painted(terminal, { TERM: 'xterm', NO_COLOR: '' })).toBe(true);
    expect(painted(terminal, { TERM: 'xterm' }, false)).toBe(false);
    expect(painted(terminal, { TERM: 'dumb' })).toBe(false);
    expect(painted({}, { TERM: 'xterm' })).toBe(false);
  });

  test('has only ASCII signs on the text console and in the C locale', () => {
    const done = (environment: Record<string, string>) => createLook(terminal, environment).signs.done;
    expect(done({ TERM: 'xterm', LANG: 'C.UTF-8' })).toBe('✔');
    expect(done({ TERM: 'linux', LANG: 'C.UTF-8' })).toBe('+');
    expect(done({ TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: 'C' })).toBe('+');
  });

  test('a redrawing screen needs a terminal of some size and a reader who sees it', () => {
    expect(canRedraw(terminal, { TERM: 'xterm' })).toBe(true);
    expect(canRedraw({ ...terminal, rows: 5 }, { TERM: 'xterm' })).toBe(false);
    expect(canRedraw(terminal, { TERM: 'dumb' })).toBe(false);
    expect(canRedraw(terminal, {})).toBe(false);
    expect(canRedraw(terminal, { TERM: 'xterm', ACCESSIBLE: '1' })).toBe(false);
    expect(canRedraw({}, { TERM: 'xterm' })).toBe(false);
  });

  test('a serial line that says 0 columns is taken for one of unknown size, not for a narrow one', () => {
    const serial = { isTTY: true, columns: 0, rows: 0 };
    forgetZeroSize(serial);
    expect(canRedraw(serial, { TERM: 'vt220' })).toBe(true);
    expect(textColumns(serial.columns)).toBe(80);
  });
});

describe('findings', () => {
  const findings: Finding[] = [
    {
      id: 'packages/residual-config',
      severity: 'note',
      title: 'Removed packages left their settings',
      detail: 'They stay as they are.',
      affected: [],
      remedies: [{ decision: 'residual-config' }],
      source: 'dpkg(1)',
    },
    {
      id: 'packages/no-counterpart',
      severity: 'blocker',
      title: 'Some packages do not exist on amd64',
      detail:
        'Debian builds these packages for i386 only. They can be removed, or they can stay as 32-bit packages on the 64-bit system.',
      affected: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
      remedies: [{ command: 'apt-get purge a b c d e f g h' }, { hint: 'Or keep them.' }],
      source: 'dpkg(1)',
    },
  ];

  test('are counted only, where notes do not matter', () => {
    const lines = formatFindings(findings, { look, columns: 60, notesCounted: true });
    expect(lines.join('\n')).not.toContain('Removed packages left their settings');
    expect(lines.at(-1)).toBe('1 blocker, no warnings, 1 note');
    const all = formatFindings(findings, { look, columns: 60, notesCounted: true, verbose: true });
    expect(all.join('\n')).toContain('Removed packages left their settings');
  });

  test('are shown with the worst first, wrapped, and with what to do', () => {
    expect(formatFindings(findings, { look, columns: 60 })).toEqual([
      'blocker: Some packages do not exist on amd64',
      '  Debian builds these packages for i386 only. They can be',
      '  removed, or they can stay as 32-bit packages on the 64-bit',
      '  system.',
      '  Affected: a, b, c, d, e, f and 2 more',
      '  -> apt-get purge a b c d e f g h',
      '  -> Or keep them.',
      '  (packages/no-counterpart)',
      '',
      'note: Removed packages left their settings',
      '  They stay as they are.',
      '  -> Your decision: residual-config',
      '  (packages/residual-config)',
      '',
      '1 blocker, no warnings, 1 note',
    ]);
  });

  test('have all affected names when everything is asked for', () => {
    expect(formatFindings(findings, { look, verbose: true }).join('\n')).toContain('a, b, c, d, e, f, g, h\n');
  });

  test('are never wider than 100 columns', () => {
    const long = { ...findings[1], detail: 'word '.repeat(100) } as Finding;
    expect(Math.max(...formatFindings([long], { look, columns: 200 }).map((line) => line.length))).toBeLessThanOrEqual(
      100,
    );
  });
});

describe('errors', () => {
  test('say what happened, what shows it, and what to type next', () => {
    const error = new CrossgradeError('Step prepare/x ran, but still: dpkg does not accept amd64 packages', {
      code: 'CG0202',
      details: ['dpkg --add-architecture amd64      (exit code 2; log /var/log/crossgrade/x.log)'],
      hint: 'Run `crossgrade status`. Nothing after this step has started.',
    });
    expect(formatError(error, { look })).toEqual([
      'CG0202  Step prepare/x ran, but still: dpkg does not accept amd64 packages',
      '        dpkg --add-architecture amd64 (exit code 2; log',
      '        /var/log/crossgrade/x.log)',
      '  Next: Run `crossgrade status`. Nothing after this step has started.',
    ]);
  });

  test('that are bugs show their stack only on request', () => {
    const bug = new TypeError('x is not a function');
    expect(formatError(bug, { look, stackFile: '/var/log/crossgrade/bug.log' })).toEqual([
      'CG9999  This is a bug in crossgrade: x is not a function',
      '        The details are in /var/log/crossgrade/bug.log',
      '  Next: `crossgrade status` says where the system is.',
    ]);
    expect(formatError(bug, { look, verbose: true }).join('\n')).toContain('cli-views.test.ts');
    expect(formatError('thrown text', { look })[0]).toBe('CG9999  This is a bug in crossgrade: thrown text');
  });
});

test('a plan is summed up on one screen, with the point of no return', () => {
  const batch = (id: string, wave: Batch['wave']): Batch => ({
    id,
    wave,
    operation: 'install',
    instances: [],
    force: [],
  });
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const plan: Plan = {
    version: 1,
    sourceArchitecture: 'i386',
    targetArchitecture: 'amd64',
    changes: [
      ...names('lib', 1055).map((name) => ({ name, change: 'crossgraded' as const, reason: '' })),
      ...names('new', 11).map((name) => ({ name, change: 'added' as const, reason: '' })),
      ...names('gone', 2).map((name) => ({ name, change: 'vanishing' as const, reason: '' })),
      ...names('all', 300).map((name) => ({ name, change: 'untouched' as const, reason: '' })),
    ],
    batches: [
      batch('libraries-1', 'libraries'),
      batch('core-1', 'core'),
      batch('core-2', 'core'),
      batch('rest-1', 'rest'),
      batch('purge-1', 'purge'),
    ],
    archives: [{ key: 'libc6:amd64', version: '1', fileName: 'x', bytes: 1, sha256: '', uri: '' }],
    downloadBytes: 250.5 * 2 ** 20,
    space: [{ path: '/', bytes: 900 * 2 ** 20 }],
    renamed: {},
    missing: [],
    differingFiles: {},
    endState: {},
  };
  const lines = formatPlan(plan, { look });
  expect(lines).toEqual([
    'From i386 to amd64',
    '',
    '  1,055  go over to the other architecture',
    '     11  are new',
    '           new0, new1, new2, new3, new4, new5, new6, new7 and 3 more',
    '      2  will be gone',
    '           gone0, gone1',
    '    300  are not touched',
    '',
    '  Download  250.5 MiB (1 package in all)',
    '  Space     900.0 MiB on /',
    '',
    '  5 dpkg calls in 4 waves',
    '    libraries  1 call    libraries, beside the ones that are there',
    '  ! point of no return, after 1 of 5 calls: `crossgrade rollback` ends here',
    '    core       2 calls   dpkg, apt and what they need',
    '    rest       1 call    everything else',
    '    purge      1 call    the old architecture goes',
  ]);
  expect(lines.length).toBeLessThan(24);
});

test('a comparison has a table and tells explained differences from others', () => {
  const comparison = {
    rows: [
      { area: 'packages' as const, label: 'Architecture', before: 'i386', after: 'amd64' },
      { area: 'packages' as const, label: 'Packages', before: '355', after: '355' },
    ],
    differences: [
      { area: 'packages' as const, what: 'new package gcc-12-base:amd64', explanation: 'libgcc-s1 needs it' },
      { area: 'services' as const, what: 'service nginx does not run', explanation: null },
      {
        area: 'network' as const,
        what: 'the packet filter changed',
        explanation: null,
        details: ['- tcp dport 22 accept'],
        command: 'nft -f /var/lib/crossgrade/before/nft-inet-filter.nft',
      },
    ],
  };
  expect(formatComparison(comparison, { look })).toEqual([
    '              before    now',
    'Architecture  i386    > amd64',
    'Packages      355       the same',
    '',
    'For you to look at:',
    '  Services',
    '  x service nginx does not run',
    '  Network',
    '  x the packet filter changed',
    '      - tcp dport 22 accept',
    '    -> nft -f /var/lib/crossgrade/before/nft-inet-filter.nft',
    '',
    'Different, as it should be:',
    '  Packages',
    '  + new package gcc-12-base:amd64',
    '      libgcc-s1 needs it',
    '',
    'x As before, but for 2 things to look at.',
  ]);
  const verdict = (differences: Comparison['differences']) =>
    formatComparison({ ...comparison, differences }, { look }).at(-1);
  expect(verdict([])).toBe('+ All is as before: nothing else is different.');
  expect(verdict(comparison.differences.slice(0, 1))).toBe('+ All is as it was, but for what has a reason.');
  expect(verdict([{ area: 'packages', what: 'data:all 1 is missing', explanation: null }])).toBe(
    'x NOT as before: 1 thing to look at, of packages or data among them.',
  );
});

test('a restart is advised only for what comes back by it', () => {
  const lines = formatComparison(
    {
      rows: [],
      differences: [],
      oldProcesses: [
        { unit: 'cron.service', programs: ['cron (1)'] },
        { unit: 'kept.service', programs: ['kept (2)'], fate: 'stays' },
        { unit: 'dying.service', programs: ['dying (3)'], fate: 'dead' },
        { unit: 'dying.service', programs: ['logger (4)'] },
      ],
    },
    { look },
  );
  expect(lines).toContain('  systemctl restart cron.service');
  expect(lines.join('\n')).not.toMatch(/kept|dying/);
});

test('a long text is shown by the screenful, as far as somebody wants to read', async () => {
  const shown: string[][] = [];
  const lines = Array.from({ length: 7 }, (_, index) => `${index}`);
  const replies = [true, false];
  await showPages(
    lines,
    4,
    (page) => void shown.push([...page]),
    async () => replies.shift() ?? false,
  );
  expect(shown).toEqual([
    ['0', '1', '2'],
    ['3', '4', '5'],
  ]);
});

describe('questions', () => {
  const question: Question = {
    id: 'residual-config',
    text: 'What shall become of settings that removed packages left?',
    why: '3 packages were removed, but not purged.',
    affected: ['a', 'b', 'c'],
    choices: [
      { value: 'keep', title: 'Keep them', consequence: 'nothing changes', recommended: true },
      { value: 'purge', title: 'Purge them', consequence: 'the settings are gone' },
    ],
  };

  function prompts(port: Partial<PromptPort>, isTTY = true): PromptOptions & { written: string[] } {
    const written: string[] = [];
    const refuse = async () => {
      throw new Error('not expected');
    };
    const all = { select: refuse, confirm: refuse, write: (line: string) => void written.push(line), ...port };
    return { look, input: { isTTY }, output: { isTTY, columns: 80 }, port: all, written };
  }

  test('show why they are asked, what they are about and what follows from each choice', async () => {
    const asked: unknown[] = [];
    const options = prompts({
      select: async (prompt) => {
        asked.push(prompt);
        return 'purge';
      },
    });
    expect(await askQuestions([question], options)).toEqual({ 'residual-config': 'purge' });
    expect(asked).toMatchObject([
      { message: question.text, preselected: 'keep', choices: [{ name: 'Keep them (recommended)' }, {}] },
    ]);
    expect(options.written).toEqual([
      '',
      'Decision 1 of 1: residual-config',
      '3 packages were removed, but not purged.',
      'Affected: a, b, c',
      '  - Keep them (recommended): nothing changes',
      '  - Purge them: the settings are gone',
    ]);
  });

  test('about each of some, when one answer for all does not fit', async () => {
    const single = {
      choices: [{ value: 'purge', title: 'Purge it' }],
      about: { a: 'a is needed by nobody.' },
      undecided: ['a', 'b', 'c'],
      contradictions: ['a is to stay, but cannot.'],
    };
    const replies = ['each', 'purge', 'keep', 'purge'];
    const asked: string[] = [];
    const options = prompts({
      select: async ({ message, choices }) => {
        asked.push(`${message} ${choices.map(({ value }) => value)}`);
        return replies.shift() ?? '';
      },
    });
    expect(await askQuestions([{ ...question, single }], options)).toEqual({
      'residual-config/a': 'purge',
      'residual-config/b': 'keep',
      'residual-config/c': 'purge',
    });
    expect(asked).toEqual([`${question.text} keep,purge,each`, 'a: purge', 'b: purge', 'c: purge']);
    expect(options.written).toEqual(expect.arrayContaining(['a is to stay, but cannot.', 'a is needed by nobody.']));
  });

  test('are not asked where nobody can answer', async () => {
    await expect(askQuestions([question], prompts({}, false))).rejects.toMatchObject({ code: 'CG0003', exitCode: 3 });
    await expect(confirm(text`Go on?`, false, prompts({}, false))).rejects.toMatchObject({
      code: 'CG0012',
      exitCode: 3,
    });
    expect(await askQuestions([], prompts({}, false))).toEqual({});
  });

  test('end with exit code 130 and the word that nothing was changed on Ctrl-C', async () => {
    const leave = async () => {
      throw Object.assign(new Error('User force closed the prompt'), { name: 'ExitPromptError' });
    };
    await expect(askQuestions([question], prompts({ select: leave }))).rejects.toMatchObject({
      code: 'CG0002',
      exitCode: 130,
    });
    await expect(confirm(text`Go on?`, false, prompts({ confirm: leave }))).rejects.toThrow('nothing was changed');
  });
});
