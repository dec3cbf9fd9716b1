import { parseDiversions } from '../core/diversions.ts';
import { CrossgradeError } from '../core/error.ts';
import type { EtcChange } from '../core/explain-etc.ts';
import type { Machine, RootPath } from '../core/machine.ts';
import { dpkgFolder, sharedFolder, sharedMarker } from '../core/paths.ts';
import { shellWords } from '../core/shell-word.ts';
import type { Leaving, StepContext } from '../core/step.ts';
import { compareTrees } from './etc-changes.ts';

/**
 * What both builds of a package share, and the scripts of the one that leaves may take from the one that stays:
 * PAM profiles, alternatives, diversions.
 */
const sharedTrees: readonly RootPath[] = ['/etc', '/var/lib/pam', `${dpkgFolder}/alternatives`];
const diversionsFile: RootPath = `${dpkgFolder}/diversions`;

/** Copies the shared configuration, right before one of two builds is purged. A copy of the same purge is kept. */
export async function saveShared(machine: Machine, leaving: Leaving): Promise<void> {
  if ((await machine.readTextIfThere(sharedMarker)) === leaving) {
    return;
  }
  await machine.removeTree(sharedFolder);
  await machine.makeDirectory(sharedFolder, 0o700);
  const there: RootPath[] = [];
  for (const tree of [...sharedTrees, diversionsFile]) {
    if (await machine.exists(tree)) {
      there.push(tree);
    }
  }
  const copied = await machine.run(['cp', '--archive', '--one-file-system', '--parents', ...there, sharedFolder]);
  if (copied.exitCode !== 0) {
    throw new CrossgradeError('What both builds share cannot be copied.', {
      code: 'CG0234',
      details: copied.stderr.split('\n').slice(0, 5),
      hint: 'Nothing was purged yet. Make room or mend what cp names, then type crossgrade resume.',
    });
  }
  await machine.write(sharedMarker, leaving);
}

/**
 * Puts back what the purge took although the instance that stays still needs it.
 *
 * @returns what was put back, one line each
 */
export async function restoreShared(machine: Machine, context: StepContext, leaving: Leaving): Promise<string[]> {
  const restored: string[] = [];
  for (const tree of sharedTrees) {
    for (const change of await compareTrees(machine, `${sharedFolder}${tree}`, tree)) {
      const path = change.path as RootPath;
      if (isOwnConffile(path, context) || !(await isDamage(machine, change, context.pair[leaving].triplet))) {
        continue;
      }
      // With the folders on the way to it, which may be gone, too.
      const copy = ['cp', '--archive', '--remove-destination', '--parents', `.${path}`, '/'];
      await run(machine, copy, sharedFolder);
      restored.push(path);
      if (tree === `${dpkgFolder}/alternatives`) {
        await repairAlternative(machine, path);
      }
    }
  }
  restored.push(...(await restoreDiversions(machine)));
  await machine.removeTree(sharedFolder);
  return restored;
}

/** A conffile that only the build of the source architecture had: musl's loader reads one that names the architecture. */
function isOwnConffile(path: RootPath, { before, facts }: StepContext): boolean {
  return (
    before !== undefined &&
    path in before.conffiles &&
    !facts.inventory.packages.some((one) => one.conffiles.some((conffile) => conffile.path === path))
  );
}

/** A change that the leaving instance had no right to: not its own file, nor a mention of its own triplet. */
async function isDamage(machine: Machine, { path, before, after }: EtcChange, own: string): Promise<boolean> {
  if (before === undefined || before.type === 'directory' || path.includes(own) || path === '/etc/ld.so.cache') {
    return false;
  }
  if (before.content === null) {
    return after === undefined;
  }
  if (before.type === 'symlink') {
    const target = before.content.startsWith('/')
      ? before.content
      : `${path.slice(0, path.lastIndexOf('/'))}/${before.content}`;
    return !target.includes(own) && (await machine.exists(target as RootPath));
  }
  const kept = new Set(after?.content?.split('\n'));
  const lost = before.content.split('\n').filter((line) => !kept.has(line));
  return lost.length === 0 ? after === undefined : lost.some((line) => !line.includes(own));
}

/** Makes the links again that go with a restored alternative. */
async function repairAlternative(machine: Machine, path: RootPath): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const [mode] = (await machine.readText(path)).split('\n');
  const chosen =
    (await machine.info(`/etc/alternatives/${name}`))?.type === 'symlink'
      ? await machine.readLink(`/etc/alternatives/${name}`)
      : '';
  await run(
    machine,
    mode === 'manual' && chosen !== ''
      ? ['update-alternatives', '--quiet', '--set', name, chosen]
      : ['update-alternatives', '--quiet', '--auto', name],
  );
}

async function restoreDiversions(machine: Machine): Promise<string[]> {
  const saved = await machine.readTextIfThere(`${sharedFolder}${diversionsFile}`);
  const now = parseDiversions((await machine.readTextIfThere(diversionsFile)) ?? '', diversionsFile);
  const there = new Set(now.map((diversion) => diversion.path));
  const restored: string[] = [];
  for (const { path, divertedTo, package: owner } of parseDiversions(saved ?? '', diversionsFile)) {
    // A diversion of a path that only the leaving build had leaves with it: that of libc6's own loader, since Debian 13.
    const concerned = (await machine.info(path as RootPath)) ?? (await machine.info(divertedTo as RootPath));
    if (there.has(path) || concerned === undefined) {
      continue;
    }
    const whose = owner === ':' ? ['--local'] : ['--package', owner];
    await run(machine, ['dpkg-divert', '--quiet', '--add', '--rename', ...whose, '--divert', divertedTo, path]);
    restored.push(`diversion of ${path}`);
  }
  return restored;
}

async function run(machine: Machine, argv: readonly string[], workingDirectory: RootPath = '/'): Promise<void> {
  const result = await machine.run(argv, { workingDirectory });
  if (result.exitCode !== 0) {
    throw new CrossgradeError(`${argv.slice(0, 2).join(' ')} failed.`, {
      code: 'CG0235',
      details: [shellWords(argv), ...result.stderr.split('\n').slice(0, 5)],
      hint: `The copy is still in ${sharedFolder}. Mend the cause, then type crossgrade resume.`,
    });
  }
}
