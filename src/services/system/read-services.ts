import type { Machine } from '../../base/machine.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import { parseListening, parseOwners, parseUnitFiles, parseUnits, type Services, unitProperties } from '../services.ts';
import { hasSystemd } from './hold-units.ts';

/**
 * Asks systemd, ss and dpkg, once each.
 *
 * @returns undefined where systemd is not the first process
 */
export async function readServices(
  machine: Machine,
  packages: readonly InstalledPackage[],
): Promise<Services | undefined> {
  if (!(await hasSystemd(machine))) return undefined;
  const ask = async (...argv: string[]): Promise<string> => (await machine.run(argv)).stdout;
  const [shown, files, listening] = await Promise.all([
    ask('systemctl', 'show', '--all', `--property=${unitProperties.join(',')}`, '*'),
    ask('systemctl', 'list-unit-files', '--plain', '--no-legend', '--no-pager'),
    machine.run(['ss', '-H', '-tulpn']),
  ]);
  const units = parseUnits(shown);
  const programs = units.flatMap(({ program }) => (program === undefined ? [] : [program]));
  const range = await machine.readTextIfThere('/proc/sys/net/ipv4/ip_local_port_range');
  const [first = 32_768, last = 60_999] = (range ?? '').trim().split(/\s+/).filter(Boolean).map(Number);
  // Some are in no package: dpkg-query names the others all the same.
  const owners = parseOwners(await ask('dpkg-query', '--search', '--', ...bothPlaces(programs)), packages);
  return {
    version: 1,
    bootId: (await machine.runningKernel()).bootId,
    units: units.map((unit) => ({ ...unit, ...(unit.program !== undefined && owners.get(unit.program)) })),
    unitFiles: parseUnitFiles(files),
    ...(listening.exitCode === 0 && { sockets: parseListening(listening.stdout) }),
    anyPorts: [first, last],
  };
}

/** dpkg knows a file by the place that its package has it at: with or without /usr. */
function bothPlaces(paths: readonly string[]): string[] {
  const short = paths.map((path) => path.replace(/^\/usr(?=\/s?bin\/|\/lib)/, ''));
  const long = short.map((path) => path.replace(/^(?=\/s?bin\/|\/lib)/, '/usr'));
  return [...new Set([...short, ...long])];
}
