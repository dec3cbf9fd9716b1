import type { ListrRenderer, ListrTask, ListrTaskObject } from 'listr2';
import { Listr, ProcessOutput } from 'listr2';
import { type Printable, text } from '../../base/printable.ts';
import type { RunEvent } from '../../run/event.ts';
import { drawFrame } from './frame.ts';
import { drawLastFrame } from './frame-end.ts';
import type { FrameOptions } from './frame-line.ts';
import type { Painter } from './painter.ts';
import { createPainter } from './painter.ts';
import type { PhaseView, RunView, StepView } from './run-view.ts';
import { applyEvent, createRunView, isSettled } from './run-view.ts';
import type { Screen, ScreenOptions, ScreenStream } from './screen.ts';
import { writeSafely } from './screen.ts';
import { createLook, printLines } from './terminal.ts';

/** Calm, and enough to see that something is going on. */
const tickMs = 120;

export interface ListrScreenOptions extends ScreenOptions {
  /**
   * The other of the two standard streams: what anyone writes to it while the list is on the screen is held
   * back until the end.
   */
  readonly other?: ScreenStream;
}

/**
 * A live list of phases and steps on a terminal. listr2 owns the list: one task for each phase and each step,
 * which does nothing but wait for the events of its step. Its default renderer neither fits a list into the
 * terminal's height nor spares a slow line, so it gets one of ours.
 */
export function createListrScreen(options: ListrScreenOptions): Screen {
  const now = options.now ?? Date.now;
  const look = createLook(options.stream, options.environment, options.color);
  let live: LiveList | undefined;

  const handle = (event: RunEvent): void => {
    if (event.type === 'run-started') live ??= startList(createRunView(event, now()), options, look, now);
    else live?.handle(event);
  };

  return {
    observe: (event) => {
      try {
        handle(event);
      } catch {
        // A screen that breaks must not stop a crossgrade.
      }
    },
    finish: async () => {
      await live?.finish();
    },
  };
}

interface LiveList {
  handle(event: RunEvent): void;
  finish(): Promise<void>;
}

function startList(
  view: RunView,
  options: ListrScreenOptions,
  look: FrameOptions['look'],
  now: () => number,
): LiveList {
  const gates = new Map<StepView, Gate>();
  const gateOf = (step: StepView): Gate => {
    const gate = gates.get(step) ?? createGate();
    gates.set(step, gate);
    return gate;
  };
  const runEnd = createGate();
  const frameOptions = (tick: number): FrameOptions => ({
    look,
    columns: options.stream.columns ?? 80,
    // The cursor stands below the frame; a frame as high as the terminal would scroll at every change.
    rows: Math.max(1, (options.stream.rows ?? 24) - 1),
    now: now(),
    tick,
  });
  const canvas: Canvas = {
    stream: options.stream,
    other: options.other,
    draw: (tick) => printLines(drawFrame(view, frameOptions(tick)), look),
    drawLast: () => printLines(drawLastFrame(view, frameOptions(0)), look),
  };
  const list = new Listr(
    [
      ...view.phases.map((phase) => phaseTask(phase, gateOf)),
      // The last step's end is not the run's: the last frame also says how the run ended.
      { task: () => runEnd.opened },
    ],
    {
      renderer: FrameRenderer,
      rendererOptions: { canvas },
      exitOnError: false,
      // listr2 would end the process with code 127; interrupting is the engine's business.
      registerSignalListeners: false,
    },
  );
  const ended = list.run().then(
    () => undefined,
    () => undefined,
  );

  const settle = (everything: boolean): void => {
    for (const step of view.phases.flatMap((phase) => phase.steps)) {
      if (everything || isSettled(step)) gateOf(step).open();
    }
    if (everything) runEnd.open();
  };
  return {
    handle: (event) => {
      applyEvent(view, options.verbose === true ? showCommand(event) : event, now());
      settle(view.end !== undefined);
    },
    finish: async () => {
      settle(true);
      await ended;
    },
  };
}

