import { CrossgradeError } from '../../base/error.ts';
import type { ElfFile, Machine } from '../../base/machine.ts';
import { addTo } from '../../base/multimap.ts';
import { cacheFolder, initramfsTrialFile } from '../../base/own-paths.ts';
import type { CommandResult, RootPath } from '../../base/root.ts';
import type { Performance } from '../../state/system/performance.ts';
import type { BootAction } from '../boot-actions.ts';
import { dracutFailures } from '../dracut-failures.ts';
import type { InitramfsGenerator } from '../kernel-facts.ts';
import { settingsForElsewhere } from './initramfs-elsewhere.ts';

const folder: RootPath = `${cacheFolder}/initramfs-trial`;
const image: RootPath = `${folder}/image`;
const settings: RootPath = `${folder}/settings`;

/**
 * Modules are most of the work, and no hook is other for them; those that hooks add are in it.
 *
 * @see initramfs.conf(5)
 */
const quick = 'MODULES=list\nCOMPRESS=gzip\nCOMPRESSLEVEL=1\n';

/**
 * Builds an initramfs as the end of the run will, with the hooks of this system, and throws it away.
 *
 * @throws {CrossgradeError} CG0365 it cannot be built, CG0366 what no package brought would be in the last one, too
 */
export async function tryInitramfs(
  { machine, pair, context, step, observe }: Performance,
  { version }: Extract<BootAction, { do: 'try-initramfs' }>,
): Promise<void> {
  const { initramfsGenerator: generator, elsewhere, localSoftware } = context.facts;
  await machine.removeTree(folder);
  await machine.makeDirectory(folder, 0o700);
  try {
    const build = (): Promise<CommandResult> =>
      generator === 'dracut' ? tryDracut(machine, version, elsewhere !== undefined) : tryHooks(machine, version);
    const isElsewhere = elsewhere !== undefined && generator === 'initramfs-tools';
    const { exitCode, stdout, stderr } = isElsewhere
      ? await settingsForElsewhere(machine, elsewhere.initramfs, build)
      : await build();
    if (exitCode !== 0 || !(await machine.info(image))) {
      throw new CrossgradeError('This system cannot build an initramfs, not even as it is now.', {
        code: 'CG0365',
        details: [
          `for ${version}, for a trial      (exit code ${exitCode})`,
          ...`${stdout}\n${stderr}`.split('\n').filter(Boolean).slice(-12),
        ],
        hint:
          'Nothing was replaced, and /boot is as it was. Mend the hook that the program names ' +
          '(/etc/initramfs-tools/hooks, /usr/share/initramfs-tools/hooks, dracut.conf), then type crossgrade resume; crossgrade rollback takes back what was prepared.',
      });
    }
    // It ends with 0 all the same, and the image lacks what they should have brought.
    const failed = generator === 'dracut' ? dracutFailures(`${stdout}\n${stderr}`) : [];
    for (const text of failed) observe({ type: 'step-message', step, text });
    const local = new Set(localSoftware?.groups.flatMap(({ files }) => files) ?? []);
    const copied = await localPrograms(machine, generator, local, pair.source.elfBits);
    if (copied.length > 0) {
      throw new CrossgradeError(
        `Hooks of the initramfs copy ${pair.source.elfBits}-bit programs into it that no package brought.`,
        {
          code: 'CG0366',
          details: copied.slice(0, 10),
          hint:
            'Nothing was replaced, and /boot is as it was. The initramfs of the new system must have none. Build them for ' +
            `${pair.target.name}, or take them out of ${places[generator ?? 'initramfs-tools']}, then type crossgrade resume.`,
        },
      );
    }
  } finally {
    await machine.removeTree(folder);
  }
  await machine.write(initramfsTrialFile, `${version}\n`, { mode: 0o600 });
}

/**
 * With settings of its own. Hooks look for the folder of theirs, which is named to them. It has links to what is in the
 * system's: a copy would have that system's links, and what is written into it would go where they lead.
 */
async function tryHooks(machine: Machine, version: string): Promise<CommandResult> {
  const own: RootPath = `${settings}/conf.d`;
  await machine.makeDirectory(own, 0o700);
  const links = async (from: RootPath, to: RootPath, except?: string): Promise<void> => {
    for (const name of await machine.list(from)) {
      if (name !== except) await machine.symlink(`${from}/${name}`, `${to}/${name}`);
    }
  };
  await links('/etc/initramfs-tools', settings, 'conf.d');
  await links('/etc/initramfs-tools/conf.d', own);
  await machine.write(`${own}/zzz-trial`, quick);
  return machine.run(['/usr/sbin/mkinitramfs', '-d', settings, '-o', image, version]);
}

function tryDracut(machine: Machine, version: string, isElsewhere: boolean): Promise<CommandResult> {
  return machine.run(['/usr/bin/dracut', ...(isElsewhere ? ['--no-hostonly'] : []), '--force', image, version]);
}

/** Where each is told what to copy. */
const places: Readonly<Record<InitramfsGenerator, string>> = {
  'initramfs-tools': 'the hook in /etc/initramfs-tools',
  dracut: '/etc/dracut.conf.d, or the module in /usr/lib/dracut/modules.d',
};

/** Files of the image that are, byte by byte, programs outside packages. */
async function localPrograms(
  machine: Machine,
  generator: InitramfsGenerator | undefined,
  local: ReadonlySet<RootPath>,
  bits: 32 | 64,
): Promise<string[]> {
  if (local.size === 0) return [];
  const place: RootPath = `${folder}/content`;
  await machine.makeDirectory(place, 0o700);
  const unpack = generator === 'dracut' ? ['lsinitrd', '--unpack', image] : ['unmkinitramfs', image, place];
  await machine.run(unpack, { workingDirectory: place });
  const files = (await machine.elfFiles(place)).filter((file) => file.bits === bits);
  const sizes = new Map<number, RootPath[]>();
  for (const path of local) {
    const bytes = (await machine.info(path))?.bytes;
    if (bytes !== undefined) addTo(sizes, bytes, path);
  }
  const found: string[] = [];
  for (const file of files) {
    const original = await sameAs(machine, file, sizes);
    if (original === undefined) continue;
    const inImage = file.path.slice(place.length) as RootPath;
    // Somebody has a copy of a package's program, and the image has the package's.
    const isPackaged = !local.has(inImage) && (await isSame(machine, inImage, file.path));
    if (!isPackaged) found.push(`${original}, as ${inImage}`);
  }
  return found.sort();
}

async function sameAs(
  machine: Machine,
  { path }: ElfFile,
  sizes: ReadonlyMap<number, readonly RootPath[]>,
): Promise<RootPath | undefined> {
  const alike = sizes.get((await machine.info(path))?.bytes ?? -1) ?? [];
  for (const one of alike) if (await isSame(machine, one, path)) return one;
  return undefined;
}

async function isSame(machine: Machine, one: RootPath, other: RootPath): Promise<boolean> {
  if (!(await machine.exists(one))) return false;
  return (await machine.hash(one, 'sha256')) === (await machine.hash(other, 'sha256'));
}
