import { PassThrough } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { printable, text } from '../../../src/base/printable.ts';
import { createScreen } from '../../../src/cli/screen/create-screen.ts';
import { drawFrame } from '../../../src/cli/screen/frame.ts';
import { createPainter } from '../../../src/cli/screen/painter.ts';
import { createPromptPort } from '../../../src/cli/screen/prompts.ts';
import { applyEvent, createRunView } from '../../../src/cli/screen/run-view.ts';
import type { ScreenStream } from '../../../src/cli/screen/screen.ts';
import { createJsonScreen } from '../../../src/cli/screen/screen-json.ts';
import { createListrScreen } from '../../../src/cli/screen/screen-listr.ts';
import { createPlainScreen } from '../../../src/cli/screen/screen-plain.ts';
import { createLook, type Output, plainLook, shownIn } from '../../../src/cli/screen/terminal.ts';
import type { WaveName } from '../../../src/plan/plan.ts';
import type { Observer, RunEvent, StepSummary } from '../../../src/run/event.ts';

const phases: Readonly<Record<string, readonly string[]>> = {
  prepare: ['Record the system', 'Accept amd64 packages', 'Keep apt out', 'Download the packages', 'Export databases'],
  kernel: ['Install the 64-bit kernel', 'Make the boot loader start it', 'Reboot'],
  switch: ['Add the libraries', 'Replace the core', 'Replace everything else', 'Configure what waits'],
  data: ['Rebuild caches', 'Restore databases', 'Restart services', 'Build the initramfs'],
  finish: ['Remove the 32-bit packages', 'Restore marks', 'Compare', 'Stop accepting i386 packages'],
};

const steps: readonly StepSummary[] = Object.entries(phases).flatMap(([phase, titles]) =>
  titles.map((title, index) => ({ id: `${phase}/${index}`, title, phase })),
);

interface Timed {
  readonly at: number;
  readonly event: RunEvent;
}

/** A whole run of 355 packages, with the times at which a real one could have sent its events. */
function* script(packages = 355): Generator<Timed> {
  let at = 0;
  const say = (event: RunEvent, ms = 0): Timed => {
    at += ms;
    return { at, event };
  };
  const title = (step: string): string => steps.find(({ id }) => id === step)?.title ?? step;
  function* quick(step: string, ms = 400): Generator<Timed> {
    yield say({ type: 'step-started', step, title: title(step) });
    yield say({ type: 'step-finished', step, seconds: ms / 1000 }, ms);
  }
  function* batch(step: string, id: string, wave: WaveName, count: number): Generator<Timed> {
    yield say({ type: 'batch-started', step, batch: id, wave, packages: count });
    for (const activity of ['unpack', 'configure']) {
      for (let done = 1; done <= count; done += 1) {
        const progress = { activity, done, total: count, unit: 'packages', current: `lib${done}:amd64` } as const;
        yield say({ type: 'step-progress', step, progress }, 200);
      }
    }
    yield say({ type: 'batch-finished', step, batch: id, seconds: count * 0.4, exitCode: 0 });
  }

  yield say({ type: 'run-started', root: '/', resumed: false, steps });
  yield* quick('prepare/0', 1500);
  yield say({ type: 'step-unneeded', step: 'prepare/1', title: title('prepare/1') });
  yield* quick('prepare/2');
  yield say({ type: 'step-started', step: 'prepare/3', title: title('prepare/3') });
  const total = packages * 2 ** 20;
  for (let done = 0; done <= packages; done += 1) {
    const progress = { activity: 'download', done: done * 2 ** 20, total, unit: 'bytes' } as const;
    yield say({ type: 'step-progress', step: 'prepare/3', progress }, 100);
  }
  yield say({ type: 'step-finished', step: 'prepare/3', seconds: packages / 10 });
  yield say({
    type: 'step-skipped',
    step: 'prepare/4',
    title: title('prepare/4'),
    reason: 'there is no database server',
  });
  for (const step of ['kernel/0', 'kernel/1', 'kernel/2']) {
    yield say({ type: 'step-skipped', step, title: title(step), reason: 'this root can not boot' });
  }
  yield say({ type: 'step-started', step: 'switch/0', title: title('switch/0') });
  yield* batch('switch/0', 'libraries-1', 'libraries', packages - 43);
  yield say({ type: 'step-finished', step: 'switch/0', seconds: (packages - 43) * 0.4 });
  yield say({ type: 'step-started', step: 'switch/1', title: title('switch/1') });
  yield say({ type: 'point-of-no-return', step: 'switch/1' });
  yield* batch('switch/1', 'core-1', 'core', 12);
  yield say({ type: 'step-message', step: 'switch/1', text: 'dpkg is\u001b[31m 64-bit\r\nnow' });
  yield* batch('switch/1', 'core-2', 'core', 31);
  yield say({ type: 'step-finished', step: 'switch/1', seconds: 17.2 });
  for (const { id } of steps.slice(10)) yield* quick(id);
  yield say({ type: 'run-finished', seconds: at / 1000 });
}

