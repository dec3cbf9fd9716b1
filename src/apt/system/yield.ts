import type { CommandResult } from '../../base/root.ts';
import type { Conflict } from '../../debian/conflict.ts';
import type { Request } from '../../plan/request.ts';
import { type Ask, argumentName, findBlame } from './blame.ts';

/** What apt has found in the place of the system with everything as it is. */
export interface Yielded {
  /** Absent when no few names are to blame. */
  readonly solved?: {
    readonly answer: CommandResult;
    /** Names that apt was not asked for, and of which nobody has to decide. */
    readonly unasked: readonly string[];
  };
  /** Absent when everything is there that somebody wants. */
  readonly conflict?: Conflict;
}

/**
 * Where apt finds no system with everything as it is: what is there from nowhere, and need not be, yields before anything
 * else does, and only as much of it as must. For the rest it is found out who is to blame.
 *
 * @param failed apt's answer to all that is wanted
 */
export async function yieldOrBlame(ask: Ask, request: Request, failed: CommandResult): Promise<Yielded> {
  const { fallbacks } = request;
  const asked = withFallbacks(request.arguments, fallbacks, new Set(fallbacks.keys()));
  const first = fallbacks.size === 0 ? failed : await ask(asked);
  if (first.exitCode === 0) return { solved: await takeBack(ask, request.arguments, fallbacks, first) };
  const { solved, ...conflict } = await findBlame(ask, asked, first);
  if (solved === undefined) return { conflict };
  const blamed = new Set(conflict.blamed);
  const left = request.arguments.filter((one) => !blamed.has(argumentName(one)));
  return { solved: await takeBack(ask, left, fallbacks, solved), conflict };
}

/**
 * All as it was wanted, but for as few as must yield: halves of them are tried again, and halves of those that fail.
 *
 * @param yielding apt's answer when all of them do
 */
async function takeBack(
  ask: Ask,
  wanted: readonly string[],
  fallbacks: Request['fallbacks'],
  yielding: CommandResult,
): Promise<NonNullable<Yielded['solved']>> {
  const yielded = new Set(wanted.filter((one) => fallbacks.has(one)));
  let answer = yielding;
  const tryWith = async (some: readonly string[]): Promise<void> => {
    if (some.length === 0) return;
    const others = new Set([...yielded].filter((one) => !some.includes(one)));
    const again = await ask(withFallbacks(wanted, fallbacks, others));
    if (again.exitCode === 0) {
      answer = again;
      for (const one of some) yielded.delete(one);
    } else if (some.length > 1) {
      const half = Math.ceil(some.length / 2);
      await tryWith(some.slice(0, half));
      await tryWith(some.slice(half));
    }
  };
  await tryWith([...yielded]);
  return { answer, unasked: [...yielded].filter((one) => fallbacks.get(one) === undefined).map(argumentName) };
}

function withFallbacks(
  wanted: readonly string[],
  fallbacks: Request['fallbacks'],
  yielded: ReadonlySet<string>,
): string[] {
  return wanted.flatMap((one) => (yielded.has(one) ? (fallbacks.get(one) ?? []) : [one]));
}
