import { addTo } from '../base/multimap.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import { dependenciesOf } from '../debian/dependency-graph.ts';
import type { Inventory } from '../debian/inventory.ts';
import {
  type AvailablePackage,
  type Dependency,
  type InstalledPackage,
  instanceKey,
  type PackageStanza,
} from '../debian/package.ts';
import { compareVersions, withoutRebuild } from '../debian/version.ts';
import { breaks, DpkgModel, describe } from '../dpkg/dpkg-model.ts';
import { type Drift, findDrift } from './drift.ts';
import type { TargetSet } from './plan.ts';

/** What brings the source's builds to the target's versions, before anything of the target comes. */
export interface Level {
  /** Builds of the source, or of every architecture; in no order. */
  readonly builds: readonly AvailablePackage[];
  /** What has to be levelled, and can't be. */
  readonly stuck: readonly StuckDrift[];
  /** Packages of which it has to be known what the repositories have for the source, and of which nobody has asked. */
  readonly unknown: readonly string[];
}

export interface StuckDrift {
  readonly drift: Drift;
  /** A sentence without its full stop. */
  readonly reason: string;
}

/** What the repositories have for the source, by name; a name that nobody asked for is not in it. */
export type SourceBuilds = Readonly<Record<string, readonly AvailablePackage[]>>;

/**
 * Which builds of the source have to come, so that no library has another version than its twin: those themselves, and
 * with each whatever depends on it by its old version, and what it needs in another one itself.
 *
 * Pure: what the repositories have is given. What of it is not known is in `unknown`, and counts as not there.
 */
export function planLevel(
  inventory: Inventory,
  target: TargetSet,
  pair: ArchitecturePair,
  builds: SourceBuilds = target.sourceOffers ?? {},
): Level {
  const drifts = findDrift(inventory, target, pair).filter(({ mustLevel }) => mustLevel);
  return drifts.length === 0
    ? { builds: [], stuck: [], unknown: [] }
    : new Levelling(inventory, target, pair, builds, drifts).plan();
}

/** Something that would be broken with the levelled builds, and is not without them. */
interface Trouble {
  /** Levelled packages that it comes of. */
  readonly causes: readonly string[];
  /** Packages of which another version may help. */
  readonly remedies: readonly string[];
  readonly text: string;
}

class Levelling {
  readonly #pair: ArchitecturePair;
  readonly #sourceBuilds: SourceBuilds;
  readonly #drifts: readonly Drift[];
  readonly #installed: readonly InstalledPackage[];
  /** By name: builds of the target, and of every architecture; of the source where only that one stays. */
  readonly #targetBuilds: ReadonlyMap<string, AvailablePackage>;
  /** Installed name to the name that takes its place. */
  readonly #renamed: TargetSet['renamed'];
  /** Names of the target set that provide a name. */
  readonly #providers = new Map<string, string[]>();
  readonly #unknown = new Set<string>();
  readonly #stuck = new Map<string, StuckDrift>();
  /** What is broken already. */
  readonly #brokenBefore: ReadonlySet<string>;
  readonly #native: string;

