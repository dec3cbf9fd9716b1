import { findPair } from '../../../src/debian/architecture.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import type { RunEvent } from '../../../src/run/event.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';
import type { Performance } from '../../../src/state/system/performance.ts';

export type Deed = (performance: Performance) => Promise<void>;

/** What of a run the deed looks at, beside the machine. */
export interface Circumstances {
  readonly step: string;
  /** As much of it as is needed. */
  readonly plan?: object;
  readonly store?: object;
}

/** Does something with the root opened for it, as a run would; what it says, and how it fails. */
export async function performOn(
  directory: string,
  deed: Deed,
  { step, plan, store }: Circumstances,
): Promise<{ said: string; failure?: unknown }> {
  const opened = await openRoot(directory, { access: 'write' });
  const told: string[] = [];
  try {
    const machine = realMachine(opened);
    const performance = {
      machine,
      store,
      pair: findPair('i386', 'amd64'),
      context: { facts: await readFacts(machine), plan },
      interruption: { requested: false },
      step,
      observe: (event: RunEvent) => void ('text' in event && told.push(event.text)),
    } as unknown as Performance;
    const failure = await deed(performance).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { said: told.join('\n'), ...(failure !== undefined && { failure }) };
  } finally {
    await opened.close();
  }
}