/** For those who want to see everything: a command is one more thing that its step says. */
function showCommand(event: RunEvent): RunEvent {
  if (event.type !== 'command') return event;
  return { type: 'step-message', step: event.step, text: `$ ${event.argv.join(' ')}` };
}

function phaseTask(phase: PhaseView, gateOf: (step: StepView) => Gate): ListrTask<unknown, typeof FrameRenderer> {
  return {
    title: phase.name,
    task: (_context, task) => task.newListr(phase.steps.map((step) => stepTask(step, gateOf(step)))),
  };
}

function stepTask(step: StepView, gate: Gate): ListrTask<unknown, typeof FrameRenderer> {
  return {
    title: step.title,
    task: async (_context, task) => {
      await gate.opened;
      if (step.state === 'failed') throw new Error(step.failure?.message ?? step.title);
      if (step.state === 'skipped') task.skip(step.reason);
      else if (step.state === 'waiting') task.skip('not reached');
    },
  };
}

/** What a task waits for. */
interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function createGate(): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

interface Canvas {
  readonly stream: ScreenStream;
  readonly other: ScreenStream | undefined;
  draw(tick: number): Printable[];
  drawLast(): Printable[];
}

/** listr2's side of the screen: begins and ends with the list, draws at every tick, leaves the last frame. */
class FrameRenderer implements ListrRenderer {
  /** We decide ourselves whether there is a terminal; listr2 would only ask `process.stdout`. */
  static nonTTY = true;
  static rendererOptions: { canvas?: Canvas } = {};
  static rendererTaskOptions: Record<string, never> = {};

  readonly #canvas: Canvas;
  readonly #output: ProcessOutput;
  readonly #write: (text: Printable) => void;
  readonly #painter: Painter;
  #timer: NodeJS.Timeout | undefined;
  #tick = 0;

  constructor(_tasks: ListrTaskObject<unknown, typeof FrameRenderer>[], { canvas }: { canvas?: Canvas }) {
    if (canvas === undefined) throw new Error('a FrameRenderer needs a canvas');
    this.#canvas = canvas;
    const { stream } = canvas;
    const other = canvas.other ?? (stream === (process.stderr as ScreenStream) ? process.stdout : process.stderr);
    // ProcessOutput uses nothing of a stream but `write`.
    this.#output = new ProcessOutput(stream as NodeJS.WriteStream, other as NodeJS.WriteStream);
    // The stream's own `write` belongs to listr2 while the list is on the screen.
    this.#write = writeSafely(stream, (text) => {
      this.#output.toStdout(text, false);
    });
    this.#painter = createPainter(stream, this.#write);
  }

  render = (): void => {
    attempt(() => this.#output.hijack());
    process.once('exit', this.#release);
    this.#timer = setInterval(this.#draw, tickMs);
    // The list must not keep the process alive once the engine has ended without a word.
    this.#timer.unref();
    this.#canvas.stream.on('resize', this.#draw);
    this.#draw();
  };

  end = (): void => {
    clearInterval(this.#timer);
    this.#canvas.stream.off('resize', this.#draw);
    attempt(() => {
      const lines = this.#canvas.drawLast();
      this.#painter.clear();
      for (const line of lines) this.#write(text`${line}\r\n`);
    });
    process.off('exit', this.#release);
    this.#release();
  };

  #draw = (): void => {
    // The reader is behind: leaving out a frame is better than queueing it.
    if (this.#canvas.stream.writableNeedDrain === true) return;
    attempt(() => this.#painter.paint(this.#canvas.draw(this.#tick)));
    this.#tick += 1;
  };

  /** Shows the cursor and what others wrote meanwhile; also when the process ends in the middle of a run. */
  #release = (): void => {
    attempt(() => this.#output.release());
  };
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // A broken terminal must not stop a crossgrade.
  }
}
