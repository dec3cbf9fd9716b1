import * as z from 'zod';
import type { PackageFacts } from '../apt/package-facts.ts';
import {
  type Area,
  areas,
  type ComparisonRow,
  type Difference,
  differenceSchema,
  type PartComparison,
  rowSchema,
} from '../base/difference.ts';
import { isCopyable } from '../base/shell-word.ts';
import { leftForMachineSchema } from '../boot/left-for-machine.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import { carryMarks } from '../debian/marks.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from '../debian/package.ts';
import { heldInstances } from '../debian/package-states.ts';
import { directionOf } from '../plan/drift.ts';
import type { Plan } from '../plan/plan.ts';
import { oldProcessesSchema } from '../session/old-processes.ts';
import type { BeforeRecord } from '../state/before-record.ts';

/** Before beside after, and every difference with its reason. */
export const comparisonSchema = z.strictObject({
  rows: z.array(rowSchema.extend({ area: z.enum(areas) })).readonly(),
  differences: z.array(differenceSchema.extend({ area: z.enum(areas) })).readonly(),
  /** Programs of the old architecture that still run; absent for a root in a folder. */
  oldProcesses: z.array(oldProcessesSchema).readonly().exactOptional(),
  /** What is left to be typed on the machine to which a root in a folder belongs; absent when nothing is. */
  leftForMachine: z.array(leftForMachineSchema).readonly().exactOptional(),
});

export type Comparison = Readonly<z.infer<typeof comparisonSchema>>;

/** Those areas that have any, in their order. */
export function byArea(differences: Comparison['differences']): [Area, Difference[]][] {
  return areas
    .map((area): [Area, Difference[]] => [area, differences.filter((one) => one.area === area)])
    .filter(([, some]) => some.length > 0);
}

/** A command that nobody can copy is left out. */
function copyable(difference: Difference): Difference {
  const { command, ...rest } = difference;
  return command === undefined || isCopyable(command) ? difference : rest;
}

/** @param parts by area; an area may come more than once */
export function joinParts(parts: readonly (readonly [Area, Partial<PartComparison>])[]): Comparison {
  const ordered = areas.flatMap((area) => parts.filter(([name]) => name === area));
  return {
    rows: ordered.flatMap(([area, { rows = [] }]) => rows.map((row) => ({ ...row, area }))),
    differences: ordered.flatMap(([area, { differences = [] }]) =>
      differences.map((one) => ({ ...copyable(one), area })),
    ),
  };
}

/**
 * Holds the plan to its word: package names, versions, marks, holds.
 *
 * @param facts of the root as it is now
 */
export function comparePackages(
  pair: ArchitecturePair,
  plan: Plan,
  before: BeforeRecord,
  facts: PackageFacts,
): PartComparison {
  const { inventory } = facts;
  const there = inventory.packages.filter((instance) => instance.state !== 'config-files');
  const marks = wantedMarks(pair, plan, before);
  const holds = wantedHolds(pair, plan, before);
  const differences: Difference[] = [
    ...plannedChanges(plan),
    ...versionChanges(pair, plan, before),
    ...endStateDifferences(plan, there),
    ...setDifferences('automatic mark of', marks, inventory.automatic),
    ...setDifferences('hold on', new Set(holds), new Set(heldInstances(there))),
    ...there
      .filter((instance) => instance.state !== 'installed')
      .map((instance) => ({ what: `${instanceKey(instance)} is ${instance.state}`, explanation: null })),
  ];
  const count = (keys: Iterable<string>, architecture: string): string =>
    String([...keys].filter((key) => key.endsWith(`:${architecture}`)).length);
  const beforeKeys = Object.keys(before.packages);
  const nowKeys = there.map(instanceKey);
  const rows: ComparisonRow[] = [
    { label: 'dpkg’s architecture', before: before.nativeArchitecture, after: inventory.nativeArchitecture },
    {
      label: 'foreign architectures',
      before: before.foreignArchitectures.join(' ') || 'none',
      after: inventory.foreignArchitectures.join(' ') || 'none',
    },
    { label: 'packages', before: String(beforeKeys.length), after: String(nowKeys.length) },
    ...[pair.source.name, pair.target.name, 'all'].map((name) => ({
      label: `  ${name}`,
      before: count(beforeKeys, name),
      after: count(nowKeys, name),
    })),
    { label: 'marked automatic', before: String(before.automatic.length), after: String(inventory.automatic.size) },
    { label: 'on hold', before: String(before.holds.length), after: String(heldInstances(there).length) },
  ];
  return { rows, differences };
}

