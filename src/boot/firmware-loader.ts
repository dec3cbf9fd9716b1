import type { PackageFacts } from '../apt/package-facts.ts';
import type { Answers } from '../base/finding.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import { dependenciesOf } from '../debian/dependency-graph.ts';
import type { InstalledPackage } from '../debian/package.ts';
import type { KernelFacts } from './kernel-facts.ts';

/** Whether the packages for the firmware stay as they are. */
export const firmwareLoaderQuestion = 'firmware-loader';

/** Programs for the firmware, which keeps its word size, that the target's builds are not. */
export interface FirmwareLoader {
  /** Installed names, sorted. */
  readonly packages: readonly string[];
  /** Why they cannot stay: one of them needs what cannot be installed in both builds. */
  readonly obstacle?: { readonly kept: string; readonly needed: string };
}

type FirmwareFacts = Pick<PackageFacts, 'inventory'> & Pick<KernelFacts, 'boot'>;

/**
 * @returns undefined where the firmware is none of the source's word size, or nothing is installed that it alone starts
 * @see /sys/firmware/efi/fw_platform_size; of a root in a folder the boot loader's package tells
 */
export function firmwareLoader(pair: ArchitecturePair, facts: FirmwareFacts): FirmwareLoader | undefined {
  const { firmware, source } = pair;
  const installed = facts.inventory.packages.filter(({ state }) => state !== 'config-files');
  const bits =
    facts.boot === undefined && installed.some(({ name }) => name === firmware?.loader)
      ? source.elfBits
      : facts.boot?.firmwareBits;
  if (firmware === undefined || bits !== source.elfBits) return undefined;
  const own = installed.filter(({ architecture }) => architecture === source.name);
  const packages = own.filter(({ name }) => firmware.packages.test(name));
  if (packages.length === 0) return undefined;
  const obstacle = findObstacle(packages, own);
  return { packages: packages.map(({ name }) => name).sort(), ...(obstacle && { obstacle }) };
}

/** @returns names that stay in the source architecture: all, or none */
export function keptForFirmware(pair: ArchitecturePair, facts: FirmwareFacts, answers: Answers): readonly string[] {
  const loader = firmwareLoader(pair, facts);
  const isKept = loader !== undefined && !loader.obstacle && answers[firmwareLoaderQuestion] !== 'replace';
  return isKept ? loader.packages : [];
}

/** A build that stays needs builds of its own architecture, but for what is `Multi-Arch: foreign`. */
function findObstacle(
  packages: readonly InstalledPackage[],
  own: readonly InstalledPackage[],
): FirmwareLoader['obstacle'] {
  const byName = new Map(own.map((one) => [one.name, one]));
  const staying = new Set(packages);
  for (const one of staying) {
    for (const alternatives of dependenciesOf(one)) {
      const needed = alternatives.map(({ name }) => byName.get(name)).filter((found) => found !== undefined);
      if (needed.length === 0 || needed.some((found) => staying.has(found) || servesBoth(found))) continue;
      const beside = needed.find(({ multiArch }) => multiArch === 'same');
      if (beside === undefined) return { kept: one.name, needed: needed[0]?.name ?? '' };
      staying.add(beside);
    }
  }
  return undefined;
}

function servesBoth({ multiArch }: InstalledPackage): boolean {
  return multiArch === 'foreign' || multiArch === 'allowed';
}
