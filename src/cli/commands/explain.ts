import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import { nearestFew } from '../../base/nearest.ts';
import { joinLines, printableJson } from '../../base/printable.ts';
import { questionOf } from '../../check/answers-file.ts';
import type { Command } from '../arguments/arguments.ts';
import { formatExplanation, formatIds } from '../report/explain-view.ts';
import { createLook, shownLines } from '../screen/terminal.ts';
import { allExplanations } from '../words/explanations.ts';
import { wordOf } from '../words/words.ts';
import type { Wiring } from './wiring.ts';

/** Says what a finding, check, decision, step or error code means; lists them all when none is named. */
export function explainCommand(options: Command & { name: 'explain' }, wiring: Wiring): number {
  const { stdout, environment, checks, steps } = wiring;
  const view = { look: createLook(stdout, environment, options.color), columns: stdout.columns };
  const all = allExplanations(checks, steps);
  const wanted = options.id?.toLowerCase();
  const found =
    wanted === undefined
      ? all
      : all.filter(
          ({ id }) => [wanted, wordOf(wanted), questionOf(wanted)].includes(id) || id.toLowerCase() === wanted,
        );
  if (found.length === 0) {
    const near = nearestFew(
      wanted ?? '',
      all.map(({ id }) => id),
      5,
    );
    throw new CrossgradeError(`There is nothing called ${options.id} to explain.`, {
      code: 'CG0011',
      hint:
        near.length > 0 ? `Did you mean: ${near.join(', ')}?` : 'crossgrade explain, without an id, lists them all.',
      exitCode: exitCodes.usage,
    });
  }
  if (options.output === 'json') {
    stdout.write(joinLines(found.map((one) => printableJson(one))));
  } else {
    const lines =
      wanted === undefined
        ? formatIds(found, view)
        : found.flatMap((one, index) => [...(index > 0 ? [''] : []), ...formatExplanation(one, view)]);
    stdout.write(shownLines(lines, view.look));
  }
  return exitCodes.done;
}
