import type { StateStore } from './state-store.ts';

/** @returns instances that a finished crossgrade of this root has left as it had planned: what is kept was decided then */
export async function keptAsPlanned(store: StateStore): Promise<ReadonlySet<string>> {
  const state = await store.load();
  if (!state || state.finishedAt === null) return new Set();
  return new Set(Object.keys((await store.plan()).endState));
}
