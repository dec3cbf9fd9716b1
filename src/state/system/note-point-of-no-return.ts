import { pointOfNoReturn } from '../state.ts';
import type { StateStore } from './state-store.ts';

/** On the disk before the first program is replaced: whatever comes after this, a rollback is refused. */
export async function notePointOfNoReturn(store: StateStore): Promise<void> {
  const { milestones } = store.state;
  if (pointOfNoReturn in milestones) return;
  await store.update({ milestones: { ...milestones, [pointOfNoReturn]: new Date().toISOString() } });
}
