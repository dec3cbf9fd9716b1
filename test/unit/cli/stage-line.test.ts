import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStageLine } from '../../../src/cli/screen/stage-line.ts';

const environment = { TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1' };
let written: string[];

function stream(changes: { isTTY?: boolean; columns?: number } = {}) {
  return { isTTY: true, columns: 80, rows: 24, write: (text: string) => written.push(text) > 0, ...changes };
}

beforeEach(() => {
  written = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test('one line says what is being done and for how long, and is gone at the end', () => {
  const { onStage, end } = createStageLine(stream(), environment);
  const fetched = onStage('fetching the package lists');
  const looked = onStage('looking at the machine');
  vi.advanceTimersByTime(1000);
  fetched();
  looked();
  vi.advanceTimersByTime(5000);
  onStage('asking apt');
  end();
  end();
  vi.advanceTimersByTime(5000);
  expect(written.map((text) => text.replace('\r\u001b[K', '<'))).toEqual([
    '<fetching the package lists …',
    '<fetching the package lists, looking at the machine …',
    '<fetching the package lists, looking at the machine … 1 s',
    '<looking at the machine … 1 s',
    '<asking apt … 6 s',
    '<',
  ]);
});

test('it never gets as wide as the terminal, which would break it', () => {
  const { onStage, end } = createStageLine(stream({ columns: 40 }), environment);
  onStage('looking at everything that there is on this machine');
  end();
  expect(written[0]?.replace('\r\u001b[K', '')).toBe('looking at everything that there is… …');
});

test('a terminal that cannot draw a line again gets a line for each', () => {
  const { onStage, end } = createStageLine(stream(), { ...environment, TERM: 'dumb' });
  onStage('reading')();
  onStage('asking');
  vi.advanceTimersByTime(5000);
  end();
  expect(written).toEqual(['reading ...\n', 'asking ...\n']);
});

test.each([
  ['a file or a pipe', stream({ isTTY: false }), {}],
  ['a terminal beside which a program reads', stream(), { quiet: true }],
])('%s gets none', (_name, to, options) => {
  const { onStage, end } = createStageLine(to, environment, options);
  onStage('reading')();
  vi.advanceTimersByTime(5000);
  end();
  expect(written).toEqual([]);
});
