import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CrossgradeError } from '../../../src/base/error.ts';
import type { Finding } from '../../../src/base/finding.ts';
import {
  joinLines,
  printable,
  printableIn,
  printableJson,
  printableLine,
  printableLines,
  text,
} from '../../../src/base/printable.ts';
import { formatError } from '../../../src/cli/report/error-view.ts';
import { htmlReport } from '../../../src/cli/report/html/page.ts';
import { createScreen } from '../../../src/cli/screen/create-screen.ts';
import type { ScreenStream } from '../../../src/cli/screen/screen.ts';
import { createLook, fitSigns, plainLook, printLines, shownLines } from '../../../src/cli/screen/terminal.ts';
import { say } from '../../../src/cli/words/text.ts';
import { formatComparisonText } from '../../../src/compare/comparison-text.ts';
import type { RunEvent } from '../../../src/run/event.ts';
import { tellLogins } from '../../../src/session/system/login-notice.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { reportOn, someFindings } from '../../support/screens/report.ts';

/** What a terminal acts on or does not show, but for line ends. */
const harmful = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const wicked =
  'a\u001b]0;pwned\u0007\u001b[2J\u001b[31mREADY\u009b1A\u202etxt.exe\u2066\u200b\ufeff\u2028\u0000\ud800\r\nNext: x';