  constructor(
    inventory: Inventory,
    target: TargetSet,
    pair: ArchitecturePair,
    builds: SourceBuilds,
    drifts: readonly Drift[],
  ) {
    this.#pair = pair;
    this.#sourceBuilds = builds;
    this.#drifts = drifts;
    this.#installed = inventory.packages.filter(({ state }) => state !== 'config-files');
    this.#native = inventory.nativeArchitecture;
    const isKept = (targetBuild: AvailablePackage): boolean => targetBuild.architecture === pair.source.name;
    // The later one of a name counts.
    const ordered = [...target.packages].sort((a, b) => Number(isKept(b)) - Number(isKept(a)));
    this.#targetBuilds = new Map(ordered.map((targetBuild) => [targetBuild.name, targetBuild]));
    this.#renamed = target.renamed;
    for (const { name, provides } of this.#targetBuilds.values()) {
      for (const provide of provides) addTo(this.#providers, provide.name, name);
    }
    this.#brokenBefore = new Set(this.#unmet(this.#model([])).map(({ text }) => text));
  }

  plan(): Level {
    let first = this.#drifts.flatMap((drift) => {
      const build = this.#buildOf(drift.installed.name);
      if (build === undefined) this.#stick(drift, this.#whyNoBuild(drift));
      return build ?? [];
    });
    // What cannot be levelled together with what it needs stays as it is; the rest is tried again without it.
    for (;;) {
      const { builds, culprits } = this.#complete(first);
      if (culprits.size === 0) {
        return { builds, stuck: [...this.#stuck.values()], unknown: [...this.#unknown].sort() };
      }
      for (const drift of this.#drifts) {
        const reason = culprits.get(drift.installed.name);
        if (reason !== undefined) this.#stick(drift, reason);
      }
      first = first.filter(({ name }) => !culprits.has(name));
    }
  }

  #stick(drift: Drift, reason: string): void {
    this.#stuck.set(drift.installed.name, { drift, reason });
  }

  #whyNoBuild({ installed, target: targetBuild }: Drift): string {
    const source = this.#pair.source.name;
    const versions = [...new Set((this.#sourceBuilds[installed.name] ?? []).map(({ version }) => version))];
    return versions.length === 0
      ? `no repository has ${installed.name} for ${source}`
      : `for ${source} the repositories have ${installed.name} ${versions.join(', ')}, and not ${targetBuild.version}`;
  }

  /** Adds what the levelled builds need, and what they would break, until nothing of that is left. */
  #complete(first: readonly AvailablePackage[]): {
    readonly builds: readonly AvailablePackage[];
    /** Names of the first ones with which it can't be done, and why. */
    readonly culprits: ReadonlyMap<string, string>;
  } {
    const builds = new Map(first.map((build) => [build.name, build]));
    /** Which of the first ones has brought it. */
    const broughtBy = new Map(first.map(({ name }) => [name, new Set([name])]));
    for (;;) {
      const culprits = new Map<string, string>();
      const more = new Map<string, AvailablePackage>();
      for (const { causes, remedies, text } of this.#troubles([...builds.values()])) {
        const roots = new Set(causes.flatMap((name) => [...(broughtBy.get(name) ?? [])]));
        const [remedy] = remedies
          .filter((name) => !builds.has(name))
          .map((name) => this.#buildOf(name))
          .filter((build) => build !== undefined);
        if (remedy) {
          more.set(remedy.name, remedy);
          broughtBy.set(remedy.name, new Set([...(broughtBy.get(remedy.name) ?? []), ...roots]));
        } else {
          for (const name of roots) culprits.set(name, text);
        }
      }
      if (culprits.size > 0 || more.size === 0) return { builds: [...builds.values()], culprits };
      for (const build of more.values()) builds.set(build.name, build);
    }
  }

  #troubles(builds: readonly AvailablePackage[]): Trouble[] {
    const model = this.#model(builds);
    const levelled = new Set(builds.map(({ name }) => name));
    const unmet = this.#unmet(model).flatMap(({ stanza, dependency, text }): Trouble[] => {
      const needed = this.#namesFor(dependency);
      const causes = [stanza.name, ...needed].filter((name) => levelled.has(name));
      const isLeaving = this.#targetBuildOf(stanza.name) === undefined;
      if (causes.length === 0 || isLeaving || this.#brokenBefore.has(text)) return [];
      // Who depends on an old version goes along; what a levelled one needs comes with it.
      return [{ causes, remedies: levelled.has(stanza.name) ? needed : [stanza.name], text }];
    });
    const others = model.instances().map(({ stanza }) => stanza);
    const enemies = builds.flatMap((build) =>
      others
        .filter((other) => other.name !== build.name && standAgainst(build, other))
        .map((other): Trouble => {
          const text = `${instanceKey(other)} ${other.version} and ${instanceKey(build)} ${build.version} exclude each other`;
          const isBoth = levelled.has(other.name);
          return {
            causes: isBoth ? [build.name, other.name] : [build.name],
            remedies: isBoth ? [] : [other.name],
            text,
          };
        }),
    );
    return [...unmet, ...enemies, ...builds.flatMap((build) => this.#takeovers(build, others, levelled))];
  }

  /**
   * dpkg gives a build the files of what it replaces, and lets that disappear when no file is left: what nobody has kept
   * could not be brought back. What the installed build replaces as well has given its files away long ago.
   */
  #takeovers(build: AvailablePackage, others: readonly PackageStanza[], levelled: ReadonlySet<string>): Trouble[] {
    const known = this.#installed
      .filter(({ name }) => name === build.name)
      .flatMap(({ replaces }) => replaces.map((relation) => describe([relation])));
    const news = build.replaces.filter((relation) => !known.includes(describe([relation])));
    if (news.length === 0) return [];
    return others
      .filter((other) => other.name !== build.name && !levelled.has(other.name))
      .filter((other) => breaks({ ...build, breaks: news }, other))
      .map((other) => ({
        causes: [build.name],
        remedies: [other.name],
        text: `${instanceKey(build)} ${build.version} takes over files of ${instanceKey(other)} ${other.version}`,
      }));
  }

  /** The old system with these builds in it, all of it configured. */
  #model(builds: readonly AvailablePackage[]): DpkgModel {
    const model = new DpkgModel(
      this.#installed.map((stanza) => ({ stanza, state: 'installed' as const })),
      this.#native,
    );
    for (const build of builds) model.unpack(build);
    model.configure(builds.map(instanceKey));
    return model;
  }

