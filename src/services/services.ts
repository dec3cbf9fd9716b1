import * as z from 'zod';
import { type InstalledPackage, instanceKey } from '../debian/package.ts';
import { splitEndpoint } from '../network/network-output.ts';

const unitSchema = z.strictObject({
  /** `ssh.service`, `fstrim.timer` */
  name: z.string(),
  /** activating and reloading count as active. */
  state: z.enum(['active', 'failed', 'inactive']),
  /** It does something and is done: that it does not run says nothing. */
  passing: z.boolean(),
  /** A socket, a timer or a path starts it. */
  onDemand: z.boolean(),
  /** Its own conditions (`ConditionPathExists=` …) did not hold when it was to be started last. */
  unwanted: z.boolean(),
  /** Main program, as the unit names it: `/usr/sbin/sshd`. */
  program: z.string().exactOptional(),
  /** Package that ships it: `openssh-server:i386`, and its version. */
  package: z.string().exactOptional(),
  version: z.string().exactOptional(),
  /** Files that add to the unit. */
  dropIns: z.array(z.string()).readonly(),
});

const socketSchema = z.strictObject({
  protocol: z.enum(['tcp', 'udp']),
  /** Without brackets; `*` for all of both families. */
  address: z.string(),
  device: z.string().exactOptional(),
  port: z.int(),
  /** Names of the programs behind it. */
  programs: z.array(z.string()).readonly(),
});

/** What runs, what is started at boot, and who listens. */
export const servicesSchema = z.strictObject({
  version: z.literal(1),
  /** Of the boot in which it was looked at. */
  bootId: z.string(),
  units: z.array(unitSchema).readonly(),
  /** `enabled`, `disabled`, `masked`, `static` … of every unit file, by its name. */
  unitFiles: z.record(z.string(), z.string()),
  /** Absent where ss(8) is not there. */
  sockets: z.array(socketSchema).readonly().exactOptional(),
  /** First and last of the ports that the kernel gives to whoever asks for none. */
  anyPorts: z.tuple([z.int(), z.int()]),
});

export type Services = Readonly<z.infer<typeof servicesSchema>>;
export type Unit = Readonly<z.infer<typeof unitSchema>>;
export type ListeningSocket = Readonly<z.infer<typeof socketSchema>>;

/** @returns undefined when the text was not written by this version of crossgrade, or is not complete */
export function readServicesRecord(text: string): Services | undefined {
  try {
    return servicesSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What `systemctl show` is asked for. */
export const unitProperties = [
  'Id',
  'LoadState',
  'ActiveState',
  'Type',
  'Transient',
  'FragmentPath',
  'DropInPaths',
  'ExecStart',
  'TriggeredBy',
  'ConditionResult',
];

const kinds = /\.(service|socket|timer|path|mount|swap)$/;

/**
 * Units that come and go by themselves: of logins, of the boot, of crossgrade, of what runs only meanwhile. A mount
 * counts when a file says that it shall be.
 */
const ofNoInterest =
  /^(user@|user-runtime-dir@|session-|run-|modprobe@|systemd-fsck|initrd-|emergency\.|rescue\.|crossgrade|systemd-update-done|systemd-firstboot|dpkg-db-backup\.service|dbus-:)/;

/** @param text of `systemctl show --all --property=…` with `unitProperties`: a stanza for each unit */
export function parseUnits(text: string): Unit[] {
  const units = new Map<string, Unit>();
  for (const stanza of text.split('\n\n')) {
    const fields = new Map(
      stanza.split('\n').map((line): [string, string] => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
    const get = (name: string): string => fields.get(name) ?? '';
    const name = get('Id');
    const isMount = /\.(mount|swap)$/.test(name);
    const set = /^\/(etc|run\/systemd\/generator)/.test(get('FragmentPath'));
    if (!kinds.test(name) || ofNoInterest.test(name) || get('Transient') === 'yes' || (isMount && !set)) continue;
    if (get('LoadState') !== 'loaded') continue;
    const active = get('ActiveState');
    const program = /^\{ path=(\/\S+)/.exec(get('ExecStart'))?.[1];
    units.set(name, {
      name,
      state: active === 'failed' || active === 'inactive' ? active : active === 'deactivating' ? 'inactive' : 'active',
      passing: get('Type') === 'oneshot',
      onDemand: get('TriggeredBy') !== '',
      unwanted: get('ConditionResult') === 'no' && active === 'inactive',
      ...(program !== undefined && { program }),
      dropIns: get('DropInPaths')
        .split(' ')
        .filter((path) => path !== '' && !path.endsWith('/crossgrade.conf')),
    });
  }
  return [...units.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param text of `systemctl list-unit-files --plain --no-legend` */
export function parseUnitFiles(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, name = '', state = ''] = /^(\S+)\s+(\S+)/.exec(line) ?? [];
      return !kinds.test(name) || ofNoInterest.test(name) || state === 'transient' ? [] : [[name, state]];
    }),
  );
}

/**
 * @param text of `dpkg-query --search`
 * @returns package instance and version, by path; with /usr and without it
 */
export function parseOwners(
  text: string,
  packages: readonly InstalledPackage[],
): Map<string, { readonly package: string; readonly version: string }> {
  const owners = new Map<string, { readonly package: string; readonly version: string }>();
  for (const line of text.split('\n')) {
    const [, name, architecture, path] =
      /^([^\s:,]+)(?::([^\s,]+))?(?:, [^:]+(?::[^\s,]+)?)*: (\/.*)$/.exec(line) ?? [];
    const owner = packages.find(
      (one) =>
        one.name === name && (architecture ?? one.architecture) === one.architecture && one.state !== 'config-files',
    );
    if (path === undefined || owner === undefined) continue;
    const short = path.replace(/^\/usr(?=\/s?bin\/|\/lib)/, '');
    for (const place of [short, `/usr${short}`, path]) {
      owners.set(place, { package: instanceKey(owner), version: owner.version });
    }
  }
  return owners;
}

/** @param text of `ss -H -tulpn` */
export function parseListening(text: string): ListeningSocket[] {
  const found = new Map<string, ListeningSocket>();
  for (const line of text.split('\n')) {
    const [protocol = '', , , , endpoint = '', , users = ''] = line.trim().split(/\s+/);
    const local = splitEndpoint(endpoint);
    if ((protocol !== 'tcp' && protocol !== 'udp') || local === undefined) continue;
    const { address, device, port } = local;
    const key = JSON.stringify([protocol, address, device, port]);
    const programs = [...users.matchAll(/\("([^"]*)",/g)].map(([, program = '']) => program);
    const all = new Set([...(found.get(key)?.programs ?? []), ...programs]);
    found.set(key, {
      protocol,
      address,
      ...(device !== undefined && { device }),
      port,
      programs: [...all].sort(),
    });
  }
  return [...found.values()];
}
