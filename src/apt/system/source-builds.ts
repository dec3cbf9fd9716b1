import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { type AvailablePackage, instanceKey } from '../../debian/package.ts';
import { findDrift } from '../../plan/drift.ts';
import { planLevel, type SourceBuilds } from '../../plan/level.ts';
import type { TargetSet } from '../../plan/plan.ts';
import type { Facts } from '../../run/facts.ts';
import { readArchiveName, readPrintUris } from '../apt-output.ts';
import { readShown } from './package-lists.ts';
import { layOutApt, type PreparedApt, prepareApt } from './solve.ts';

/**
 * Asks what the repositories have for the source architecture, of the packages that have to be levelled. Costs nothing
 * where all versions are the target's. Where apt cannot be asked the names stay without an answer, and a plan says so.
 */
export async function withSourceBuilds(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  target: TargetSet,
  offline: boolean,
): Promise<TargetSet> {
  if (!findDrift(facts.inventory, target, pair).some(({ mustLevel }) => mustLevel)) return target;
  try {
    const apt = await openSourceApt(machine, facts, pair, offline);
    return { ...target, sourceOffers: await askForAll(machine, apt, facts, pair, target) };
  } catch (error) {
    if (!(error instanceof CrossgradeError)) throw error;
    return { ...target, sourceOffers: {} };
  }
}

async function openSourceApt(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  offline: boolean,
): Promise<PreparedApt> {
  const folder = `${machine.workDirectory}/source` as const;
  const apt = await layOutApt(machine, facts.sourceFiles, pair, folder, [pair.source.name]);
  return prepareApt(machine, pair, apt, offline);
}

async function askForAll(
  machine: Machine,
  apt: PreparedApt,
  facts: Facts,
  pair: ArchitecturePair,
  target: TargetSet,
): Promise<SourceBuilds> {
  let known: SourceBuilds = {};
  for (;;) {
    const { builds, unknown } = planLevel(facts.inventory, target, pair, known);
    if (unknown.length === 0) return withAddresses(apt, known, builds, pair);
    const shown = await readShown(machine, apt, await apt.run(['apt-cache', 'show', '--all-versions', ...unknown]));
    const found = shown.filter(({ architecture }) => architecture === pair.source.name);
    known = {
      ...known,
      ...Object.fromEntries(unknown.map((name) => [name, found.filter((one) => one.name === name)])),
    };
  }
}

/** Those that will be fetched. */
async function withAddresses(
  { run }: PreparedApt,
  known: SourceBuilds,
  builds: readonly AvailablePackage[],
  pair: ArchitecturePair,
): Promise<SourceBuilds> {
  const wanted = builds.filter(({ architecture }) => architecture === pair.source.name);
  if (wanted.length === 0) return known;
  const names = wanted.map(({ name, version }) => `${name}=${version}`);
  const { stdout } = await run(['apt-get', '-q', '--print-uris', 'download', ...names]);
  const addresses = new Map(
    readPrintUris(stdout).map(({ uri, fileName }) => {
      const { name, version, architecture } = readArchiveName(fileName);
      return [`${name}:${architecture}=${version}`, uri];
    }),
  );
  const addressed = (one: AvailablePackage): AvailablePackage => {
    const uri = addresses.get(`${instanceKey(one)}=${one.version}`);
    return uri === undefined ? one : { ...one, uri };
  };
  return Object.fromEntries(Object.entries(known).map(([name, some]) => [name, some.map(addressed)]));
}