  #unmet(model: DpkgModel): { stanza: PackageStanza; dependency: Dependency; text: string }[] {
    return model.instances().flatMap(({ stanza }) =>
      dependenciesOf(stanza)
        .filter((dependency) => !model.isSatisfied(dependency, stanza))
        .map((dependency) => ({
          stanza,
          dependency,
          text: `${instanceKey(stanza)} ${stanza.version} depends on ${describe(dependency)}`,
        })),
    );
  }

  #targetBuildOf(name: string): AvailablePackage | undefined {
    return this.#targetBuilds.get(name) ?? this.#targetBuilds.get(this.#renamed[name] ?? '');
  }

  #namesFor(dependency: Dependency): string[] {
    return [...new Set(dependency.flatMap(({ name }) => [name, ...(this.#providers.get(name) ?? [])]))];
  }

  /**
   * The source's build of the target's version: exactly that one of what stands beside its twin, any rebuild of the rest.
   *
   * @returns undefined where there is none, or where it is installed
   */
  #buildOf(name: string): AvailablePackage | undefined {
    const targetBuild = this.#targetBuildOf(name);
    const here = this.#installed.find(
      (one) => one.name === name && [this.#pair.source.name, 'all'].includes(one.architecture),
    );
    if (targetBuild === undefined) return undefined;
    const isNew = (build: AvailablePackage): boolean =>
      here === undefined || compareVersions(here.version, build.version) !== 0;
    if (targetBuild.architecture === 'all') return isNew(targetBuild) ? targetBuild : undefined;
    const builds = this.#sourceBuilds[name];
    if (builds === undefined) {
      this.#unknown.add(name);
      return undefined;
    }
    const exact = builds.find(({ version }) => compareVersions(version, targetBuild.version) === 0);
    const rebuilt = builds.find(({ version }) => withoutRebuild(version) === withoutRebuild(targetBuild.version));
    return [exact, targetBuild.multiArch === 'same' ? undefined : rebuilt].find(
      (build) => build !== undefined && isNew(build),
    );
  }
}

function standAgainst(one: PackageStanza, other: PackageStanza): boolean {
  return breaks(one, other) || breaks(other, one) || conflicts(one, other) || conflicts(other, one);
}

function conflicts(one: PackageStanza, other: PackageStanza): boolean {
  return breaks({ ...one, breaks: one.conflicts }, other);
}
