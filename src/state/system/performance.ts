import type { Machine } from '../../base/machine.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { TargetSet } from '../../plan/plan.ts';
import type { Observer } from '../../run/event.ts';
import type { StepContext } from '../../run/step.ts';
import type { Interruption } from './interruption.ts';
import type { StateStore } from './state-store.ts';

/** What an action needs to be performed. */
export interface Performance {
  readonly machine: Machine;
  readonly store: StateStore;
  readonly pair: ArchitecturePair;
  readonly target: TargetSet;
  /** Step on whose behalf the action happens. */
  readonly step: string;
  readonly context: StepContext;
  readonly observe: Observer;
  /** An action that takes long, and that can be cut short without harm, looks at it. */
  readonly interruption: Interruption;
}
