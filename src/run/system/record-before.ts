import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { beforeFolder, beforeRecordFile, engineAtBootLink, etcCopy } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { recordUnlocking } from '../../boot/system/initramfs-elsewhere.ts';
import { type InstalledPackage, instanceKey } from '../../debian/package.ts';
import { heldInstances } from '../../debian/package-states.ts';
import { recordFiles } from '../../files/system/file-check.ts';
import { recordNetwork } from '../../network/system/reboot-network.ts';
import { recordServices } from '../../services/system/service-check.ts';
import { removeNotice } from '../../session/system/login-notice.ts';
import { renewRecord } from '../../state/basis.ts';
import type { BeforeRecord } from '../../state/before-record.ts';
import { removeOwnFile } from '../../state/system/own-folders.ts';
import type { Facts } from '../facts.ts';

/**
 * Writes down what is there, for later steps, for verify, and for the administrator to read. The JSON file comes
 * last: where it is, the record is complete.
 */
export async function recordBefore(machine: Machine, facts: Facts): Promise<void> {
  await machine.removeTree(beforeFolder);
  await machine.makeDirectory(beforeFolder, 0o700);
  const { inventory } = facts;
  const installed = inventory.packages.filter((instance) => instance.state !== 'config-files');
  const before: BeforeRecord = {
    version: 1,
    recordedAt: new Date().toISOString(),
    nativeArchitecture: inventory.nativeArchitecture,
    foreignArchitectures: [...inventory.foreignArchitectures],
    packages: Object.fromEntries(installed.map((instance) => [instanceKey(instance), instance.version])),
    automatic: [...inventory.automatic].sort(),
    holds: heldInstances(installed),
    residualConfig: inventory.packages.filter((p) => p.state === 'config-files').map(instanceKey),
    extendedStates: facts.extendedStates === '' ? null : facts.extendedStates,
    architectureFile: facts.architectureFile ?? null,
    // Of those that were removed, too: their files may be purged. Where a package took one over, it is that one's.
    conffiles: Object.fromEntries(
      [...inventory.packages.filter((p) => p.state === 'config-files'), ...installed].flatMap(({ name, conffiles }) =>
        conffiles.map(({ path, md5 }) => [path, { package: name, md5 }]),
      ),
    ),
    sourceFiles: { ...facts.sourceFiles },
    topFolders: await readTopFolders(machine),
    osRelease: await readOsRelease(machine),
    ...(facts.activePackageUnits && { activePackageUnits: [...facts.activePackageUnits] }),
  };
  await writeLists(machine, before, installed);
  const selections = await machine.run(['dpkg', '--get-selections']);
  await machine.write(`${beforeFolder}/selections.txt`, selections.stdout, { mode: 0o600 });
  const copied = await machine.run(['cp', '--archive', '--one-file-system', '/etc', etcCopy]);
  if (copied.exitCode !== 0) {
    throw new CrossgradeError('/etc cannot be copied.', {
      code: 'CG0233',
      details: copied.stderr.split('\n').slice(0, 5),
      hint: 'Nothing was changed but crossgrade’s own folder. Make room or mend what cp names, then type crossgrade resume.',
    });
  }
  await recordFiles(machine);
  if (machine.root.kind === 'chroot') await recordUnlocking(machine, facts);
  if (machine.root.can.has('live')) {
    await recordNetwork(machine);
    await recordServices(machine, installed);
  }
  // Our own notice and unit are there already.
  await removeNotice(machine, etcCopy);
  await removeOwnFile(machine, `${etcCopy}${engineAtBootLink.slice('/etc'.length)}`);
  await machine.write(beforeRecordFile, JSON.stringify(before), { mode: 0o600 });
}

/** /etc/os-release is a link to the other one, unless somebody has put a file there. */
async function readOsRelease(machine: Machine): Promise<NonNullable<BeforeRecord['osRelease']>> {
  const isFile = (await machine.info('/etc/os-release'))?.type === 'file';
  const path = isFile ? '/etc/os-release' : '/usr/lib/os-release';
  return { path, text: (await machine.readTextIfThere('/etc/os-release')) ?? '' };
}

/** For the administrator to read. */
async function writeLists(
  machine: Machine,
  before: BeforeRecord,
  installed: readonly InstalledPackage[],
): Promise<void> {
  const lines: Record<string, readonly string[]> = {
    'packages.txt': installed.map((instance) => `${instanceKey(instance)} ${instance.version} ${instance.state}`),
    'automatic.txt': before.automatic,
    'holds.txt': before.holds,
    'residual-config.txt': before.residualConfig,
  };
  for (const [name, content] of Object.entries(lines)) {
    await machine.write(`${beforeFolder}/${name}`, content.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  }
}

/**
 * Adds to the record what the administrator has changed in packages and sources since, when another plan is made: it is
 * theirs, and no difference that the crossgrade has made.
 *
 * @param facts without what is ours
 * @returns undefined where nothing is recorded yet
 */
export async function renewRecords(
  machine: Machine,
  before: BeforeRecord | undefined,
  facts: Facts,
): Promise<BeforeRecord | undefined> {
  if (before === undefined) return undefined;
  const renewed = renewRecord(before, facts);
  const installed = facts.inventory.packages.filter((instance) => instance.state !== 'config-files');
  await writeLists(machine, renewed, installed);
  const conffiles = Object.entries(renewed.conffiles).filter(([path, { md5 }]) => before.conffiles[path]?.md5 !== md5);
  for (const [path] of conffiles) await renewCopy(machine, path as RootPath);
  for (const path of new Set([...Object.keys(before.sourceFiles), ...Object.keys(renewed.sourceFiles)])) {
    const text = renewed.sourceFiles[path];
    if (text === before.sourceFiles[path]) continue;
    await renewCopy(machine, path as RootPath, text);
  }
  return renewed;
}

/** @param text without our own edit; absent: as it is */
async function renewCopy(machine: Machine, path: RootPath, text?: string): Promise<void> {
  if (!path.startsWith('/etc/')) return;
  const copy: RootPath = `${etcCopy}${path.slice('/etc'.length)}`;
  const info = await machine.info(path);
  if (info === undefined) return machine.remove(copy);
  await machine.copy(path, copy);
  const { mode, uid, gid, mtime } = info;
  if (info.type === 'file' && text !== undefined && text !== (await machine.readText(path))) {
    await machine.write(copy, text, { mode, uid, gid, mtime });
  }
}

async function readTopFolders(machine: Machine): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const parent of ['', '/usr'] as const) {
    for (const name of await machine.list(parent === '' ? '/' : parent)) {
      const path: RootPath = `${parent}/${name}`;
      const type = (await machine.info(path))?.type;
      if (type === 'directory' || type === 'symlink') {
        found[path] = type === 'symlink' ? await machine.readLink(path) : '';
      }
    }
  }
  return found;
}

/** The libc's script makes /lib64, a link, and the folder that it leads to; with the package, only one of them goes. */
export async function restoreTopFolders(machine: Machine, { topFolders }: BeforeRecord): Promise<void> {
  if (topFolders === undefined) {
    return;
  }
  const now = await readTopFolders(machine);
  for (const [path, target] of Object.entries(now)) {
    if (!(path in topFolders) && target === '' && (await machine.list(path as RootPath)).length === 0) {
      await machine.remove(path as RootPath);
    }
  }
  for (const [path, target] of Object.entries(topFolders)) {
    if (!(path in now) && target !== '') {
      await machine.symlink(target, path as RootPath);
    }
  }
}
