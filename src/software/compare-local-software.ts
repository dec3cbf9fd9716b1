import type { Difference, PartComparison } from '../base/difference.ts';
import { listNames } from '../base/list-names.ts';
import { virtualenvListsFolder } from '../base/own-paths.ts';
import { shellWords } from '../base/shell-word.ts';
import { asideName } from '../data/exports.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import type { Plan } from '../plan/plan.ts';
import type { DependentGroup, Loaded, LocalSoftwareRecord, Rebuilt, RecordedVirtualenv } from './local-software.ts';
import { repeatCommand } from './virtualenv.ts';

export interface LocalSoftwareNow {
  readonly record: LocalSoftwareRecord | undefined;
  readonly rebuilt: Rebuilt | undefined;
  /** What the source's loader finds now, by file; absent where that loader is gone. */
  readonly traces: ReadonlyMap<string, Loaded> | undefined;
  /** Scripts of packages that stay, with what ran them and is gone. */
  readonly lostInterpreters?: readonly (readonly [script: string, interpreter: string])[];
  /** Libraries that were there to be loaded by name, and are gone. */
  readonly gone?: ReadonlySet<string>;
}

/** Programs outside packages: whether they still find what they are loaded with, and what to do where they don't. */
export function compareLocalSoftware(pair: ArchitecturePair, plan: Plan, now: LocalSoftwareNow): PartComparison {
  const groups = (now.record?.groups ?? []).filter((one) => one.packages.length > 0);
  const lost = new Map(groups.map((group) => [group, lostBy(group, now, pair)]));
  const whole = groups.filter((group) => lost.get(group)?.length === 0);
  return {
    rows:
      groups.length === 0
        ? []
        : [{ label: 'programs outside packages', before: `${groups.length}`, after: `${whole.length}` }],
    differences: [
      ...groups.map((group) => describeGroup(group, lost.get(group) ?? [], pair, plan)),
      ...(now.record?.kept?.groups ?? []).flatMap((group) => describeKept(group, lostBy(group, now, pair), pair)),
      ...[
        ...groups.filter((group) => plan.beside && whole.includes(group)),
        ...(now.record?.kept?.groups ?? []),
      ].flatMap((group) => describeNamed(group, now)),
      ...(now.record?.kept?.plugIns ?? []).map(({ path, package: name, beside }) => ({
        what: `${path} of ${name} stays in ${pair.source.name}, but is not loaded any more: what loads its kind went over to ${pair.target.name}, with ${listNames(beside, 3)}`,
        explanation: null,
      })),
      ...(now.lostInterpreters ?? []).map(([script, interpreter]) => ({
        what: `${script} does not start any more: ${interpreter}, which runs it, is gone`,
        explanation: null,
      })),
      ...(now.record?.virtualenvs ?? []).flatMap((one) => describeVirtualenv(one, now.rebuilt, pair)),
    ],
  };
}

/** Libraries that were found before, and are not now; the loader itself where it is gone. */
function lostBy({ files, missing }: DependentGroup, { traces }: LocalSoftwareNow, pair: ArchitecturePair): string[] {
  if (traces === undefined) return [pair.source.loader];
  const lost = files.flatMap((file) => {
    const now = traces.get(file)?.missing ?? [];
    // Somebody has taken the file away.
    return now.includes(file) ? [] : now.filter((name) => !missing[file]?.includes(name));
  });
  return [...new Set(lost)].sort();
}

function describeGroup(
  { name, files, packages }: DependentGroup,
  lost: readonly string[],
  { source }: ArchitecturePair,
  plan: Plan,
): Difference {
  const count = files.length === 1 ? '' : ` (${files.length} files)`;
  if (lost.length === 0) {
    return {
      what: `${name}${count} is of ${source.elfBits} bit, and finds all its libraries`,
      explanation: plan.beside ? `they stay in ${source.name}, as decided` : `they are in ${source.name} packages`,
    };
  }
  const stay = new Set(plan.beside);
  const gone = packages.filter((key) => !stay.has(key));
  return {
    what: `${name}${count} does not start any more: ${listNames(lost)} not found${
      gone.length > 0 ? '; its libraries did not stay: build or install it anew, or get them back with the command' : ''
    }`,
    explanation: null,
    command: `dpkg --add-architecture ${source.name} && apt-get update && apt-get install ${shellWords(packages)}`,
  };
}

/** A package that stays; that it does so is told of all together. */
function describeKept(
  { name, packages }: DependentGroup,
  lost: readonly string[],
  { source }: ArchitecturePair,
): Difference[] {
  if (lost.length === 0) return [];
  return [
    {
      what: `${name} stays in ${source.name}, but does not start any more: ${listNames(lost)} not found`,
      explanation: null,
      ...(packages.length > 0 && { command: `apt-get install ${shellWords(packages)}` }),
    },
  ];
}

/** What is loaded by name is looked for only where the program needs it: that it starts says nothing of that. */
function describeNamed({ name, byName = {} }: DependentGroup, { gone }: LocalSoftwareNow): Difference[] {
  const lost = Object.entries(byName).filter(([path]) => gone?.has(path));
  if (lost.length === 0) return [];
  return [
    {
      what: `${name} may load by name, while it runs, what is gone: ${listNames(lost.map(([path]) => path))}`,
      explanation: null,
      command: `apt-get install ${shellWords([...new Set(lost.map(([, key]) => key))].sort())}`,
    },
  ];
}

function describeVirtualenv(
  virtualenv: RecordedVirtualenv,
  rebuilt: Rebuilt | undefined,
  { source }: ArchitecturePair,
): Difference[] {
  const { path, frozen, trouble } = virtualenv;
  const done = rebuilt?.items.find((one) => one.path === path);
  const command = repeatCommand(virtualenv);
  const repeat = command === undefined ? {} : { command };
  const aside = asideName(path, source.name);
  if (done?.state === 'rebuilt') {
    return [
      {
        what: `virtualenv ${path}: its compiled packages were installed anew: ${listNames(frozen?.compiled ?? [])}`,
        explanation: `the versions are the same, and their modules were imported; when all is well, remove the original (${aside})`,
      },
      ...(done.trouble === undefined ? [] : [{ what: `virtualenv ${path}: ${done.trouble}`, explanation: null }]),
    ];
  }
  if (done) {
    return [
      {
        what: `virtualenv ${path} was NOT rebuilt, and its compiled packages cannot be loaded: ${done.trouble ?? 'it was interrupted'}`,
        explanation: null,
        ...repeat,
      },
    ];
  }
  return [
    {
      what: `virtualenv ${path}: its compiled packages cannot be loaded any more; left as it is, ${
        frozen
          ? `what was installed in it is in ${virtualenvListsFolder}`
          : (trouble ?? 'what was installed is not known')
      }`,
      explanation: null,
      ...repeat,
    },
  ];
}
