import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { dpkgFolder, sharedFolder, sharedMarker } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { shellWords } from '../../base/shell-word.ts';
import { folderOf, rootsOwnFolder } from '../../base/system/others-folder.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import { accountFiles } from '../../files/accounts.ts';
import type { EtcChange } from '../../files/explain-etc.ts';
import { compareTrees } from '../../files/system/etc-changes.ts';
import type { Leaving } from '../../plan/package-actions.ts';
import type { Batch } from '../../plan/plan.ts';
import type { BeforeRecord } from '../../state/before-record.ts';
import type { Performance } from '../../state/system/performance.ts';
import { parseDiversions } from '../diversions.ts';
import { dpkgLog, errorOf, exitFile, performBatch } from './batch.ts';
import { readPackages } from './read-packages.ts';

/**
 * What both builds of a package share, and the scripts of the one that leaves may take from the one that stays:
 * PAM profiles, alternatives, diversions.
 */
const sharedTrees: readonly RootPath[] = ['/etc', '/var/lib/pam', `${dpkgFolder}/alternatives`];
const diversionsFile: RootPath = `${dpkgFolder}/diversions`;

/** One of these was written by others meanwhile, too: what has another content is not the purge's work. */
const writtenByOthers: readonly RootPath[] = ['/etc/resolv.conf', '/etc/adjtime', '/etc/mtab'];
/** Times of files and of a log are not taken at the same moment. */
const slackMs = 2000;

/**
 * Purges one of two builds of packages. What its scripts take from the build that stays is put back at once, also when
 * dpkg fails: what is changed in /etc after that is the administrator's.
 *
 * @throws {CrossgradeError} CG0234 nothing was purged, CG0235, and as performBatch does
 */
export async function purgeOneOfTwo(performance: Performance, batch: Batch, leaving: Leaving): Promise<void> {
  await restoreShared(performance);
  await saveShared(performance.machine, leaving);
  const plan = await performance.store.plan();
  const failed = await errorOf(performBatch(performance, batch, plan));
  const lost = await errorOf(putBack(performance));
  // What dpkg has failed of says more than that this fails as well; the copy stays for the next time.
  const trouble = failed ?? lost;
  if (trouble !== undefined) throw trouble;
}

/** Puts back what a purge has taken whose end was not seen; does nothing when there was none. */
export async function restoreShared(performance: Performance): Promise<void> {
  const { machine } = performance;
  const ends = [await machine.info(dpkgLog), await machine.info(exitFile)].map((info) => info?.mtimeMs ?? 0);
  await putBack(performance, Math.max(...ends));
}

/** Copies the shared configuration, right before one of two builds is purged. */
async function saveShared(machine: Machine, leaving: Leaving): Promise<void> {
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
 * Puts back what the purge took although the instance that stays still needs it, and says so.
 *
 * @param until when the purge had ended, in milliseconds: what was written later is somebody else's
 */
async function putBack({ machine, step, context, pair, observe }: Performance, until = Infinity): Promise<void> {
  const leaving = (await machine.readTextIfThere(sharedMarker)) as Leaving | undefined;
  if (leaving === undefined) return;
  const tell = (what: string) =>
    observe({ type: 'step-message', step, text: `put back ${what}, which a script of the purged build had taken` });
  const packages = await readPackages(machine);
  const isTaken = async (change: EtcChange): Promise<boolean> =>
    !isOwnConffile(change.path, context.record, packages) &&
    ((await machine.info(change.path as RootPath))?.mtimeMs ?? 0) <= until + slackMs &&
    (await isDamage(machine, change, pair[leaving].triplet));
  for (const tree of sharedTrees) {
    for (const change of await compareTrees(machine, `${sharedFolder}${tree}`, tree)) {
      if (!(await isTaken(change))) continue;
      if (await isWayRootsOwn(machine, change.path as RootPath)) {
        await putBackOne(machine, change);
        tell(change.path);
      } else {
        const text = `${change.path} was taken while a build was purged, and is not put back: its folder is not root’s alone`;
        observe({ type: 'step-message', step, text });
      }
    }
  }
  for (const path of await restoreDiversions(machine)) tell(`diversion of ${path}`);
  await machine.removeTree(sharedFolder);
}

/** Who owns a folder on the way may lead root elsewhere; what is missing there was perhaps taken by him. */
async function isWayRootsOwn(machine: Machine, path: RootPath): Promise<boolean> {
  let folder = folderOf(path);
  while (folder !== '/' && (await machine.info(folder)) === undefined) folder = folderOf(folder);
  return (await rootsOwnFolder(machine, folder)) !== undefined;
}

async function putBackOne(machine: Machine, change: EtcChange): Promise<void> {
  const path = change.path as RootPath;
  if (isAccountFile(path) && change.after) return addLostAccounts(machine, change);
  // With the folders on the way to it, which may be gone, too.
  await run(machine, ['cp', '--archive', '--remove-destination', '--parents', `.${path}`, '/'], sharedFolder);
  if (path.startsWith(`${dpkgFolder}/alternatives/`)) await repairAlternative(machine, path);
}

/** Of accounts only those that are gone: a password may have been changed meanwhile. */
async function addLostAccounts(machine: Machine, { path, before, after }: EtcChange): Promise<void> {
  const now = after?.content ?? '';
  const lost = lostAccounts(before?.content ?? '', now);
  const text = now === '' || now.endsWith('\n') ? now : `${now}\n`;
  await machine.write(path as RootPath, `${text}${lost.join('\n')}\n`);
}

/** Their lines. */
function lostAccounts(before: string, after: string): string[] {
  const nameOf = (line: string): string => line.slice(0, line.indexOf(':'));
  const there = new Set(after.split('\n').map(nameOf));
  return before.split('\n').filter((line) => line !== '' && !there.has(nameOf(line)));
}

function isAccountFile(path: string): boolean {
  return accountFiles.some((name) => path === `/etc/${name}`);
}

/** A conffile that only the build of the source architecture had: musl's loader reads one that names the architecture. */
function isOwnConffile(path: string, before: BeforeRecord | undefined, packages: readonly InstalledPackage[]): boolean {
  return (
    before !== undefined &&
    path in before.conffiles &&
    !packages.some((one) => one.conffiles.some((conffile) => conffile.path === path))
  );
}

/** A change that the leaving instance had no right to: not its own file, nor a mention of its own triplet. */
async function isDamage(machine: Machine, { path, before, after }: EtcChange, own: string): Promise<boolean> {
  if (before === undefined || before.type === 'directory' || path.includes(own) || path === '/etc/ld.so.cache') {
    return false;
  }
  if (before.content === null || writtenByOthers.some((one) => one === path)) {
    return after === undefined;
  }
  if (before.type === 'symlink') {
    // Others than alternatives are led elsewhere by programs: the certificates of this week.
    if (after !== undefined && !path.startsWith('/etc/alternatives/')) return false;
    const target = before.content.startsWith('/')
      ? before.content
      : `${path.slice(0, path.lastIndexOf('/'))}/${before.content}`;
    return !target.includes(own) && (await machine.exists(target as RootPath));
  }
  if (isAccountFile(path) && after) {
    return lostAccounts(before.content, after.content ?? '').length > 0;
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
    restored.push(path);
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