/** Plays a script at once, on a clock that shows the script's times. */
function play(observe: Observer, clock: { ms: number }, events: Iterable<Timed> = script()): void {
  for (const { at, event } of events) {
    clock.ms = at;
    observe(event);
  }
}

/** A terminal: understands what our painter writes, and shows what would be seen. */
class FakeTerminal implements ScreenStream {
  isTTY = true;
  columns: number;
  rows: number;
  written = '';
  #lines: string[] = [''];
  #row = 0;
  #column = 0;
  readonly #resized = new Set<() => void>();

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.written += text;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's language
    for (const [token] of text.matchAll(/\u001b\[([?\d;]*)([A-Za-z])|[^\u001b]/g)) this.#obey(token);
    return true;
  }

  on(event: string, listener: () => void): void {
    if (event === 'resize') this.#resized.add(listener);
  }

  off(_event: string, listener: () => void): void {
    this.#resized.delete(listener);
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    for (const listener of this.#resized) listener();
  }

  get listeners(): number {
    return this.#resized.size;
  }

  /** Everything that was ever on the screen and still is, scrolled-off lines included. */
  get lines(): string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  #obey(token: string): void {
    if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#row += 1;
    else if (token.startsWith('\u001b')) this.#control(token.slice(2, -1), token.slice(-1));
    else {
      const line = this.#at(this.#row).padEnd(this.#column);
      // Wrapping is off while we paint: what is too wide goes into the last column.
      const column = Math.min(this.#column, this.columns - 1);
      this.#lines[this.#row] = line.slice(0, column) + token + line.slice(column + 1);
      this.#column = column + 1;
    }
    this.#at(this.#row);
  }

  #control(values: string, command: string): void {
    if (command === 'A') this.#row = Math.max(0, this.#lines.length - this.rows, this.#row - Number(values));
    else if (command === 'K') this.#lines[this.#row] = this.#at(this.#row).slice(0, this.#column);
    else if (command === 'J') {
      this.#lines[this.#row] = this.#at(this.#row).slice(0, this.#column);
      this.#lines.length = this.#row + 1;
    } else if (!'mhl'.includes(command)) throw new Error(`unknown control: ${values}${command}`);
  }

  #at(row: number): string {
    while (this.#lines.length <= row) this.#lines.push('');
    return this.#lines[row] ?? '';
  }
}

function fileStream(): ScreenStream & { written: string; fail?: () => void } {
  const stream = {
    written: '',
    write(text: string) {
      stream.written += text;
      return true;
    },
    on: () => undefined,
    off: () => undefined,
  };
  return stream;
}

const environment = { TERM: 'xterm', LANG: 'C.UTF-8' };

