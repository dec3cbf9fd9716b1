import * as z from 'zod';
import { DependencyGraph } from '../debian/dependency-graph.ts';
import type { Inventory } from '../debian/inventory.ts';
import { instanceKey, type PackageStanza } from '../debian/package.ts';
import type { PackageChange, Plan, TargetSet } from './plan.ts';

/** One step of a chain: this package needs the next one. */
const link = z.strictObject({
  name: z.string(),
  /** As it is written in the package: `libc6 (>= 2.36)`; '' for the last one. */
  needs: z.string(),
});

export const whySchema = z.strictObject({
  name: z.string(),
  change: z.string(),
  reason: z.string(),
  before: z.string().nullable().describe('architecture and version; null: not installed'),
  after: z.string().nullable(),
  chain: z.array(link).describe('from a package that somebody asked for, along dependencies'),
  sentence: z.string().describe('what the chain means'),
  calls: z.array(
    z.strictObject({
      number: z.int(),
      of: z.int(),
      wave: z.string(),
      id: z.string(),
      operation: z.string(),
      instance: z.string(),
    }),
  ),
  neededBy: z.array(z.string()).describe('packages that depend on it'),
});

/** Why a package comes, goes or stays, and when. */
export type Why = z.infer<typeof whySchema>;

export interface WhyInput {
  /** Before the first change. */
  readonly inventory: Inventory;
  readonly plan: Plan;
  readonly target: TargetSet;
}

/**
 * @param word a package name, with or without `:architecture`
 * @returns one answer for each build of it: a library can come in the target and stay for a package that is kept; none
 * when neither the system nor the plan knows it
 */
export function explainPackage(word: string, input: WhyInput): Why[] {
  const { inventory, plan } = input;
  const [name = '', architecture] = word.split(':');
  const entries = plan.changes.filter((one) => one.name === name);
  if (entries.length > 0) {
    const chosen = entries.filter((one) => entries.length === 1 || isOf(one, architecture));
    return (chosen.length > 0 ? chosen : entries).map((entry) => whyOf(entry, input));
  }
  const residual = inventory.packages.find((one) => one.name === name && one.state === 'config-files');
  return residual ? [residualWhy(residual, callsOf(name, plan))] : [];
}

function isOf({ change, before, after }: PackageChange, architecture: string | undefined): boolean {
  const builds = change === 'kept-foreign' ? [after] : [before, after];
  return architecture === undefined || builds.some((one) => one?.architecture === architecture);
}

function whyOf(entry: PackageChange, input: WhyInput): Why {
  const { inventory, plan, target } = input;
  const { name, change, before, after } = entry;
  const goes = change === 'vanishing';
  const stays = change === 'kept-foreign';
  const there = inventory.packages.filter((one) => one.state !== 'config-files');
  // What is kept is satisfied by what is kept.
  const coming = target.packages.filter(
    (one) => one.architecture === 'all' || (one.architecture === plan.sourceArchitecture) === stays,
  );
  const graph = new DependencyGraph<PackageStanza>(goes ? there : coming);
  const asked = stays ? new Set(plan.missing) : askedFor(inventory, plan);
  const start = coming.map((one) => one.name).filter((one) => asked.has(one));
  const chain = goes ? [] : [...(graph.chainsFrom(start).get(name) ?? [{ name, needs: '' }])];
  return {
    name,
    change,
    reason: entry.reason,
    before: before ? `${before.architecture} ${before.version}` : null,
    after: after ? `${after.architecture} ${after.version}` : null,
    chain,
    sentence: stays ? keptSentence(name, plan) : sentenceOf(entry, input, chain, asked),
    calls: callsOf(name, plan).filter(({ instance }) => !stays || instance === `${name}:${plan.sourceArchitecture}`),
    neededBy: graph.dependersOf(name),
  };
}

function keptSentence(name: string, { missing, targetArchitecture }: Plan): string {
  return missing.includes(name)
    ? `It has no build for ${targetArchitecture}, and you decided to keep it.`
    : 'It stays because a package that you decided to keep needs it.';
}

/** Every name that can be asked about, sorted. */
export function knownNames({ inventory, plan }: Pick<WhyInput, 'inventory' | 'plan'>): string[] {
  return [...new Set([...plan.changes, ...inventory.packages].map(({ name }) => name))].sort();
}

/** Names that are in the target set because somebody wants them, not because another package needs them. */
function askedFor({ automatic, packages }: Inventory, { renamed, missing }: Plan): Set<string> {
  const needed = new Set([...automatic].map((key) => key.replace(/:.*$/, '')));
  const manual = packages
    .filter((one) => one.state !== 'config-files' && !needed.has(one.name))
    .map(({ name }) => name);
  return new Set([...manual.map((name) => renamed[name] ?? name), ...missing]);
}

function sentenceOf(
  { name, change }: PackageChange,
  { inventory, plan, target }: WhyInput,
  chain: Why['chain'],
  asked: ReadonlySet<string>,
): string {
  const { sourceArchitecture: source, targetArchitecture: architecture, missing, renamed } = plan;
  if (change === 'vanishing') {
    const given = target.givenUp?.[name];
    if (given !== undefined) return `For ${architecture}, ${given}.`;
    return missing.includes(name)
      ? `No repository of this system has a build of it for ${architecture}.`
      : renamed[name] !== undefined
        ? `Its name is for ${source} alone; ${renamed[name]} takes its place.`
        : 'Nothing asks for it in the new system.';
  }
  const old = Object.entries(renamed).find(([, after]) => after === name)?.[0];
  if (old !== undefined) return `It takes the place of ${old}.`;
  const here = inventory.packages.some((one) => one.name === name && one.state !== 'config-files');
  if (asked.has(name)) return 'It is marked as installed on request, so it stays.';
  if (chain.length > 1) {
    return here
      ? 'It is marked as installed automatically; this is who needs it, from a package that was asked for.'
      : 'It was not installed so far; this is who needs it, from a package that was asked for.';
  }
  const essential = target.packages.some((one) => one.name === name && (one.essential || one.protected));
  if (essential) return 'It is essential or protected: every Debian system has it.';
  return here
    ? 'It is marked as installed automatically, and nothing needs it; everything that is installed is carried over.'
    : 'apt chose it for the new system.';
}

function callsOf(name: string, { batches }: Plan): Why['calls'] {
  return batches.flatMap(({ id, wave, operation, instances }, index) =>
    instances
      .filter((key) => key.startsWith(`${name}:`))
      .map((instance) => ({ number: index + 1, of: batches.length, wave, id, operation, instance })),
  );
}

function residualWhy(residual: PackageStanza, calls: Why['calls']): Why {
  return {
    name: residual.name,
    change: calls.length > 0 ? 'vanishing' : 'untouched',
    reason: 'it was removed before; only its configuration is left',
    before: `${residual.architecture} ${residual.version}`,
    after: null,
    chain: [],
    sentence: `It was removed before, but not purged: dpkg still knows ${instanceKey(residual)} by its configuration.`,
    calls,
    neededBy: [],
  };
}
