import type { Machine } from '../../base/machine.ts';
import { cryptTableFile } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import {
  type BootElsewhere,
  type BootMenu,
  callsByPath,
  hasCryptEntries,
  menuFiles,
  readInitramfsSetting,
  readInstallDevices,
  readOwnBoot,
  readRootTypes,
} from '../boot-elsewhere.ts';
import { readLoaders } from './read-boot.ts';

/** How the machine starts to which a root in a folder belongs; undefined for the running system. */
export async function readBootElsewhere(machine: Machine): Promise<BootElsewhere | undefined> {
  if (machine.root.kind === 'host') return undefined;
  const read = async (path: RootPath) => (await machine.readTextIfThere(path)) ?? '';
  const fstab = await read('/etc/fstab');
  const settings = await initramfsSettings(machine);
  const findsTypes = (readInitramfsSetting(settings, 'FSTYPE') || 'auto') === 'auto';
  const recorded = await machine.readTextIfThere(cryptTableFile);
  return {
    loaders: await readLoaders(machine, true),
    menus: await readMenus(machine),
    installDevices: readInstallDevices(await read('/var/cache/debconf/config.dat')),
    initramfs: {
      isDependent: readInitramfsSetting(settings, 'MODULES') === 'dep',
      filesystemTypes: findsTypes ? readRootTypes(fstab) : [],
      unlocks: recorded !== undefined && hasCryptEntries(recorded),
    },
    hasOwnBoot: readOwnBoot(fstab),
    hooks: await readHooks(machine),
  };
}

async function readMenus(machine: Machine): Promise<BootMenu[]> {
  const menus: BootMenu[] = [];
  for (const path of menuFiles) {
    const info = await machine.info(path);
    // Whoever made it a link has a reason.
    if (info?.type !== 'file') continue;
    const text = await machine.readTextIfThere(path);
    if (text !== undefined) menus.push({ path, text, mode: info.mode & 0o777 });
  }
  return menus;
}

const hookFolders: readonly RootPath[] = [
  ...(['preinst.d', 'postinst.d', 'prerm.d', 'postrm.d'] as const).map((name): RootPath => `/etc/kernel/${name}`),
  '/etc/initramfs/post-update.d',
];

async function readHooks(machine: Machine): Promise<RootPath[]> {
  const found: RootPath[] = [];
  for (const folder of hookFolders) {
    for (const name of await machine.list(folder)) {
      const path: RootPath = `${folder}/${name}`;
      const info = await machine.info(path);
      if (info?.type === 'file' && callsByPath((await machine.readTextIfThere(path)) ?? '')) found.push(path);
    }
  }
  return found;
}

async function initramfsSettings(machine: Machine): Promise<string[]> {
  const texts: string[] = [];
  const paths: RootPath[] = ['/etc/initramfs-tools/initramfs.conf'];
  for (const folder of ['/usr/share/initramfs-tools/conf.d', '/etc/initramfs-tools/conf.d'] as const) {
    const names = (await machine.list(folder)).filter((name) => /^[\w][\w.-]*$/.test(name) && !name.includes('.dpkg-'));
    paths.push(...names.map((name): RootPath => `${folder}/${name}`));
  }
  for (const path of paths) texts.push((await machine.readTextIfThere(path)) ?? '');
  return texts;
}
