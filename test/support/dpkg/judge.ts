import { spawnSync } from 'node:child_process';
import type { Finding } from '../../../src/base/finding.ts';
import type { Assessment } from '../../../src/check/system/assess.ts';
import { type Archive, fieldOf, installedStanzas, type MadeUpHost, type StanzaText } from './made-up-host.ts';

/** What is thought of a report by who has seen nothing but the host, the archive's indices and apt. */
export interface Verdict {
  /** Why the host cannot be converted as it is, or what has to be decided: each is really so. */
  readonly reasons: readonly string[];
  /** What is refused without need, and what gets lost without a word. */
  readonly faults: readonly string[];
}

/** Judges what was made of a made-up host. Shares no code with what it judges. */
export async function judge(
  archive: Archive,
  host: MadeUpHost,
  { findings, solved }: Pick<Assessment, 'findings' | 'solved'>,
): Promise<Verdict> {
  const look = new Look(archive, host);
  const reasons: string[] = [];
  const faults: string[] = [];
  const blockers = findings.filter(({ severity }) => severity === 'blocker');
  for (const blocker of blockers) {
    const needless = await look.needless(blocker);
    faults.push(...needless.map((why) => `${blocker.id}: ${why}`));
    if (needless.length === 0) reasons.push(`${blocker.id}: ${blocker.affected.join(', ')}`);
  }
  if (solved === undefined) {
    if (!blockers.some(({ id }) => id === 'packages/no-solution')) faults.push('no plan, and nobody says why');
    return { reasons, faults };
  }
  const told = new Set(blockers.flatMap(({ affected }) => affected));
  for (const name of look.withCounterpart()) {
    const { endState } = solved.plan;
    if (`${name.after}:amd64` in endState || `${name.after}:all` in endState || told.has(name.before)) continue;
    faults.push(`${name.before} has a build for amd64, and is not in the end state`);
  }
  for (const key of Object.keys(solved.plan.endState)) {
    if (key.endsWith(':i386')) faults.push(`${key} stays, and nobody asked for it`);
  }
  return { reasons, faults };
}

/** Names that Debian's documentation gives for the other architecture. */
const otherNames: Readonly<Record<string, string>> = {
  'linux-image-686': 'linux-image-amd64',
  'linux-image-686-pae': 'linux-image-amd64',
  'linux-image-rt-686-pae': 'linux-image-rt-amd64',
  'linux-headers-686': 'linux-headers-amd64',
  'linux-headers-686-pae': 'linux-headers-amd64',
  'linux-headers-rt-686-pae': 'linux-headers-rt-amd64',
};

class Look {
  readonly #archive: Archive;
  readonly #manual: ReadonlySet<string>;
  readonly #installed: ReadonlyMap<string, StanzaText>;

  constructor(archive: Archive, { directory, manual }: MadeUpHost) {
    this.#archive = archive;
    this.#manual = new Set(manual);
    this.#installed = new Map(installedStanzas(directory).map((text) => [fieldOf(text, 'Package') ?? '', text]));
  }

  withCounterpart(): { before: string; after: string }[] {
    return [...this.#installed.keys()].flatMap((before) => {
      const after = this.#counterpart(before);
      return after === undefined ? [] : [{ before, after }];
    });
  }

  /** @returns for each thing that need not have been refused, why */
  async needless({ id, affected, detail }: Finding): Promise<string[]> {
    switch (id) {
      case 'packages/no-counterpart':
        return affected.flatMap((name) => this.#needlessDecision(name));
      case 'packages/no-solution': {
        const names = this.withCounterpart().map(({ after }) => after);
        const answer = await this.#archive.ask('amd64', [...new Set(names)]);
        return 'chosen' in answer ? ['apt finds a system with everything'] : [];
      }
      case 'packages/no-target-kernel':
        return this.#archive.packages('amd64').has('linux-image-amd64') ? ['linux-image-amd64 is there'] : [];
      // The host is made of the index of today.
      case 'packages/pending-upgrades':
        return affected.map((name) => `the archive has nothing newer than this ${name}`);
      case 'packages/older-version':
        return affected.flatMap((words) => this.#needlessDowngrade(words));
      default:
        return [`${detail} (${affected.join(', ')})`];
    }
  }

  #counterpart(name: string): string | undefined {
    const offered = this.#archive.packages('amd64');
    const other = otherNames[name] ?? name.replace(/-i686-linux-gnu$/, '-x86-64-linux-gnu');
    return [other, name].find((one) => offered.has(one));
  }

  /** @param words `nano (8.0-1 would become 7.2-1)` */
  #needlessDowngrade(words: string): string[] {
    const name = words.replace(/ .*/s, '');
    const installed = fieldOf(this.#installed.get(name) ?? '', 'Version') ?? '';
    const offered = (this.#archive.packages('amd64').get(this.#counterpart(name) ?? name) ?? []).map(
      (text) => fieldOf(text, 'Version') ?? '',
    );
    const higher = offered.find(
      (version) => spawnSync('dpkg', ['--compare-versions', version, 'ge', installed]).status === 0,
    );
    return higher === undefined ? [] : [`amd64 has ${name} ${higher}, which is not older than ${installed}`];
  }

  /** Nobody has to decide about what nobody asked for, and nothing needs any more. */
  #needlessDecision(name: string): string[] {
    if (this.#counterpart(name) !== undefined) return [`${name} has a build for amd64`];
    if (this.#neededByLost().has(name) || this.#namedByBuilds(name)) return [];
    return [`${name} came by itself, and nothing needs it on amd64`];
  }

  /** What somebody asked for and amd64 does not have, with all that it needs. */
  #neededByLost(): ReadonlySet<string> {
    const found = new Set([...this.#manual].filter((name) => this.#counterpart(name) === undefined));
    for (const name of found) {
      const needed = dependencyNames(this.#installed.get(name) ?? '');
      for (const [other, text] of this.#installed) if (namesOf(text).some((one) => needed.has(one))) found.add(other);
    }
    return found;
  }

  /** Whether a build for amd64 of what is installed names it in its dependencies, or what it provides. */
  #namedByBuilds(name: string): boolean {
    const names = namesOf(this.#installed.get(name) ?? '');
    const offered = this.#archive.packages('amd64');
    return this.withCounterpart().some(({ after }) => {
      const needed = dependencyNames(offered.get(after)?.[0] ?? '');
      return names.some((one) => needed.has(one));
    });
  }
}

function namesOf(text: StanzaText): string[] {
  return [fieldOf(text, 'Package') ?? '', ...relationNames(fieldOf(text, 'Provides') ?? '')];
}

function dependencyNames(text: StanzaText): ReadonlySet<string> {
  return new Set(['Depends', 'Pre-Depends'].flatMap((field) => relationNames(fieldOf(text, field) ?? '')));
}

function relationNames(field: string): string[] {
  return field
    .split(/[,|]/)
    .map((one) => one.trim().replace(/[ :(].*$/s, ''))
    .filter((name) => name !== '');
}
