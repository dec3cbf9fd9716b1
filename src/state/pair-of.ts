import { CrossgradeError } from '../base/error.ts';
import { type ArchitecturePair, findPair } from '../debian/architecture.ts';
import type { State } from './state.ts';

/** @throws {CrossgradeError} CG0146 when the state names architectures that this crossgrade does not know */
export function pairOf(state: State): ArchitecturePair {
  const pair = findPair(state.sourceArchitecture, state.targetArchitecture);
  if (!pair) {
    throw new CrossgradeError(
      `This run leads from ${state.sourceArchitecture} to ${state.targetArchitecture}, which this crossgrade does not know.`,
      { code: 'CG0146', hint: 'Nothing was changed. Go on with the crossgrade that began this run.' },
    );
  }
  return pair;
}