/** What is there in another version than before; a mere rebuild is none. */
function versionChanges(pair: ArchitecturePair, { changes, endState }: Plan, before: BeforeRecord): Difference[] {
  return changes.flatMap(({ name, before: old, after }) => {
    const from = old && before.packages[`${name}:${old.architecture}`];
    const to = after && endState[`${name}:${after.architecture}`];
    const direction = from === undefined || to === undefined ? 'rebuild' : directionOf(from, to);
    if (direction === 'rebuild') return [];
    return [
      {
        what: `${name} went ${direction} from ${from} to ${to}`,
        explanation: name.includes(pair.target.packageTriplet)
          ? `for ${pair.source.name} it was a cross compiler, with versions of its own`
          : direction === 'down'
            ? 'as you decided: the target had no newer one'
            : 'the version that the target has',
      },
    ];
  });
}

/** The automatic marks that the crossgraded system must have: no package needs what stays for other programs. */
export function wantedMarks(pair: ArchitecturePair, plan: Plan, before: BeforeRecord): Set<InstanceKey> {
  const marks = carryMarks(new Set([...before.automatic, ...foundAgain(pair, plan, before)] as InstanceKey[]), {
    source: pair.source.name,
    target: pair.target.name,
    before: Object.keys(before.packages) as InstanceKey[],
    after: Object.keys(plan.endState) as InstanceKey[],
    added: new Set(plan.changes.filter((change) => change.change === 'added').map((change) => change.name)),
    renamed: plan.renamed,
  });
  for (const key of plan.beside ?? []) marks.delete(key);
  return marks;
}

/**
 * Marks of which dpkg -i has lost sight: what was put beside its twin, or in its place, by hand was not wanted for itself;
 * those of arch:all packages are still filed under the old architecture; and those of an older list.
 */
function foundAgain({ source, target }: ArchitecturePair, plan: Plan, before: BeforeRecord): InstanceKey[] {
  const automatic = new Set(before.automatic);
  const given = new Set(plan.givenMarks);
  const both = [source.name, target.name];
  const names = [...new Set(Object.keys(before.packages).map((key) => key.replace(/:.*/, '')))].filter(
    (name) => given.has(name) || (plan.takenOver && both.some((one) => automatic.has(`${name}:${one}`))),
  );
  return names.flatMap((name) => both.map((one): InstanceKey => `${name}:${one}`));
}

/** The instances that must be on hold afterwards. */
export function wantedHolds(pair: ArchitecturePair, plan: Plan, before: BeforeRecord): InstanceKey[] {
  const after = new Set(Object.keys(plan.endState));
  const carried = before.holds.map((key): InstanceKey => {
    const [name = '', architecture = ''] = key.split(':');
    const now = plan.renamed[name] ?? name;
    const crossgraded: InstanceKey = `${now}:${pair.target.name}`;
    return architecture === pair.source.name && after.has(crossgraded) ? crossgraded : `${now}:${architecture}`;
  });
  return carried.filter((key) => after.has(key)).sort();
}

/** What the plan foretold, so that nobody has to wonder. */
function plannedChanges(plan: Plan): Difference[] {
  const kept = plan.changes.filter((change) => change.change === 'kept-foreign').map((change) => change.name);
  return [
    ...plan.changes
      .filter((change) => verbs[change.change] !== undefined)
      .map((change) => ({ what: `${change.name} ${verbs[change.change]}`, explanation: change.reason })),
    ...(kept.length === 0
      ? []
      : [
          {
            what: `${kept.length} packages stay in ${plan.sourceArchitecture}: ${kept.join(' ')}`,
            explanation: `${[
              ...plan.missing.filter((name) => kept.includes(name)),
              ...(plan.beside ? ['libraries that no package depends on, but programs need'] : []),
            ].join(', ')} and what they need, as decided`,
          },
        ]),
    ...(plan.beside
      ? [
          {
            what: `marked as wanted, not automatic: ${plan.beside.join(' ')}`,
            explanation: 'no package depends on them, and apt autoremove must leave them for programs that need them',
          },
        ]
      : []),
  ];
}

const verbs: Readonly<Record<string, string>> = {
  added: 'came',
  vanishing: 'went',
  replaced: 'has another version',
};

function endStateDifferences(plan: Plan, there: readonly InstalledPackage[]): Difference[] {
  const now = new Map<string, string>(there.map((instance) => [instanceKey(instance), instance.version]));
  const wanted = Object.entries(plan.endState);
  return [
    ...wanted
      .filter(([key, version]) => now.get(key) !== version)
      .map(([key, version]) => ({
        what: now.has(key) ? `${key} is ${now.get(key)}, planned was ${version}` : `${key} ${version} is missing`,
        explanation: null,
      })),
    ...[...now.keys()]
      .filter((key) => !(key in plan.endState))
      .map((key) => ({ what: `${key} is there, but was not planned`, explanation: null })),
  ];
}

function setDifferences(label: string, wanted: ReadonlySet<string>, now: ReadonlySet<string>): Difference[] {
  return [
    ...[...wanted]
      .filter((key) => !now.has(key))
      .map((key) => ({ what: `${label} ${key} is lost`, explanation: null })),
    ...[...now].filter((key) => !wanted.has(key)).map((key) => ({ what: `${label} ${key} is new`, explanation: null })),
  ];
}
