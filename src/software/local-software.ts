import * as z from 'zod';
import type { RootPath } from '../base/root.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import type { Inventory } from '../debian/inventory.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from '../debian/package.ts';

/** Whether libraries stay for programs that no package brought. */
export const localSoftwareQuestion = 'local-software';
/** Whether compiled packages of virtualenvs are installed anew. */
export const virtualenvQuestion = 'virtualenv';

const path = z.custom<RootPath>((value) => typeof value === 'string' && value.startsWith('/'));
const key = z.custom<InstanceKey>((value) => typeof value === 'string' && /^[^:]+:[^:]+$/.test(value));

/** Programs of the source that belong together, and what the dynamic loader finds for them. */
const dependentGroupSchema = z.strictObject({
  /** `rvm in /home/ann/.rvm`, `/opt/tool/bin/x`. */
  name: z.string(),
  /** Programs, and the libraries and plug-ins beside them. */
  files: z.array(path),
  /** Installed instances that have the libraries, the loader's own included; sorted. */
  packages: z.array(key),
  /** What they do without even now, by file. */
  missing: z.record(z.string(), z.array(z.string())),
  /** Libraries and plug-ins that they may load by name while they run, with whose they are; absent where there are none. */
  byName: z.record(path, key).exactOptional(),
});

export type DependentGroup = z.infer<typeof dependentGroupSchema>;

/** A virtualenv with files that only a Python of the source can load. */
const virtualenvSchema = z.strictObject({
  path,
  uid: z.int().nonnegative(),
  gid: z.int().nonnegative(),
  /** A user name, or a number where there is no name. */
  owner: z.string(),
  files: z.array(path),
});

export type Virtualenv = z.infer<typeof virtualenvSchema>;

export interface DependentSoftware {
  readonly groups: readonly DependentGroup[];
  readonly virtualenvs: readonly Virtualenv[];
}

/** What is installed in a virtualenv; asked of its own Python. */
export const frozenSchema = z.strictObject({
  /** The Python that it was made with: `/usr/bin/python3.11`. */
  base: z.string(),
  /** Lines for pip: `spam==1.0`. */
  requirements: z.array(z.string()),
  /** Those of them that have files of the source. */
  compiled: z.array(z.string()),
  /** Modules of such files that can be imported. */
  modules: z.array(z.string()),
  /** Such files that belong to no package. */
  strange: z.array(z.string()),
});

export type Frozen = z.infer<typeof frozenSchema>;

const recordSchema = z.strictObject({
  version: z.literal(1),
  groups: z.array(dependentGroupSchema),
  virtualenvs: z.array(
    virtualenvSchema.extend({
      frozen: frozenSchema.exactOptional(),
      /** Why it could not be asked. */
      trouble: z.string().exactOptional(),
    }),
  ),
  /** Paths of packages of the source that local configuration and scripts name; absent where none do. */
  named: z
    .array(z.strictObject({ file: path, line: z.int().positive(), path, becomes: path.exactOptional() }))
    .exactOptional(),
  /** Packages that stay in the source architecture, as decided, with their scripts; absent where none do. */
  kept: z
    .strictObject({
      groups: z.array(dependentGroupSchema),
      interpreters: z.record(path, path),
      /** What only programs that go over would load; absent where there is none. */
      plugIns: z
        .array(z.strictObject({ path, package: z.string(), folder: z.string(), beside: z.array(z.string()) }))
        .exactOptional(),
    })
    .exactOptional(),
});

/** What was there before the first change. */
export type LocalSoftwareRecord = z.infer<typeof recordSchema>;
export type RecordedVirtualenv = LocalSoftwareRecord['virtualenvs'][number];

const rebuiltSchema = z.strictObject({
  version: z.literal(1),
  changedAt: z.string(),
  items: z.array(
    z.strictObject({
      path,
      /** `begun`: the original is a copy beside it, or the copy is not complete yet. */
      state: z.enum(['begun', 'rebuilt', 'failed']),
      /** Why it failed, or what is left to do: a clause. */
      trouble: z.string().exactOptional(),
    }),
  ),
});

export type Rebuilt = z.infer<typeof rebuiltSchema>;

/** Virtualenvs whose compiled packages are still to be installed anew. */
export function waitingVirtualenvs(
  record: LocalSoftwareRecord | undefined,
  rebuilt: Rebuilt | undefined,
): readonly RecordedVirtualenv[] {
  const done = new Set(rebuilt?.items.filter(({ state }) => state !== 'begun').map((one) => one.path));
  return record?.virtualenvs.filter((one) => !done.has(one.path)) ?? [];
}

/** @returns undefined for a file that is not there, or that nobody can use: then it is written anew */
export function readLocalSoftware(text: string | undefined): LocalSoftwareRecord | undefined {
  return parsed(recordSchema, text);
}

/** @returns undefined as for {@link readLocalSoftware} */
export function readRebuilt(text: string | undefined): Rebuilt | undefined {
  return parsed(rebuiltSchema, text);
}

function parsed<Value>(schema: z.ZodType<Value>, text: string | undefined): Value | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What the dynamic loader says of one file. */
export interface Loaded {
  /** Absolute paths, the loader's own included. */
  readonly libraries: readonly string[];
  /** Names, and versions of symbols, that are not there. */
  readonly missing: readonly string[];
}

/** Stands before a file's name in what guest/software/trace-libraries.sh prints; no line of the loader's begins like that. */
export const traceMark = '== ';

/**
 * @param text what guest/software/trace-libraries.sh has printed
 * @returns by file
 * @see ld.so(8), `LD_TRACE_LOADED_OBJECTS`
 */
export function readTraces(text: string): ReadonlyMap<string, Loaded> {
  const traces = new Map<string, Loaded>();
  for (const part of `\n${text}`.split(`\n${traceMark}`).slice(1)) {
    const [file = '', ...lines] = part.split('\n');
    traces.set(file, {
      libraries: distinct(lines.flatMap((line) => /^\t(?:\S+ => )?(\/.+?) \(0x/.exec(line)?.[1] ?? [])),
      missing: distinct(lines.flatMap(missingIn)),
    });
  }
  return traces;
}

function missingIn(line: string): string[] {
  const library = /^\t(\S+) => not found/.exec(line)?.[1] ?? /loading shared libraries: ([^:]+): /.exec(line)?.[1];
  const version = /version [`‘']([^'’]+)['’] not found/.exec(line)?.[1];
  return [library, version].filter((one) => one !== undefined);
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

/** What can stay beside the target's builds so that programs outside packages find their libraries. */
export interface Beside {
  readonly keep: readonly InstalledPackage[];
  /** Those of `keep` that yield where they cannot be installed together with the rest: what is loaded by name is a guess. */
  readonly mayYield: ReadonlySet<InstanceKey>;
  /** Whose place the target's build takes: not `Multi-Arch: same`. */
  readonly cannot: readonly InstanceKey[];
}

export function besideFor(groups: readonly DependentGroup[], inventory: Inventory, pair: ArchitecturePair): Beside {
  const needed = new Set(groups.flatMap((group) => group.packages));
  const named = new Set(groups.flatMap((group) => Object.values(group.byName ?? {})).filter((one) => !needed.has(one)));
  const there = inventory.packages.filter((one) => one.state === 'installed' && one.architecture === pair.source.name);
  const canStay = there.filter((one) => one.multiArch === 'same');
  return {
    keep: canStay.filter((one) => needed.has(instanceKey(one)) || named.has(instanceKey(one))),
    mayYield: named,
    cannot: there.filter((one) => one.multiArch !== 'same' && needed.has(instanceKey(one))).map(instanceKey),
  };
}
