import type { Before } from '../core/before.ts';
import { heldInstances } from '../core/comparison.ts';
import { CrossgradeError } from '../core/error.ts';
import type { Facts } from '../core/facts.ts';
import type { Machine, RootPath } from '../core/machine.ts';
import { instanceKey } from '../core/package.ts';
import { beforeFile, beforeFolder, engineAtBootLink } from '../core/paths.ts';
import { recordFiles } from './file-check.ts';
import { recordUnlocking } from './initramfs-elsewhere.ts';
import { removeNotice } from './login-notice.ts';
import { removeOwnFile } from './own-folders.ts';
import { recordNetwork } from './reboot-network.ts';
import { recordServices } from './service-check.ts';

/** Copy of /etc from before the first change. */
export const etcCopy: RootPath = `${beforeFolder}/etc`;

/**
 * Writes down what is there, for later steps, for verify, and for the administrator to read. The JSON file comes
 * last: where it is, the record is complete.
 */
export async function recordBefore(machine: Machine, facts: Facts): Promise<void> {
  await machine.removeTree(beforeFolder);
  await machine.makeDirectory(beforeFolder, 0o700);
  const { inventory } = facts;
  const installed = inventory.packages.filter((instance) => instance.state !== 'config-files');
  const before: Before = {
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
    ...(facts.activePackageUnits && { activePackageUnits: [...facts.activePackageUnits] }),
  };
  const lines: Record<string, readonly string[]> = {
    'packages.txt': installed.map((instance) => `${instanceKey(instance)} ${instance.version} ${instance.state}`),
    'automatic.txt': before.automatic,
    'holds.txt': before.holds,
    'residual-config.txt': before.residualConfig,
  };
  for (const [name, content] of Object.entries(lines)) {
    await machine.write(`${beforeFolder}/${name}`, content.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  }
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
  await machine.write(beforeFile, JSON.stringify(before), { mode: 0o600 });
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
export async function restoreTopFolders(machine: Machine, { topFolders }: Before): Promise<void> {
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
