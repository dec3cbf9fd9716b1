import { listsFolder } from '../../base/own-paths.ts';
import type { AptAction } from '../../plan/package-actions.ts';
import type { Performance, Performers } from '../../state/system/performance.ts';
import { readListTrouble } from '../apt-update.ts';
import { download } from './download.ts';
import { assertUsable, targetLists, updateCommand } from './solve.ts';

export const aptActions: Performers<AptAction> = {
  'update-lists': updateLists,
  download: (performance, { archives }) => download(performance, archives),
};

/** The lists that the plan was made with; a resume, which has them no more, fetches them anew. */
async function updateLists({ machine, pair }: Performance): Promise<void> {
  const lists = `${targetLists(machine)}/lists` as const;
  if (await machine.exists(lists)) {
    const copied = await machine.run(
      ['find', lists, '-maxdepth', '1', '-type', 'f', '!', '-name', 'lock', '!', '-name', '*_local_*'].concat([
        '-exec',
        'cp',
        '--archive',
        '--target-directory',
        listsFolder,
        '{}',
        '+',
      ]),
    );
    if (copied.exitCode === 0) {
      return;
    }
  }
  assertUsable(readListTrouble(await machine.run(updateCommand, { needsNetwork: true }), pair), pair, true);
}
