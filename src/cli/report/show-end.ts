import { exitCodes } from '../../base/exit-codes.ts';
import type { Machine } from '../../base/machine.ts';
import { comparisonFile, logFolder, reportFile } from '../../base/own-paths.ts';
import { printableIn } from '../../base/printable.ts';
import type { Comparison } from '../../compare/comparison.ts';
import { describeItem } from '../../data/exports.ts';
import { unimported } from '../../data/outcome.ts';
import { readExportsOf } from '../../data/system/carry.ts';
import { comparisonForRoot, nameRoot } from '../../run/name-root.ts';
import type { CommonOptions } from '../arguments/arguments.ts';
import type { Shell } from '../commands/wiring.ts';
import type { Screen } from '../screen/screen.ts';
import { createLook, shownLines } from '../screen/terminal.ts';
import { say } from '../words/text.ts';
import { formatComparison } from './comparison-view.ts';

/** How a run, or the way back, came to its end without a failure. */
export type RunOutcome = 'finished' | 'interrupted' | 'until' | 'taken-back';

/** @returns the exit code */
export async function showEnd(
  outcome: RunOutcome,
  machine: Machine,
  options: CommonOptions,
  { stdout, stderr, environment }: Shell,
  screen: Screen,
): Promise<number> {
  const inside = options.root === '/' ? '' : ' (inside the root)';
  switch (outcome) {
    case 'interrupted':
      return exitCodes.interrupted;
    case 'until':
      return exitCodes.done;
    case 'taken-back':
      say(stderr, `Everything was taken back: all is as it was before. The logs stay in ${logFolder}${inside}.`);
      return exitCodes.done;
    case 'finished': {
      const found = JSON.parse(await machine.readText(comparisonFile)) as Comparison;
      const comparison = comparisonForRoot(found, options.root);
      const exports = await readExportsOf(machine);
      const left = unimported(exports);
      const exitCode = left.length > 0 ? exitCodes.failed : exitCodes.done;
      if (options.output === 'json') {
        screen.observe({ type: 'compared', comparison });
        return exitCode;
      }
      const look = createLook(stdout, environment, options.color);
      stdout.write(shownLines(formatComparison(printableIn(comparison), { look, columns: stdout.columns }), look));
      say(stderr, `The report is in ${reportFile}, the logs are in ${logFolder}${inside}.`);
      if (left.length > 0) {
        const again = nameRoot('crossgrade resume', options.root);
        const names = left.map(describeItem).join(', ');
        say(stderr, `NOT carried over: ${names}. Nothing of it is lost, see above; then type ${again}.`);
        return exitCode;
      }
      if (machine.root.kind === 'host') {
        for (const line of afterwards(machine.root.can.has('boot'), exports !== undefined)) say(stderr, line);
      }
      return exitCode;
    }
  }
}

/** What is left to the administrator of a host. */
function afterwards(boots: boolean, hasExports: boolean): string[] {
  return [
    '',
    boots
      ? 'This is a 64-bit system now. Reboot once, when it suits you, to see that it starts as it shall: systemctl reboot'
      : 'This is a 64-bit system now.',
    'To go on to the next release of Debian, follow its release notes:',
    'https://www.debian.org/releases/stable/releasenotes',
    `crossgrade is not needed any more: apt purge crossgrade. Its logs ${hasExports ? 'and the exports ' : ''}stay.`,
  ];
}
