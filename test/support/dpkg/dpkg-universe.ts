import type { AvailablePackage, InstanceKey, PackageState } from '../../../src/debian/package.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import { available } from '../roots/packages.ts';
import { pathsOf, stanzaOf, type TinyPackage } from '../roots/tiny-package.ts';
import type { NativeArchitecture } from './real-dpkg.ts';
import { randomNumbers } from './universe.ts';

/** One build of a made-up package: what it says of itself, and its archive. */
export interface TinyBuild extends TinyPackage {
  readonly stanza: AvailablePackage;
}

/** An instance of the database that dpkg starts with. */
export interface StartInstance {
  readonly build: TinyBuild;
  readonly status: string;
  readonly more: Readonly<Record<string, string>>;
}

export interface DpkgCall {
  readonly operation: 'unpack' | 'install' | 'configure' | 'remove' | 'purge';
  /** Of a call with archives. */
  readonly builds: readonly TinyBuild[];
  /** Of any other call. */
  readonly keys: readonly InstanceKey[];
  readonly force: readonly string[];
}

/** Made-up packages that need not fit together: what dpkg refuses is as interesting as what it takes. */
export interface DpkgUniverse {
  readonly native: NativeArchitecture;
  readonly start: readonly StartInstance[];
  /** @param there what is there now */
  nextCall(there: readonly InstanceKey[]): DpkgCall;
}

const architectures = ['i386', 'amd64', 'all'] as const;
const multiArchs = ['no', 'same', 'same', 'foreign', 'allowed'] as const;

export function makeDpkgUniverse(seed: number): DpkgUniverse {
  return new Maker(seed).universe();
}

/** Its stanza in the status file, and what dpkg calls its list of files. */
export function startFiles({ build, status, more }: StartInstance): { stanza: string; owner: string; paths: string[] } {
  const { name, architecture, multiArch } = build.stanza;
  const conffiles = (build.conffiles ?? []).map((path) => `\n /${path} d41d8cd98f00b204e9800998ecf8427e`).join('');
  return {
    stanza: stanzaOf({
      ...build.fields,
      Status: status,
      ...more,
      ...(conffiles !== '' && { Conffiles: conffiles }),
    }),
    owner: multiArch === 'same' ? `${name}:${architecture}` : name,
    paths: pathsOf(build.files),
  };
}

class Maker {
  readonly #roll: () => number;
  readonly #names: readonly string[];
  readonly #builds: TinyBuild[] = [];
  /** How many relations a package has: worlds without refusals and worlds of them are both wanted. */
  readonly #density: number;
  readonly #native: NativeArchitecture;

  constructor(seed: number) {
    this.#roll = randomNumbers(seed);
    this.#native = seed % 2 === 0 ? 'i386' : 'amd64';
    this.#density = this.#pick([0.08, 0.2, 0.35]);
    this.#names = Array.from({ length: 3 + Math.floor(this.#roll() * 5) }, (_, index) => `p${index}`);
  }

  universe(): DpkgUniverse {
    for (const name of this.#names) {
      const multiArch = this.#pick(multiArchs);
      const count = 1 + Math.floor(this.#roll() * 4);
      for (let index = 0; index < count; index += 1) {
        this.#addBuild(name, this.#chance(0.85) ? multiArch : this.#pick(multiArchs));
      }
    }
    return {
      native: this.#native,
      start: this.#start(),
      nextCall: (there) => this.#nextCall(there),
    };
  }

  #addBuild(name: string, wanted: string): void {
    const architecture = this.#chance(0.12) ? 'all' : this.#pick(architectures.slice(0, 2));
    const multiArch = architecture === 'all' && wanted === 'same' ? 'foreign' : wanted;
    const version = this.#pick(['1', '1', '1', '2', '1+b1']);
    if (
      this.#builds.some(({ stanza }) => instanceKey(stanza) === `${name}:${architecture}` && stanza.version === version)
    ) {
      return;
    }
    const own: Record<string, string> = {
      ...(multiArch !== 'no' && { 'Multi-Arch': multiArch }),
      ...(this.#chance(0.06) && { Essential: 'yes' }),
      ...(this.#chance(0.06) && { Protected: 'yes' }),
    };
    for (const [field, share] of relationFields) {
      const relations = this.#relations(field, share);
      if (relations !== '') own[field] = relations;
    }
    const conffiles = this.#chance(0.25) ? [`etc/${name}-${architecture}`] : [];
    const stanza = available(`${name}:${architecture}=${version}`, own);
    this.#builds.push({
      stanza,
      fields: { Package: name, Architecture: architecture, Version: version, ...own },
      files: {
        [`usr/share/tiny/${name}-${architecture}`]: version,
        ...Object.fromEntries(conffiles.map((path) => [path, version])),
      },
      conffiles,
    });
  }

