import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { readBounded } from '../../base/system/bounded-text.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import {
  dockerNames,
  type Guest,
  imageArchitecture,
  libvirtMachine,
  lxcArchitecture,
  podmanNames,
  shortDigest,
} from '../guests.ts';

/** Of one image, container or machine, and of a list of all. */
const mostBytes = 2 ** 20;
const mostListBytes = 8 * 2 ** 20;
/** Of each kind. */
const mostGuests = 2000;

/** Images, containers and virtual machines of the source, as their managers have written them down. Nothing is asked of a daemon. */
export async function findGuests(machine: Machine, { source }: ArchitecturePair): Promise<Guest[]> {
  const isOfSource = (name: string | undefined): boolean => name !== undefined && source.guestNames.includes(name);
  return [
    ...(await dockerImages(machine, isOfSource)),
    ...(await podmanImages(machine, isOfSource)),
    ...(await lxcContainers(machine, isOfSource)),
    ...(await libvirtMachines(machine, isOfSource)),
  ];
}

type IsOfSource = (name: string | undefined) => boolean;

/** The folder itself may be a link, to a larger disk. */
async function names(machine: Machine, folder: RootPath): Promise<string[]> {
  return (await machine.list(folder)).slice(0, mostGuests);
}

async function dockerImages(machine: Machine, isOfSource: IsOfSource): Promise<Guest[]> {
  const top: RootPath = '/var/lib/docker/image';
  const guests: Guest[] = [];
  for (const driver of await names(machine, top)) {
    const folder: RootPath = `${top}/${driver}/imagedb/content/sha256`;
    const known = dockerNames((await readBounded(machine, `${top}/${driver}/repositories.json`, mostListBytes)) ?? '');
    for (const digest of await names(machine, folder)) {
      const text = await readBounded(machine, `${folder}/${digest}`, mostBytes);
      if (text === undefined || !isOfSource(imageArchitecture(text))) continue;
      guests.push({ kind: 'Docker image', name: known.get(`sha256:${digest}`) ?? shortDigest(digest) });
    }
  }
  return guests;
}

/** The folders of storage drivers: `overlay-images`, `vfs-images`. */
async function podmanImages(machine: Machine, isOfSource: IsOfSource): Promise<Guest[]> {
  const top: RootPath = '/var/lib/containers/storage';
  const guests: Guest[] = [];
  for (const driver of (await names(machine, top)).filter((name) => name.endsWith('-images'))) {
    const known = podmanNames((await readBounded(machine, `${top}/${driver}/images.json`, mostListBytes)) ?? '');
    for (const [id, name] of [...known].slice(0, mostGuests)) {
      const folder: RootPath = `${top}/${driver}/${id}`;
      // Its configuration and manifests, under names that are encoded.
      for (const file of (await names(machine, folder)).filter((one) => one.startsWith('='))) {
        const text = await readBounded(machine, `${folder}/${file}`, mostBytes);
        if (text === undefined || !isOfSource(imageArchitecture(text))) continue;
        guests.push({ kind: 'podman image', name });
        break;
      }
    }
  }
  return guests;
}

async function lxcContainers(machine: Machine, isOfSource: IsOfSource): Promise<Guest[]> {
  const guests: Guest[] = [];
  for (const name of await names(machine, '/var/lib/lxc')) {
    const text = await readBounded(machine, `/var/lib/lxc/${name}/config`, mostBytes);
    if (text !== undefined && isOfSource(lxcArchitecture(text))) guests.push({ kind: 'LXC container', name });
  }
  return guests;
}

async function libvirtMachines(machine: Machine, isOfSource: IsOfSource): Promise<Guest[]> {
  const guests: Guest[] = [];
  const folder: RootPath = '/etc/libvirt/qemu';
  for (const file of (await names(machine, folder)).filter((one) => one.endsWith('.xml'))) {
    const text = await readBounded(machine, `${folder}/${file}`, mostBytes);
    const { architecture, emulator } = libvirtMachine(text ?? '');
    // A 64-bit machine that an emulator of the source plays depends on that program as well.
    if (!isOfSource(architecture) && emulator === undefined) continue;
    guests.push({
      kind: 'libvirt machine',
      name: `${file.slice(0, -'.xml'.length)}${isOfSource(architecture) ? '' : ` (${architecture ?? 'any'})`}`,
      ...(emulator !== undefined && { emulator }),
    });
  }
  return guests;
}
