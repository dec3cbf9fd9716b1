import type { Machine } from '../../base/machine.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { TargetSet } from '../../plan/plan.ts';
import type { Observer } from '../../run/event.ts';
import type { StepContext } from '../../run/step.ts';
import type { Interruption } from './interruption.ts';
import type { StateStore } from './state-store.ts';

/** How a step tells what it does. */
export interface Telling {
  /** Step on whose behalf something happens. */
  readonly step: string;
  readonly observe: Observer;
}

/** What an action may need to be performed. */
export interface Performance extends Telling {
  readonly machine: Machine;
  readonly store: StateStore;
  readonly pair: ArchitecturePair;
  readonly target: TargetSet;
  readonly context: StepContext;
  /** An action that takes long, and that can be cut short without harm, looks at it. */
  readonly interruption: Interruption;
}

/** What performs the actions of a room, each by its name: one that is missing does not compile. */
export type Performers<Actions extends { readonly do: string }> = {
  readonly [Name in Actions['do']]: (
    performance: Performance,
    action: Extract<Actions, { readonly do: Name }>,
  ) => Promise<void>;
};
