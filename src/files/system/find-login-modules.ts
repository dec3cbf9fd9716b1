import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { infoName } from '../../dpkg/file-lists.ts';
import type { Facts } from '../../run/facts.ts';
import { type LoginModule, modulePlaces, type NamedModule, nssModules, pamModules } from '../login-modules.ts';

/** The modules that logins go through: those of PAM and NSS that configuration names, and that are there. */
export async function findLoginModules(
  machine: Machine,
  facts: Facts,
  { source, target }: ArchitecturePair,
): Promise<LoginModule[]> {
  const found: Omit<LoginModule, 'package'>[] = [];
  for (const named of await readNamedModules(machine)) {
    const path = await firstThere(machine, modulePlaces(named, source.triplet));
    if (path === undefined) continue;
    const places = named.name.startsWith('/') ? [] : modulePlaces(named, target.triplet);
    const isThere = (await firstThere(machine, places)) !== undefined;
    // Of what only root may look at, nobody can say that it is missing; the report names it.
    if (!isThere && places.some((place) => machine.unreadable().includes(place as RootPath))) continue;
    found.push({ ...named, path, isThere });
  }
  const owners = await findOwners(machine, facts, new Set(found.map(({ path }) => path)));
  return found.map((one) => {
    const owner = owners.get(one.path);
    return { ...one, ...(owner !== undefined && { package: owner }) };
  });
}

/** Modules of PAM and NSS that configuration names, whether or not they are there. */
export async function readNamedModules(machine: Machine): Promise<NamedModule[]> {
  const files = (await machine.list('/etc/pam.d'))
    .filter((name) => !/\.(dpkg|ucf)-|~$/.test(name))
    .map((name): RootPath => `/etc/pam.d/${name}`);
  const texts: Record<string, string> = {};
  for (const file of ['/etc/pam.conf', ...files] as const) {
    texts[file] = (await machine.readTextIfThere(file)) ?? '';
  }
  return [...pamModules(texts), ...nssModules((await machine.readTextIfThere('/etc/nsswitch.conf')) ?? '')];
}

async function firstThere(machine: Machine, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await machine.exists(path as RootPath)) return path;
  return undefined;
}

/** Most are in packages that are called after what they are; the others are looked for only where they were not. */
async function findOwners(machine: Machine, facts: Facts, paths: ReadonlySet<string>): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  const likely = /pam|nss|systemd|sssd|winbind|gnome-keyring/;
  const installed = facts.inventory.packages.filter(({ state }) => state !== 'config-files');
  const ordered = [
    ...installed.filter(({ name }) => likely.test(name)),
    ...installed.filter(({ name }) => !likely.test(name)),
  ];
  for (const one of ordered) {
    if (owners.size === paths.size) break;
    const list: RootPath = `${dpkgFolder}/info/${infoName(one)}.list`;
    for (const path of ((await machine.readTextIfThere(list)) ?? '').split('\n')) {
      for (const place of [path, `/usr${path}`]) if (paths.has(place)) owners.set(place, one.name);
    }
  }
  return owners;
}
