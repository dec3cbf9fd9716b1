import type { ArchitecturePair } from '../core/architecture.ts';
import type { Observer } from '../core/event.ts';
import type { Machine } from '../core/machine.ts';
import type { TargetSet } from '../core/plan.ts';
import type { StepContext } from '../core/step.ts';
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