/** Ours; and what is none of those that a screen needs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const styles = /\u001b\[\d+m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const otherCodes = /\u001b(?!\[(?:\d*[AJK]|\??\d+[hlm]))|(?![\n\r\u001b])[\p{Cc}\p{Cf}]/u;
const terminal = { isTTY: true, columns: 80, rows: 24 };
const colourful = createLook(terminal, { TERM: 'xterm', LANG: 'C.UTF-8' });

describe('text that may be printed', () => {
  test.each([
    ['\u001b[2J', '\\x1b[2J'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
    ['\u0085\u007f\u0000', '\\x85\\x7f\\x00'],
    ['x\u202ey\u2066\u061c\u200f', 'x\\u202ey\\u2066\\u061c\\u200f'],
    ['\u200b\ufeff\u2028\u00ad\u3164', '\\u200b\\ufeff\\u2028\\xad\\u3164'],
    ['\ud800 \udc00x', '\\ud800 \\udc00x'],
    ['\u{e0041}', '\\u{e0041}'],
    ['größe 木 😀 \ufffd \\x1b', 'größe 木 😀 \ufffd \\x1b'],
    ['http://a:b@mirror.example', 'http://a:***@mirror.example'],
  ])('%j is shown as it is meant', (foreign, shown) => {
    expect(printable(foreign)).toBe(shown);
    expect(printable(shown)).toBe(shown);
    expect(printable(foreign)).not.toMatch(harmful);
  });

  test('lines of a program stay lines', () => {
    expect(printableLines('one\r\n\ttwo\u0007\n')).toEqual(['one', ' two\\x07', '']);
  });

  test('JSON means the same, and nothing in it reaches a terminal', () => {
    const value = { [wicked]: [wicked, 'größe 木 😀', '\u{e0041}'], n: 1, nothing: null };
    for (const json of [printableJson(value), printableJson(value, 2)]) {
      expect(JSON.parse(json)).toEqual(value);
      expect(json).not.toMatch(harmful);
      expect(json).toContain('größe 木 😀');
    }
    expect(printableJson(value, 2)).toContain('\n  "n": 1');
  });

  test('only codes of our own styles are left in a line, and none where there are no colours', () => {
    const line = colourful.paint('red', 'x\u001b[2J');
    expect(printLines([line], colourful)).toEqual(['\u001b[31mx\\x1b[2J\u001b[39m']);
    expect(printLines([line], plainLook)).toEqual(['x\\x1b[2J'.replace('x', '\\x1b[31mx').concat('\\x1b[39m')]);
    expect(printableLine('\u001b[8m\u001b[?25l\u001b[31;8m', true)).toBe('\\x1b[8m\\x1b[?25l\\x1b[31;8m');
    expect(fitSigns(['a → b\u001b[K'], plainLook)).toEqual(['a -> b\\x1b[K']);
  });

  test('nothing else can be written', () => {
    const written: string[] = [];
    const stream = { write: (one: ReturnType<typeof printable>) => written.push(one) };
    stream.write(text`${printable('\u0007')} and ${2}\n`);
    stream.write(joinLines([printable('a')]));
    // @ts-expect-error what was not made printable is refused by the compiler
    stream.write('a');
    // @ts-expect-error and so is what stands between our own words
    stream.write(text`a ${'b'}`);
    expect(written.slice(0, 2)).toEqual(['\\x07 and 2\n', 'a\n']);
  });
});

const failure = { code: 'CG0223', message: wicked, hint: wicked, details: [wicked, wicked] };
const events: RunEvent[] = [
  { type: 'run-started', root: `/srv/${wicked}`, resumed: true, steps: [{ id: 'a/b', title: wicked, phase: 'a' }] },
  { type: 'step-started', step: 'a/b', title: wicked },
  { type: 'step-message', step: 'a/b', text: wicked },
  { type: 'step-warning', step: 'a/b', text: wicked, details: [wicked] },
  { type: 'command', step: 'a/b', argv: ['rm', wicked], exitCode: 1, seconds: 1 },
  {
    type: 'step-progress',
    step: 'a/b',
    progress: { activity: wicked, done: 1, total: 3, unit: 'files', current: wicked },
  },
  {
    type: 'package-failed',
    step: 'a/b',
    failure: { package: wicked, message: wicked, output: [wicked], consequence: false },
  },
  { type: 'step-failed', step: 'a/b', failure },
  { type: 'run-stopped', reason: 'failed', next: wicked },
];

function fakeStream(isTTY: boolean): ScreenStream & { readonly written: string[] } {
  const written: string[] = [];
  return { isTTY, columns: 80, rows: 24, written, write: (one) => written.push(one) > 0, on: () => 0, off: () => 0 };
}

describe('whatever the names of a system are', () => {
  test.each([
    ['text', false, /(?!\n)[\p{Cc}\p{Cf}]/u],
    // Its own codes move the cursor in its block, and colour.
    ['text', true, otherCodes],
    ['json', false, /(?!\n)[\p{Cc}\p{Cf}]/u],
  ] as const)(
    'a run on a screen (%s, terminal: %s) shows them, and does nothing else',
    async (output, isTTY, forbidden) => {
      const [stdout, stderr] = [fakeStream(false), fakeStream(isTTY)];
      const environment = { TERM: 'xterm', LANG: 'C.UTF-8' };
      const screen = createScreen({ output, color: true, verbose: true, stdout, stderr, environment });
      for (const event of events) screen.observe(event);
      await screen.finish();
      const all = [...stdout.written, ...stderr.written].join('');
      expect(all).toContain(output === 'json' ? '\\u202e' : '\\u202etxt.exe');
      expect(all).not.toMatch(forbidden);
      expect(all).not.toContain('\u001b[2J');
    },
  );

  test('a failure is told', () => {
    const error = new CrossgradeError(wicked, { code: 'CG0223', hint: wicked, details: [wicked] });
    for (const look of [plainLook, colourful]) {
      for (const one of [error, new Error(wicked)]) {
        const told = shownLines(formatError(one, { look, verbose: true }), look);
        expect(told.replaceAll(styles, '')).not.toMatch(harmful);
        expect(told).toContain('\\x1b[31mREADY');
      }
    }
    const written: string[] = [];
    say({ isTTY: true, write: (one) => written.push(one) }, `in ${wicked}`);
    expect(written.join('')).not.toMatch(harmful);
  });

  test('the report of a run and the notice at logins are plain text', async () => {
    const difference = { what: wicked, explanation: null, details: [wicked], command: wicked, area: 'etc' } as const;
    const report = formatComparisonText({
      rows: [{ label: wicked, before: wicked, after: wicked, area: 'etc' }],
      differences: [difference, { ...difference, explanation: wicked }],
      oldProcesses: [{ unit: wicked, programs: [wicked] }],
    });
    expect(report).not.toMatch(harmful);
    expect(report.split('\n').filter((line) => line.startsWith('Next: '))).toEqual([]);
    const machine = new MemoryMachine(['live']);
    await tellLogins(machine, [`CG0223 ${wicked}`, wicked]);
    const notice = machine.files.get('/etc/motd.d/crossgrade') ?? '';
    expect(notice).toContain('\\x1b]0;pwned\\x07');
    expect(notice).not.toMatch(harmful);
  });

  test('the web page has nothing that a browser would hide or turn', () => {
    const finding = { ...someFindings('warning', 1)[0], title: wicked, detail: wicked, affected: [wicked] } as Finding;
    const report = reportOn('bookworm-minimal', { findings: [{ ...finding, remedies: [{ command: wicked }] }] });
    const page = htmlReport(report);
    expect(page).toContain('\\u202etxt.exe');
    expect(page).not.toMatch(harmful);
  });
});

test('a value that is shown is printable to the last text', () => {
  expect(printableIn({ a: ['\u0007', { '\u001b': '\n' }], n: 3 })).toEqual({ a: ['\\x07', { '\\x1b': '\\n' }], n: 3 });
});

test('nobody writes past the types: the standard streams are named in one place', () => {
  const folder = new URL('../../../src/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const naming = files.filter((name) =>
    /process\.std(out|err)\.write|console\.(log|error|warn|info)|as Printable\b/.test(
      readFileSync(new URL(name, folder), 'utf8'),
    ),
  );
  expect(naming).toEqual(['base/printable.ts']);
});
