import { aptActions } from '../../apt/system/apt-actions.ts';
import { CrossgradeError } from '../../base/error.ts';
import { comparisonFile, reportFile } from '../../base/own-paths.ts';
import { shellWords } from '../../base/shell-word.ts';
import { writeLog } from '../../base/system/logs.ts';
import { bootActions } from '../../boot/system/boot-actions.ts';
import { formatComparisonText } from '../../compare/comparison-text.ts';
import { verify } from '../../compare/system/verify.ts';
import { dataActions } from '../../data/system/data-actions.ts';
import { dpkgActions } from '../../dpkg/system/dpkg-actions.ts';
import { commitEtc } from '../../files/system/commit-etc.ts';
import { compareSinceReboot } from '../../network/system/reboot-network.ts';
import { startServices } from '../../services/system/service-check.ts';
import { rebuildVirtualenvs, recordLocalSoftware } from '../../software/system/keep-local-software.ts';
import { removeOwnCache } from '../../state/system/own-folders.ts';
import type { Performance, Performers } from '../../state/system/performance.ts';
import type { Action, RunAction } from '../step.ts';
import { planWithArchives } from './plan-with-archives.ts';
import { readFacts } from './read-facts.ts';
import { recordBefore, restoreTopFolders } from './record-before.ts';
import { saveForRescue } from './rescue.ts';

const runActions: Performers<RunAction> = {
  command,
  write: ({ machine }, { path, content, mode }) => machine.write(path, content, mode === undefined ? {} : { mode }),
  remove: ({ machine }, { path }) => machine.remove(path),
  'remove-tree': ({ machine }, { path }) => machine.removeTree(path),
  record: ({ machine, context }) => recordBefore(machine, context.facts),
  'restore-top-folders': async ({ machine, context }) => {
    if (context.record) await restoreTopFolders(machine, context.record);
  },
  'compare-shared-files': planWithArchives,
  'save-for-rescue': ({ machine, context }, { names }) => saveForRescue(machine, context, names),
  'remove-cache': ({ machine }) => removeOwnCache(machine),
  verify: compareWithBefore,
  milestone: ({ store }, { name }) =>
    store.update({ milestones: { ...store.state.milestones, [name]: new Date().toISOString() } }),
};

/** All that a step can ask for. */
const performers: Performers<Action> = {
  ...aptActions,
  ...bootActions,
  ...dataActions,
  ...dpkgActions,
  ...runActions,
  'compare-network': (performance) => compareSinceReboot(performance),
  'start-services': (performance, { units }) => startServices(performance, units),
  'record-local-software': recordLocalSoftware,
  'rebuild-virtualenvs': rebuildVirtualenvs,
  'commit-etc': commitEtc,
};

/** Does one action. The only place where an action meets the system. */
export async function perform(performance: Performance, action: Action): Promise<void> {
  // The key and the action are of one kind, which no type can say.
  const performer = performers[action.do] as (performance: Performance, action: Action) => Promise<void>;
  await performer(performance, action);
}

async function command(
  { machine, step, observe }: Performance,
  { argv, mayFail }: Extract<RunAction, { do: 'command' }>,
): Promise<void> {
  const begun = Date.now();
  const result = await machine.run(argv);
  observe({ type: 'command', step, argv, exitCode: result.exitCode, seconds: (Date.now() - begun) / 1000 });
  if (result.exitCode !== 0) {
    const said = `${result.stderr}\n${result.stdout}`
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, 8);
    const what = `${shellWords(argv)}      (exit code ${result.exitCode})`;
    if (mayFail) {
      for (const text of [what, ...said]) observe({ type: 'step-message', step, text });
      return;
    }
    throw new CrossgradeError(`${argv[0] ?? ''} failed.`, {
      code: 'CG0206',
      details: [what, ...said],
      hint: 'Nothing after this step has started. Mend the cause, then type crossgrade resume.',
    });
  }
}

async function compareWithBefore({ machine, store, pair, context }: Performance): Promise<void> {
  const { record: before, plan } = context;
  if (before === undefined) return;
  const facts = await readFacts(machine, store.state.milestones);
  const comparison = await verify(machine, pair, plan, before, facts);
  await machine.write(comparisonFile, JSON.stringify(comparison), { mode: 0o600 });
  await writeLog(machine, reportFile, formatComparisonText(comparison));
}