  #relations(field: string, share: number): string {
    const some: string[] = [];
    while (some.length < 3 && this.#chance(this.#density * share)) {
      const alternatives = field === 'Depends' || field === 'Pre-Depends' ? 1 + Math.floor(this.#roll() * 2.3) : 1;
      some.push(Array.from({ length: alternatives }, () => this.#relation(field)).join(' | '));
    }
    return some.join(', ');
  }

  #relation(field: string): string {
    const name =
      field === 'Provides' || this.#chance(0.25)
        ? this.#pick(['v0', 'v1', 'v2', ...this.#names.slice(0, 1)])
        : this.#pick(this.#names);
    const qualifiers =
      field === 'Provides' ? ['i386', 'amd64', 'any'] : ['any', 'any', 'any', 'i386', 'amd64', 'native', 'all'];
    const qualifier = this.#chance(0.25) ? `:${this.#pick(qualifiers)}` : '';
    const operators = field === 'Provides' ? ['='] : ['>=', '>=', '=', '<<', '>>', '<='];
    const version = this.#chance(0.35) ? ` (${this.#pick(operators)} ${this.#pick(['1', '1', '2'])})` : '';
    return `${name}${qualifier}${version}`;
  }

  #start(): StartInstance[] {
    const start: StartInstance[] = [];
    for (const name of this.#names) {
      const builds = this.#builds.filter(({ stanza }) => stanza.name === name);
      const first = this.#chance(0.75) ? this.#pick(builds) : undefined;
      if (!first) continue;
      start.push(this.#startInstance(first, start));
      const twins = builds.filter(
        ({ stanza }) =>
          stanza.multiArch === 'same' &&
          first.stanza.multiArch === 'same' &&
          stanza.architecture !== first.stanza.architecture,
      );
      if (twins.length > 0 && this.#chance(0.6)) start.push(this.#startInstance(this.#pick(twins), start));
    }
    return start;
  }

  #startInstance(build: TinyBuild, earlier: readonly StartInstance[]): StartInstance {
    const state: PackageState = this.#chance(0.72) ? 'installed' : this.#pick(unusualStates);
    const pending = earlier.filter(({ more }) => 'Triggers-Pending' in more);
    if (state === 'triggers-awaited' && pending.length === 0) return this.#startInstance(build, earlier);
    const more: Record<string, string> = {};
    if (state === 'triggers-pending') more['Triggers-Pending'] = 'something';
    if (state === 'triggers-awaited') more['Triggers-Awaited'] = pending.map(awaited).join(' ');
    // dpkg takes it in other states only.
    const configured = ['unpacked', 'half-configured', 'half-installed', 'config-files', 'triggers-awaited'];
    if (configured.includes(state) && this.#chance(0.7))
      more['Config-Version'] = this.#pick(['1', build.stanza.version]);
    const want =
      state === 'config-files' ? 'deinstall' : this.#chance(0.94) ? 'install' : this.#pick(['hold', 'deinstall']);
    const broken = ['half-installed', 'half-configured'].includes(state) && this.#chance(0.4);
    return { build, status: `${want} ${broken ? 'reinstreq' : 'ok'} ${state}`, more };
  }

  #nextCall(there: readonly InstanceKey[]): DpkgCall {
    const operation = this.#pick(['unpack', 'install', 'install', 'install', 'configure', 'remove', 'purge'] as const);
    const withArchives = operation === 'unpack' || operation === 'install';
    const count = 1 + Math.floor(this.#roll() * (withArchives ? 6 : 4));
    const force = ['remove-essential', 'remove-protected', 'overwrite'].filter(() => this.#chance(0.4));
    const builds = withArchives ? this.#some(this.#builds, count, ({ stanza }) => instanceKey(stanza)) : [];
    const keys = withArchives ? [] : this.#some(there, count, (key) => key);
    return { operation, builds, keys, force };
  }

  /** @param identity no two of one */
  #some<T>(items: readonly T[], count: number, identity: (item: T) => string): T[] {
    const found = new Map<string, T>();
    for (let index = 0; index < count && items.length > 0; index += 1) {
      const item = this.#pick(items);
      found.set(identity(item), item);
    }
    return [...found.values()];
  }

  #chance(probability: number): boolean {
    return this.#roll() < probability;
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#roll() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

const relationFields = [
  ['Pre-Depends', 0.8],
  ['Depends', 2],
  ['Conflicts', 0.8],
  ['Breaks', 0.8],
  ['Replaces', 0.5],
  ['Provides', 1.6],
] as const;

const unusualStates: readonly PackageState[] = [
  'config-files',
  'half-installed',
  'unpacked',
  'unpacked',
  'half-configured',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
];

function awaited({ build: { stanza } }: StartInstance): string {
  return stanza.multiArch === 'same' ? instanceKey(stanza) : stanza.name;
}