describe('the plain screen', () => {
  function lines(events: Iterable<Timed> = script(), verbose = false): string[] {
    const stream = fileStream();
    const clock = { ms: 0 };
    play(createPlainScreen({ stream, environment, verbose, now: () => clock.ms }).observe, clock, events);
    return stream.written.trimEnd().split('\n');
  }

  test('tells a whole run in a few lines', () => {
    const all = lines();
    expect(all.slice(0, 7)).toEqual([
      'Crossgrading /: 20 steps',
      '[ 1/20] Record the system',
      '[ 1/20] Record the system: done in 2 s',
      '[ 2/20] Accept amd64 packages: nothing to do',
      '[ 3/20] Keep apt out',
      '[ 4/20] Download the packages',
      '        10 % downloaded (36.0/355.0 MiB)',
    ]);
    expect(all).toContain('[ 5/20] Export databases: skipped, there is no database server');
    expect(all).toContain('        libraries-1: 312 packages');
    expect(all).toContain('        50 % unpacked (156/312 packages)');
    expect(all).toContain('        libraries-1: done after 2 min 05 s');
    expect(all).toContain('        Point of no return: only forward from here.');
    expect(all).toContain('        dpkg is\\x1b[31m 64-bit');
    expect(all.at(-1)).toMatch(/^Done in \d+ min \d\d s\.$/);
    expect(all.length).toBeLessThan(90);
  });

  test('breaks long lines at spaces on a terminal, and leaves them whole in a file', () => {
    const events: RunEvent[] = [
      {
        type: 'run-started',
        root: '/',
        resumed: false,
        steps: [{ id: 'a/b', title: 'Do it', phase: 'switch' }],
      },
      { type: 'step-skipped', step: 'a/b', title: 'Do it', reason: 'this is not the running system' },
    ];
    const told = (terminal: { isTTY?: boolean; columns?: number }): string[] => {
      const stream = Object.assign(fileStream(), terminal);
      const { observe } = createPlainScreen({ stream, environment });
      for (const event of events) observe(event);
      return stream.written.trimEnd().split('\n').slice(1);
    };
    expect(told({})).toEqual(['[1/1] Do it: skipped, this is not the running system']);
    expect(told({ isTTY: true, columns: 30 })).toEqual([
      '[1/1] Do it: skipped, this is',
      '      not the running system',
    ]);
  });

  test('has no control characters and no colours', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(lines().join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });

  test('tells of slow progress every ten seconds, and of none not at all', () => {
    const at = (ms: number, done: number): Timed => ({
      at: ms,
      event: {
        type: 'step-progress',
        step: 'prepare/3',
        progress: { activity: 'check', done, total: 1000, unit: 'files' },
      },
    });
    const shown = lines([at(0, 0), at(5000, 20), at(11_000, 30), at(12_000, 40), at(30_000, 35), at(31_000, 50)]);
    expect(shown.map((line) => line.trim())).toEqual(['3 % checked (30/1000 files)', '5 % checked (50/1000 files)']);
  });

  test('shows why something failed, and commands only on request', () => {
    const events: Timed[] = [
      { type: 'run-started', root: '/srv/x', resumed: true, steps: steps.slice(0, 2) } as const,
      { type: 'step-started', step: 'prepare/0', title: 'Record the system' } as const,
      { type: 'command', step: 'prepare/0', argv: ['dpkg', '-C'], exitCode: 2, seconds: 1 } as const,
      {
        type: 'package-failed',
        step: 'prepare/0',
        failure: { package: 'a:amd64', message: 'script failed', output: ['oops'], consequence: false },
      } as const,
      {
        type: 'step-failed',
        step: 'prepare/0',
        failure: { code: 'CG0305', message: 'It failed.', hint: 'Try again.', details: ['log /x'] },
      } as const,
      { type: 'run-stopped', reason: 'failed', next: '`crossgrade resume`' } as const,
    ].map((event) => ({ at: 0, event }));
    expect(lines(events)).toEqual([
      'Crossgrading /srv/x: 2 steps, resumed',
      '[1/2] Record the system',
      '      a:amd64 failed: script failed',
      '        oops',
      '[1/2] Record the system: failed',
      '      CG0305  It failed.',
      '      log /x',
      '      Next: Try again.',
      'Stopped: a step failed. Next: `crossgrade resume`',
    ]);
    expect(lines(events, true)).toContain('      $ dpkg -C (exit code 2)');
  });
});

