import { existsSync, readFileSync } from 'node:fs';
import type { Ability, RootPath } from '../../base/root.ts';
import { containerFiles, readVirtualization } from '../../hardware/hardware-survey.ts';

/** What the running system offers: systemd as its init, and, where it is no container, a boot of its own. */
export function hostAbilities(): ReadonlySet<Ability> {
  const abilities = new Set<Ability>(['live', 'network']);
  // The folder is there as long as systemd is the first process, sd_booted(3).
  if (existsSync('/run/systemd/system')) abilities.add('init');
  if (!isContainer()) abilities.add('boot');
  return abilities;
}

function isContainer(): boolean {
  const found = readVirtualization({
    systemdContainer: textOf('/run/systemd/container'),
    firstEnvironment: textOf('/proc/1/environ'),
    containerFiles: (Object.keys(containerFiles) as RootPath[]).filter((path) => existsSync(path)),
    cpuFlags: new Set(),
  });
  return found?.kind === 'container';
}

/** @returns undefined when it is not there, or only root may read it */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
