import type { ArchitecturePair } from '../debian/architecture.ts';
import type { InstalledPackage } from '../debian/package.ts';

/** @returns packages of the target that dpkg has begun to install and not finished with; triggers are no matter */
export function tornPackages(packages: readonly InstalledPackage[], { target }: ArchitecturePair): InstalledPackage[] {
  return packages.filter(
    ({ architecture, state, reinstallRequired }) =>
      architecture === target.name && (reinstallRequired || tornStates.has(state)),
  );
}

const tornStates: ReadonlySet<string> = new Set(['half-installed', 'unpacked', 'half-configured']);
