import type { Machine } from '../../base/machine.ts';
import { type Mount, parseMountinfo } from '../../base/mount.ts';
import { dpkgFolder, listsFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { Look } from '../../base/system/careful.ts';
import { readGrubCannotWrite, readLoaders } from '../../boot/system/read-boot.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import {
  type BootSurvey,
  bootLoaderFiles,
  type Clock,
  containerFiles,
  type HardwareSurvey,
  type HostSurvey,
  isSecureBootOn,
  type Memory,
  type Power,
  type PowerSupply,
  readGrubDefault,
  readInitSystem,
  readMemory,
  readPower,
  readVirtualization,
  secureBootOffset,
  type Virtualization,
} from '../hardware-survey.ts';
import { findImmutable } from './find-immutable.ts';
import { findSnapshotTools } from './find-snapshot-tools.ts';

/** Looks at the hardware; of a root in a folder only at what belongs to it. */
export async function surveyHardware(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  look: Look,
): Promise<HardwareSurvey> {
  const isHost = machine.root.kind === 'host';
  const installed = facts.inventory.packages.filter((one) => one.state !== 'config-files').map((one) => one.name);
  const initSystem = readInitSystem(isHost ? await firstProcess(machine, look) : undefined, new Set(installed));
  const unmerged = await unmergedFolders(machine, look);
  return {
    ...(initSystem && { initSystem }),
    unmergedFolders: unmerged,
    immutable: await look('attributes of files', () => findImmutable(machine, facts, pair, unmerged), []),
    clock: await readClock(machine, look),
    ...(isHost && { host: await surveyHost(machine, facts, look) }),
  };
}

async function surveyHost(machine: Machine, facts: Facts, look: Look): Promise<HostSurvey> {
  const mounts = await look(
    'what is mounted',
    async () => parseMountinfo(await machine.readText('/proc/self/mountinfo')),
    [],
  );
  const virtualization = await detectVirtualization(machine, facts, look);
  const power = await look('power supplies', () => powerOf(machine), undefined);
  const snapshots = await look('snapshots', () => findSnapshotTools(machine, mounts, Date.now()), []);
  const memory = await look('memory and swap', () => memoryOf(machine), undefined);
  return {
    ...(virtualization && { virtualization }),
    boot: await surveyBoot(machine, look),
    ...(memory && { memory }),
    ...(power && { power }),
    ...(snapshots.length > 0 && { snapshots }),
    mounts,
    mountedFiles: await mountedFiles(machine, mounts, look),
  };
}

async function firstProcess(machine: Machine, look: Look): Promise<{ systemd: boolean; name: string }> {
  // The folder is there as long as systemd is the first process, sd_booted(3).
  const systemd = await look('whether systemd runs', () => machine.exists('/run/systemd/system'), false);
  const name = await look('the first process', () => machine.readTextIfThere('/proc/1/comm'), undefined);
  return { systemd, name: name?.trim() ?? '' };
}

/** /lib32 and the like count only where they are: usr-is-merged's preinst. */
async function unmergedFolders(machine: Machine, look: Look): Promise<RootPath[]> {
  const folders: RootPath[] = ['/bin', '/lib', '/lib32', '/lib64', '/libo32', '/libx32', '/sbin'];
  const types = await Promise.all(
    folders.map((path) => look(path, async () => (await machine.info(path))?.type, undefined)),
  );
  return folders.filter((_, index) => types[index] === 'directory');
}

/** Mirrors say when they wrote a list, and apt sets its time to that; dpkg wrote its database by this clock. */
async function readClock(machine: Machine, look: Look): Promise<Clock> {
  const lists = await look(listsFolder, () => machine.list(listsFolder), []);
  let newest: Clock['newest'];
  for (const path of [...lists.map((name): RootPath => `${listsFolder}/${name}`), `${dpkgFolder}/status` as const]) {
    const info = await look(path, () => machine.info(path), undefined);
    if (info?.type === 'file' && info.mtimeMs > (newest?.mtimeMs ?? 0)) newest = { path, mtimeMs: info.mtimeMs };
  }
  return { now: Date.now(), ...(newest && { newest }) };
}

