import type { Observer, RunEvent } from '../core/event.ts';
import type { Machine } from '../core/machine.ts';
import type { CommonOptions } from './arguments.ts';
import { createScreen } from './create-screen.ts';
import { failureForRoot, nameRoot } from './name-root.ts';
import { openJournal, type RunJournal } from './run-journal.ts';
import type { Screen } from './screen.ts';
import type { Wiring } from './session.ts';

/** Where what happens to a root is told: on the screen, and in the journal of the root. */
export interface RunTelling {
  readonly screen: Screen;
  readonly journal: RunJournal;
  /** To both; commands that are to be typed name the root. */
  readonly observe: Observer;
  /** Waits until all is written. Safe to call more than once. */
  finish(): Promise<void>;
}

export function openTelling(machine: Machine, options: CommonOptions, wiring: Wiring): RunTelling {
  const screen = createScreen({ ...options, ...wiring });
  const journal = openJournal(machine);
  return {
    screen,
    journal,
    observe: (told) => {
      const event = withRoot(told, options.root);
      screen.observe(event);
      journal.write(event);
    },
    finish: async () => {
      await journal.written();
      await screen.finish();
    },
  };
}

/** What to type next, for this root. */
function withRoot(event: RunEvent, root: string): RunEvent {
  if (event.type === 'run-stopped') {
    return { ...event, next: nameRoot(event.next, root) };
  }
  if (event.type === 'step-failed') {
    return { ...event, failure: failureForRoot(event.failure, root) };
  }
  return event;
}