describe('the JSON screen', () => {
  test('writes each event on a line of its own, with a time and the version of the schema', () => {
    const stream = fileStream();
    const events = [...script(3)];
    const screen = createJsonScreen({ stream, date: () => new Date('2025-08-09T10:11:12.345Z') });
    for (const { event } of events) screen.observe(event);
    const lines = stream.written.trimEnd().split('\n');
    expect(lines).toHaveLength(events.length);
    expect(lines[1]).toBe(
      '{"schemaVersion":1,"time":"2025-08-09T10:11:12.345Z","type":"step-started","step":"prepare/0","title":"Record the system"}',
    );
    for (const [index, line] of lines.entries()) {
      expect(JSON.parse(line)).toEqual({ schemaVersion: 1, time: '2025-08-09T10:11:12.345Z', ...events[index]?.event });
    }
  });
});

describe('the frame', () => {
  const sizes = [
    [80, 24],
    [120, 40],
    [60, 20],
    [80, 14],
    [40, 8],
  ] as const;

  test.each(sizes)('fits %i×%i at every moment of a run and always shows the running step', (columns, rows) => {
    const clock = { ms: 0 };
    const view = createRunView({ root: '/', resumed: false, steps }, 0);
    for (const { at, event } of script(60)) {
      clock.ms = at;
      applyEvent(view, event, at);
      const lines = drawFrame(view, { look: plainLook, columns, rows: rows - 1, now: at, tick: 0 });
      expect(lines.length).toBeLessThan(rows);
      expect(lines.filter((line) => line.length >= columns)).toEqual([]);
      const running = view.phases.flatMap((phase) => phase.steps).find((step) => step.state === 'running');
      if (running !== undefined) expect(lines.join('\n')).toContain(running.title.slice(0, 20));
    }
  });

  test('looks like this in the middle of a run', () => {
    const view = createRunView({ root: '/', resumed: false, steps }, 0);
    let now = 0;
    for (const { at, event } of script()) {
      applyEvent(view, event, at);
      now = at;
      if (event.type === 'step-progress' && event.step === 'switch/1' && event.progress.done === 7) break;
    }
    expect(drawFrame(view, { look: plainLook, columns: 80, rows: 23, now, tick: 0 })).toEqual([
      'Crossgrading this system                             step 10 of 20   2 min 43 s',
      '',
      '+ Prepare  5 steps, 1 skipped                                              37 s',
      '- Kernel   3 steps, 3 skipped',
      '> Switch',
      '  + Add the libraries  312 packages                                  2 min 05 s',
      '  | Replace the core                                                        1 s',
      '      core-1  12 packages  1 s',
      '      Unpacking   [###############-----------]   7/12  lib7:amd64',
      '  . Replace everything else',
      '  . Configure what waits',
      '. Data     4 steps',
      '. Finish   4 steps',
      '',
      'Safe to interrupt: `crossgrade resume` goes on.',
      'Past the point of no return: only forward from here.',
    ]);
  });

  test('shows rate and remaining time of a download', () => {
    const view = createRunView({ root: '/', resumed: false, steps }, 0);
    for (const { at, event } of script()) {
      applyEvent(view, event, at);
      if (event.type !== 'step-progress' || event.progress.done < 100 * 2 ** 20) continue;
      const lines = drawFrame(view, { look: plainLook, columns: 80, rows: 23, now: at, tick: 0 });
      expect(lines.find((line) => line.includes('Downloading'))).toBe(
        '      Downloading [###---------]  100.0/355.0 MiB  10.0 MiB/s  26 s left',
      );
      return;
    }
    expect.unreachable();
  });
});

describe('the painter', () => {
  test('only writes lines that changed', () => {
    const terminal = new FakeTerminal(20, 10);
    const painter = createPainter(terminal, (text) => terminal.write(text));
    painter.paint(['one', 'two', 'three'].map(printable));
    const before = terminal.written.length;
    painter.paint(['one', '2', 'three'].map(printable));
    expect(terminal.written.slice(before)).not.toMatch(/one|three/);
    expect(terminal.lines).toEqual(['one', '2', 'three', '']);
    const same = terminal.written.length;
    painter.paint(['one', '2', 'three'].map(printable));
    expect(terminal.written.length).toBe(same);
    painter.paint(['one'].map(printable));
    expect(terminal.lines).toEqual(['one', '']);
    painter.paint(['one', 'a', 'b'].map(printable));
    expect(terminal.lines).toEqual(['one', 'a', 'b', '']);
    painter.clear();
    expect(terminal.lines).toEqual(['']);
  });
});