async function detectVirtualization(machine: Machine, facts: Facts, look: Look): Promise<Virtualization | undefined> {
  const any = await machine.run(['systemd-detect-virt']);
  if (any.exitCode <= 1) {
    const container = await machine.run(['systemd-detect-virt', '--container']);
    return readVirtualization({
      detected: { any: any.stdout, container: container.stdout },
      containerFiles: [],
      cpuFlags: facts.cpuFlags,
    });
  }
  const found: RootPath[] = [];
  for (const path of Object.keys(containerFiles) as RootPath[]) {
    if (await look(path, () => machine.exists(path), false)) found.push(path);
  }
  const what = 'whether this is a container';
  return readVirtualization({
    systemdContainer: await look(what, () => machine.readTextIfThere('/run/systemd/container'), undefined),
    firstEnvironment: await look(what, () => machine.readTextIfThere('/proc/1/environ'), undefined),
    containerFiles: found,
    cpuFlags: facts.cpuFlags,
  });
}

async function powerOf(machine: Machine): Promise<Power | undefined> {
  const folder: RootPath = '/sys/class/power_supply';
  const supplies: PowerSupply[] = [];
  for (const name of await machine.list(folder)) {
    const read = (file: string) => machine.readTextIfThere(`${folder}/${name}/${file}`);
    supplies.push({
      type: await read('type'),
      scope: await read('scope'),
      online: await read('online'),
      status: await read('status'),
      capacity: await read('capacity'),
    });
  }
  return readPower(supplies);
}

async function memoryOf(machine: Machine): Promise<Memory | undefined> {
  const meminfo = await machine.readTextIfThere('/proc/meminfo');
  if (meminfo === undefined) return undefined;
  return readMemory(meminfo, {
    max: await machine.readTextIfThere('/sys/fs/cgroup/memory.max'),
    current: await machine.readTextIfThere('/sys/fs/cgroup/memory.current'),
  });
}

const secureBootVariable: RootPath = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
const bootParameters: RootPath = '/sys/kernel/boot_params/data';

/** @throws when nothing tells */
async function readSecureBoot(machine: Machine): Promise<boolean> {
  const parameter = (await machine.exists(bootParameters))
    ? await machine.readTextFrom(bootParameters, secureBootOffset)
    : undefined;
  const isOn = isSecureBootOn(await machine.readTextIfThere(secureBootVariable), parameter);
  if (isOn === undefined) throw new Error('this kernel cannot ask the firmware; look at mokutil --sb-state elsewhere');
  return isOn;
}

async function surveyBoot(machine: Machine, look: Look): Promise<BootSurvey> {
  const read = (what: string, path: RootPath) => look(what, () => machine.readTextIfThere(path), undefined);
  const efi = await look('the firmware', () => machine.exists('/sys/firmware/efi'), undefined);
  // Kernels before 4.0 do not say; nearly all firmware is of 64 bit.
  const bits = (await read('the firmware', '/sys/firmware/efi/fw_platform_size'))?.trim() === '32' ? 32 : 64;
  const loaders = await look('the boot loader', () => readLoaders(machine), []);
  const isHidden = Object.values(bootLoaderFiles).some((paths) =>
    machine.unreadable().some((path) => paths.includes(path)),
  );
  const grubCannotWrite = await look('the disk of /boot', () => readGrubCannotWrite(machine), undefined);
  const grubDefault = readGrubDefault(await grubConfiguration(machine, look));
  return {
    ...(efi && { efiBits: bits }),
    secureBoot: efi !== false && (await look('Secure Boot', () => readSecureBoot(machine), false)),
    loaders,
    ...(isHidden && { loadersHidden: true }),
    ...(grubCannotWrite !== undefined && { grubCannotWrite }),
    ...(grubDefault !== undefined && { grubDefault }),
  };
}

async function grubConfiguration(machine: Machine, look: Look): Promise<string[]> {
  const folder: RootPath = '/etc/default/grub.d';
  const names = (await look(folder, () => machine.list(folder), [])).filter((name) => name.endsWith('.cfg'));
  const texts: string[] = [];
  for (const path of ['/etc/default/grub' as const, ...names.map((name): RootPath => `${folder}/${name}`)]) {
    texts.push((await look(path, () => machine.readTextIfThere(path), undefined)) ?? '');
  }
  return texts;
}

/** Where dpkg puts files; it cannot replace one that something is mounted on. */
const packagedFolders = /^\/(usr|etc|opt|boot|bin|sbin|lib\w*)\//;

async function mountedFiles(machine: Machine, mounts: readonly Mount[], look: Look): Promise<string[]> {
  const points = mounts.map(({ mountPoint }) => mountPoint as RootPath).filter((path) => packagedFolders.test(path));
  const files: string[] = [];
  for (const path of new Set(points)) {
    if ((await look(path, () => machine.info(path), undefined))?.type === 'file') files.push(path);
  }
  return files.sort();
}
