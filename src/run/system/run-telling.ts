import type { Machine } from '../../base/machine.ts';
import type { Observer, RunEvent } from '../event.ts';
import { failureForRoot, nameRoot } from '../name-root.ts';
import { openJournal, type RunJournal } from './run-journal.ts';

/** Where what happens to a root is told: to who watches, and in the journal of the root. */
export interface RunTelling {
  readonly journal: RunJournal;
  /** To both; commands that are to be typed name the root. */
  readonly observe: Observer;
}

export function openTelling(machine: Machine, rootName: string, observe: Observer): RunTelling {
  const journal = openJournal(machine);
  return {
    journal,
    observe: (told) => {
      const event = withRoot(told, rootName);
      observe(event);
      journal.write(event);
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
