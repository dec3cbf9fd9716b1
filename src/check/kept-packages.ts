import type { CheckInput } from './check.ts';

/** @returns packages that stay in the source architecture, as decided; sorted */
export function keptPackages({ solved }: CheckInput): string[] {
  return (solved?.plan.changes ?? [])
    .filter(({ change }) => change === 'kept-foreign')
    .map(({ name }) => name)
    .sort();
}