describe('the live screen', () => {
  function start(columns = 80, rows = 24) {
    const terminal = new FakeTerminal(columns, rows);
    const other = fileStream();
    const clock = { ms: 0 };
    const screen = createListrScreen({ stream: terminal, other, environment, color: false, now: () => clock.ms });
    return { terminal, other, clock, screen };
  }

  test('leaves a last frame with every step and its duration', async () => {
    const { terminal, clock, screen } = start();
    play(screen.observe, clock);
    await screen.finish();
    await screen.finish();
    const text = terminal.lines.join('\n');
    for (const { title } of steps) expect(text).toContain(title);
    expect(text).toMatch(/✔ Add the libraries {2}312 packages +2 min 05 s/);
    expect(text).toContain('↓ Export databases  skipped: there is no database server');
    expect(text).toMatch(/✔ Accept amd64 packages +nothing to do/);
    expect(text).toMatch(/✔ Done in \d min \d\d s\./);
    expect(terminal.written.endsWith('\u001b[?25h')).toBe(true);
    expect(terminal.listeners).toBe(0);
  });

  test('never scrolls and follows the run and the size of the terminal', async () => {
    vi.useFakeTimers();
    try {
      const { terminal, clock, screen } = start(80, 24);
      let count = 0;
      for (const { at, event } of script(60)) {
        clock.ms = at;
        screen.observe(event);
        await vi.advanceTimersByTimeAsync(130);
        count += 1;
        if (count === 50) terminal.resize(60, 18);
        if (count === 90) terminal.resize(100, 30);
        if (event.type !== 'run-finished') expect(terminal.lines.length).toBeLessThanOrEqual(terminal.rows);
        if (event.type === 'step-started') expect(terminal.lines.join('\n')).toContain(event.title);
      }
      await screen.finish();
      expect(terminal.lines.join('\n')).toContain('Done in');
    } finally {
      vi.useRealTimers();
    }
  });

  test('shows a failure with all of its details, and what to type next once', async () => {
    const { terminal, clock, screen } = start(60, 20);
    const long = `dpkg --configure --pending      (exit code 1; log /var/log/crossgrade/${'x'.repeat(40)}.log)`;
    const failure = { code: 'CG0305', message: 'One package failed.', hint: 'Look at the log.', details: [long] };
    for (const { at, event } of script(60)) {
      if (event.type === 'step-finished' && event.step === 'switch/1') break;
      play(screen.observe, clock, [{ at, event }]);
    }
    screen.observe({
      type: 'package-failed',
      step: 'switch/1',
      failure: { package: 'a:amd64', message: 'script failed', output: ['oops'], consequence: false },
    });
    screen.observe({ type: 'step-failed', step: 'switch/1', failure });
    screen.observe({ type: 'run-stopped', reason: 'failed', next: '`crossgrade resume`' });
    await screen.finish();
    const text = terminal.lines.join('\n');
    expect(text).toMatch(/✖ Replace the core {2}1 failed/);
    expect(text).toContain('✖ a:amd64: script failed');
    expect(text).toContain('CG0305  One package failed.');
    expect(terminal.written.replace(/\s+/g, ' ')).toContain(long.replace(/\s+/g, ' '));
    expect(text.match(/Next:/g)).toHaveLength(1);
    expect(text).toContain('Next: Look at the log.');
    expect(text).toContain('· Finish   4 steps');
  });

  test('gives back what others wrote meanwhile', async () => {
    const { other, clock, screen } = start();
    const events = [...script(3)];
    play(screen.observe, clock, events.slice(0, 5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    other.write(text`a stray line\n`);
    expect(other.written).toBe('');
    play(screen.observe, clock, events.slice(5));
    await screen.finish();
    expect(other.written).toContain('a stray line\n');
  });

  test('that breaks does not stop the run', async () => {
    const { terminal, clock, screen } = start();
    const events = [...script(3)];
    play(screen.observe, clock, events.slice(0, 9));
    await new Promise((resolve) => setTimeout(resolve, 20));
    Object.defineProperty(terminal, 'columns', {
      get: () => {
        throw new Error('EIO');
      },
    });
    expect(() => play(screen.observe, clock, events.slice(9))).not.toThrow();
    await screen.finish();
  });

  test('ends in peace when nothing ever began, or the end never came', async () => {
    await start().screen.finish();
    const { screen, clock, terminal } = start();
    play(screen.observe, clock, [...script(3)].slice(0, 9));
    await screen.finish();
    expect(terminal.lines.join('\n')).toContain('Record the system');
  });

  test('shows a step that nobody announced', async () => {
    const { screen, clock, terminal } = start();
    play(screen.observe, clock, [...script(3)].slice(0, 3));
    screen.observe({ type: 'step-started', step: 'prepare/extra', title: 'Something else' });
    screen.observe({ type: 'step-finished', step: 'prepare/extra', seconds: 3 });
    await screen.finish();
    expect(terminal.lines.join('\n')).toMatch(/✔ Something else +3 s/);
  });
});

describe('every screen', () => {
  test('survives a stream that fails', async () => {
    const stream: ScreenStream = {
      isTTY: true,
      columns: 80,
      rows: 24,
      write: () => {
        throw new Error('EPIPE');
      },
      on: () => undefined,
      off: () => undefined,
    };
    for (const [output, term] of [
      ['json', 'xterm'],
      ['text', 'dumb'],
      ['text', 'xterm'],
    ] as const) {
      const choice = {
        output,
        color: true,
        verbose: true,
        stdout: stream,
        stderr: stream,
        environment: { TERM: term },
      };
      const screen = createScreen(choice);
      expect(() => play(screen.observe, { ms: 0 }, script(3))).not.toThrow();
      await screen.finish();
    }
  });

  test('is chosen by what was asked for and by what the terminal can do', () => {
    const first = (output: 'text' | 'json', tty: boolean): string => {
      const stdout = fileStream();
      const stderr = Object.assign(fileStream(), { isTTY: tty, columns: 80, rows: 24 });
      const screen = createScreen({ output, color: true, verbose: false, stdout, stderr, environment });
      screen.observe({ type: 'run-started', root: '/', resumed: false, steps });
      void screen.finish();
      return stdout.written === '' ? `stderr ${stderr.written.slice(0, 12)}` : `stdout ${stdout.written.slice(0, 17)}`;
    };
    expect(first('json', true)).toBe('stdout {"schemaVersion":');
    expect(first('text', false)).toBe('stderr Crossgrading');
    expect(first('text', true)).toContain('stderr \u001b[?25l');
  });

  test.each([[['--output', 'text']], [['--output=text']]])(
    'is lines and numbers where text is asked for, whatever the terminal can do: %s',
    async (words) => {
      const plain = shownIn(environment, ['resume', ...words]);
      const terminal = () => Object.assign(fileStream(), { isTTY: true, columns: 80, rows: 24 });
      const stderr = terminal();
      const screen = createScreen({
        output: 'text',
        color: true,
        verbose: false,
        stdout: terminal(),
        stderr,
        environment: plain,
      });
      play(screen.observe, { ms: 0 }, script(3));
      await screen.finish();
      const { paint, signs } = createLook(stderr, plain);
      expect([paint('red', 'no colour'), signs]).toEqual(['no colour', plainLook.signs]);

      const input = Object.assign(new PassThrough(), { isTTY: true });
      const asked = terminal();
      const port = createPromptPort(input as unknown as NodeJS.ReadStream, asked as unknown as Output, plain);
      input.write('2\n');
      const choices = ['begin', 'stop'].map((value) => ({ value, name: printable(value) }));
      await expect(port.select({ message: text`What now?`, choices, preselected: 'begin' })).resolves.toBe('stop');
      input.end();
      await expect(port.confirm({ message: text`Go on?`, byDefault: false })).rejects.toThrow();
      expect(asked.written).toBe(
        'What now?\n  1) begin\n  2) stop\nType a number, or Enter for 1: Go on? Type yes or no, or Enter for no: \n',
      );
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them shall be there
      expect(stderr.written + asked.written).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    },
  );
});
