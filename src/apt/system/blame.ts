import type { CommandResult } from '../../base/root.ts';
import { type Conflict, readErrors, readUnmet, type Unmet } from '../../debian/conflict.ts';

export interface Blame extends Conflict {
  /** apt's answer without the blamed; absent when no few names are to blame. */
  readonly solved?: CommandResult;
}

export type Ask = (wanted: readonly string[]) => Promise<CommandResult>;

/** apt needs a second or two for an answer. */
const mostRounds = 6;
/** More than that, and it is not single packages that are to blame. */
const mostBlamed = 12;

/**
 * Finds out without which of the wanted packages apt has a solution: those that it complains of are left out until it
 * is content, then each is tried again. What it names is often not the culprit itself, but what needs it.
 *
 * @param wanted arguments for apt: `name`, `name=version`, `name:architecture=version`
 * @param failed its answer to all of them
 */
export async function findBlame(ask: Ask, wanted: readonly string[], failed: CommandResult): Promise<Blame> {
  const unmet = readUnmet(textOf(failed));
  const said = unmet.length > 0 ? [] : readErrors(textOf(failed));
  let left = wanted;
  let answer = failed;
  for (let round = 0; round < mostRounds && answer.exitCode !== 0; round += 1) {
    const named = namedIn(readUnmet(textOf(answer)), readErrors(textOf(answer)));
    const without = left.filter((one) => !named.has(argumentName(one)));
    if (without.length === left.length || wanted.length - without.length > mostBlamed) {
      return { unmet, said, blamed: [] };
    }
    left = without;
    answer = await ask(left);
  }
  if (answer.exitCode !== 0) {
    return { unmet, said, blamed: [] };
  }
  for (const one of wanted.filter((each) => !left.includes(each))) {
    const again = await ask([...left, one]);
    if (again.exitCode === 0) {
      left = [...left, one];
      answer = again;
    }
  }
  const blamed = wanted.filter((one) => !left.includes(one)).map(argumentName);
  return { unmet: await reasonsFor(ask, left, wanted, unmet), said, blamed, solved: answer };
}

/** What keeps each of those from being installed that are left out now, if apt did not say so at once. */
async function reasonsFor(
  ask: Ask,
  left: readonly string[],
  wanted: readonly string[],
  first: readonly Unmet[],
): Promise<Unmet[]> {
  const reasons: Unmet[] = [];
  for (const one of wanted.filter((each) => !left.includes(each))) {
    const known = first.filter(({ name }) => name === argumentName(one));
    reasons.push(...(known.length > 0 ? known : readUnmet(textOf(await ask([...left, one])))));
  }
  return reasons;
}

function namedIn(unmet: readonly Unmet[], errors: readonly string[]): Set<string> {
  const inErrors = errors.flatMap((error) => [...error.matchAll(/(?<=package |Package '|for ')[^\s']+/g)]);
  return new Set([...unmet.map(({ name }) => argumentName(name)), ...inErrors.map(([name]) => argumentName(name))]);
}

/** @param argument for apt: `name=version` */
export function argumentName(argument: string): string {
  return argument.replace(/[:=].*$/, '');
}

function textOf({ stdout, stderr }: CommandResult): string {
  return `${stdout}\n${stderr}`;
}
