import traceScript from '#guest/software/trace-libraries.sh';
import type { Machine } from '../../base/machine.ts';
import { addTo } from '../../base/multimap.ts';
import type { FileInfo, RootPath } from '../../base/root.ts';
import { careful } from '../../base/system/careful.ts';
import { folderOf, isRootsOwnFile } from '../../base/system/others-folder.ts';
import type { Unseen } from '../../base/unseen.ts';
import { type Loaded, readTraces, traceMark } from '../local-software.ts';

/** Files for one call of a shell. */
const fewFiles = 500;

/** For one who is not root: he may have the loader wait for ever, for each of his files. */
const patienceMs = 60_000;

/** As whom the loader is asked: `UID:GID`, or '' for who we are. */
type Identity = string;

/** Of a file that somebody else may change, or put another one in its place: who can do nothing anywhere. */
const nobody: Identity = '65534:65534';

/**
 * What the dynamic loader makes of each file. It runs what a file names as an auditor, so it is asked as whoever decides
 * what is in the file, and as root only of what is root's alone.
 *
 * @param unseen where to note what it cannot be asked of
 * @returns nothing of files that are gone, or of which it cannot be asked
 * @see ld.so(8), rtld-audit(7); elf(5), DT_AUDIT
 */
export async function traceLibraries(
  machine: Machine,
  loader: RootPath,
  files: readonly RootPath[],
  unseen: Unseen[] = [],
): Promise<ReadonlyMap<string, Loaded>> {
  const traces = new Map<string, Loaded>();
  for (const [identity, all] of await byIdentity(machine, files, unseen)) {
    const begun = Date.now();
    for (let at = 0; at < all.length; at += fewFiles) {
      const some = all.slice(at, at + fewFiles);
      const hasTime = identity === '' || Date.now() - begun < patienceMs;
      const found = hasTime ? await ask(machine, identity, loader, some) : new Map<RootPath, Loaded>();
      for (const [file, loaded] of found ?? []) traces.set(file, loaded);
      if (found) unseen.push(...some.filter((file) => !found.has(file)).map((what) => ({ what, why: notAsked })));
    }
  }
  return traces;
}

/** @returns undefined where no program can be run */
async function ask(
  machine: Machine,
  identity: Identity,
  loader: RootPath,
  files: readonly RootPath[],
): Promise<ReadonlyMap<RootPath, Loaded> | undefined> {
  const words = [traceMark, machine.workDirectory, identity, loader, ...files];
  const { exitCode, stdout } = await machine.run(['sh', '-c', traceScript, 'sh', ...words]);
  if (exitCode !== 0) return undefined;
  const found = readTraces(stdout);
  // By their numbers: a name may have a line of its own in it.
  return new Map(
    files.flatMap((file, index) => {
      const loaded = found.get(`${index}`);
      return loaded ? [[file, loaded] as const] : [];
    }),
  );
}

const notAsked = 'the dynamic loader runs what such a file names, so it is not asked as somebody who has more rights';

async function byIdentity(
  machine: Machine,
  files: readonly RootPath[],
  unseen: Unseen[],
): Promise<ReadonlyMap<Identity, readonly RootPath[]>> {
  const groupOf = await primaryGroups(machine);
  const found = new Map<Identity, RootPath[]>();
  for (const file of files) {
    const identity = await careful(unseen)(file, () => identityFor(machine, file, groupOf), undefined);
    if (identity === 'none') unseen.push({ what: file, why: notAsked });
    else if (identity !== undefined) addTo(found, identity, file);
  }
  return found;
}

/** @returns `none` where nobody is left as whom the loader may be asked; undefined where the file is gone */
async function identityFor(
  machine: Machine,
  file: RootPath,
  groupOf: ReadonlyMap<number, number>,
): Promise<Identity | 'none' | undefined> {
  const info = await machine.info(file);
  if (info === undefined) return undefined;
  if (await isRootsOwnFile(machine, file)) return '';
  const { uid } = info;
  const isOwnersAlone = uid !== 0 && (await isOwnersOwn(machine, file, info));
  const we = process.geteuid?.() ?? 0;
  if (we !== 0) return isOwnersAlone && uid === we ? '' : 'none';
  // A file's group need not be one that its owner is in.
  return isOwnersAlone ? `${uid}:${groupOf.get(uid) ?? 65534}` : nobody;
}

/** Whether nobody but its owner, and root, can change a file or put another one in its place. */
async function isOwnersOwn(machine: Machine, file: RootPath, { type, uid, mode }: FileInfo): Promise<boolean> {
  if (type !== 'file' || (mode & 0o022) !== 0) return false;
  for (let here = folderOf(file); ; here = folderOf(here)) {
    const folder = await machine.info(here);
    const isTheirs = folder?.type === 'directory' && (folder.uid === uid || folder.uid === 0);
    if (!isTheirs || (folder.mode & 0o022) !== 0) return false;
    if (here === '/') return true;
  }
}

/** @see passwd(5) */
async function primaryGroups(machine: Machine): Promise<ReadonlyMap<number, number>> {
  const text = (await machine.readTextIfThere('/etc/passwd')) ?? '';
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, , uid = '', gid = ''] = line.split(':');
      return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [[Number(uid), Number(gid)] as const] : [];
    }),
  );
}
