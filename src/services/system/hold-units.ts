import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import type { Hold } from '../../data/exports.ts';
import { removeIfEmpty } from '../../state/system/own-folders.ts';

/** Fails for no one who starts it, whether by hand, by a package's script or at boot: it just does not start. */
const dropIn = `# Written by crossgrade: its data is on its way from one word size to another. Gone when that is done.
[Unit]
ConditionPathExists=/run/crossgrade-data-is-carried-over
`;

function dropInOf(unit: string): RootPath {
  return `/etc/systemd/system/${unit}.d/crossgrade.conf`;
}

/** Somebody who repairs data by hand may have let a unit run. */
export async function isHeld(machine: Machine, unit: string): Promise<boolean> {
  return machine.exists(dropInOf(unit));
}

/** A root in a folder has no services that run. */
export async function hasSystemd(machine: Machine): Promise<boolean> {
  return machine.root.can.has('init') && (await machine.exists('/run/systemd/system'));
}

/** @returns those of some units that run now */
export async function activeUnits(machine: Machine, units: readonly string[]): Promise<Set<string>> {
  const active = new Set<string>();
  for (const unit of (await hasSystemd(machine)) ? units : []) {
    const { stdout } = await machine.run(['systemctl', 'is-active', '--', unit]);
    if (['active', 'activating', 'reloading', 'deactivating'].includes(stdout.trim())) active.add(unit);
  }
  return active;
}

/** Stops units, and keeps them from being started, also after a reboot. @returns those that did not stop */
export async function holdUnits(machine: Machine, holds: readonly Hold[]): Promise<string[]> {
  if (holds.length === 0 || !(await hasSystemd(machine))) return [];
  for (const { unit } of holds) await machine.write(dropInOf(unit), dropIn, { mode: 0o644 });
  await machine.run(['systemctl', 'daemon-reload']);
  const names = holds.map(({ unit }) => unit);
  // A service before those that it uses: they are started in their order, and stopped in the opposite one.
  for (const unit of [...names].reverse()) await machine.run(['systemctl', 'stop', '--', unit]);
  return [...(await activeUnits(machine, names))];
}

/** Lets units start again, and starts those that ran. @returns those that did not come back */
export async function releaseUnits(machine: Machine, holds: readonly Hold[]): Promise<string[]> {
  for (const { unit } of holds) {
    const file = dropInOf(unit);
    await machine.remove(file);
    await removeIfEmpty(machine, file.slice(0, file.lastIndexOf('/')) as RootPath);
  }
  if (holds.length === 0 || !(await hasSystemd(machine))) return [];
  await machine.run(['systemctl', 'daemon-reload']);
  const wanted = holds.filter(({ wasActive }) => wasActive).map(({ unit }) => unit);
  for (const unit of wanted) await machine.run(['systemctl', 'start', '--', unit]);
  const active = await activeUnits(machine, wanted);
  return wanted.filter((unit) => !active.has(unit));
}
