import type { InstalledPackage } from '../../../src/debian/package.ts';
import type { TargetSet } from '../../../src/plan/plan.ts';
import { available, installed } from '../roots/packages.ts';

/** A made-up host and its target set: consistent before and after, with all that makes the way between them hard. */
export interface Universe {
  readonly packages: readonly InstalledPackage[];
  readonly target: TargetSet;
  /** Packages of which files that both builds share differ. */
  readonly differing: readonly string[];
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Draft {
  readonly name: string;
  readonly architecture: 'all' | 'any';
  readonly multiArch: string;
  readonly fields: Record<string, string>;
  /** The target's build has another version. */
  readonly skewed: boolean;
  /** The builds have shared files that differ. */
  readonly differs: boolean;
  /** Of which it needs this very version; written as `@name@`. */
  readonly exact: Draft[];
}

/**
 * @param size number of packages beside dpkg
 * @param rich also what is rarer in Debian: virtual packages of one architecture, exact versions, packages that are their
 *   own enemies, builds for the target that are there already, left configuration, pending triggers
 */
export function makeUniverse(seed: number, size: number, rich = false): Universe {
  const dice = new Dice(seed);
  const drafts: Draft[] = [];
  for (let index = 0; index < size; index += 1) {
    drafts.push(makeDraft(index, drafts, dice));
  }
  if (rich) enrich(drafts, dice);
  const packages: InstalledPackage[] = [installed('dpkg:i386', { Essential: 'yes', Depends: 'p0' })];
  const target = [available('dpkg:amd64', { Essential: 'yes', Depends: 'p0' })];
  for (const draft of drafts) {
    const [before, after] = draft.architecture === 'all' ? (['all', 'all'] as const) : (['i386', 'amd64'] as const);
    packages.push(installed(`${draft.name}:${before}`, { ...fieldsOf(draft, before), ...(rich && oddState(dice)) }));
    target.push(available(`${draft.name}:${after}${draft.skewed ? '=1+b1' : ''}`, fieldsOf(draft, after)));
  }
  // Some leave, and what comes new can stand against them.
  for (let index = 0; index < size / 20; index += 1) {
    packages.push(installed(`gone${index}:i386`, { Depends: dependency(dice.pick(drafts)) }));
    const enemy = dice.chance(0.3) && { Conflicts: `gone${index}` };
    target.push(available(`new${index}:amd64`, { Depends: dependency(dice.pick(drafts)), ...enemy }));
  }
  const missing = packages.filter(({ name }) => name.startsWith('gone')).map(({ name }) => name);
  if (rich) packages.push(...alreadyThere(drafts, dice), ...leftOver(dice));
  return {
    packages,
    target: { packages: target, renamed: {}, missing },
    differing: drafts.filter(({ differs }) => differs).map(({ name }) => name),
  };
}

/**
 * A package that needs earlier ones; a circle is only between two neighbours, and without Pre-Depends in it: any other
 * is a bug of the packages, that dpkg cannot install anywhere.
 */
function makeDraft(index: number, earlier: readonly Draft[], dice: Dice): Draft {
  // What dpkg needs is a library, as in Debian: an arch:all package would have to be there before dpkg.
  const architecture = index > 0 && dice.chance(0.2) ? 'all' : 'any';
  const multiArch = index > 0 ? pickMultiArch(dice.roll(), architecture) : 'same';
  const fields: Record<string, string> = { 'Multi-Arch': multiArch };
  const draft: Draft = {
    name: `p${index}`,
    architecture,
    multiArch,
    fields,
    skewed: index > 0 && architecture === 'any' && dice.chance(0.03),
    differs: index > 0 && multiArch === 'same' && dice.chance(0.03),
    exact: [],
  };
  const partner = index % 2 === 0 ? earlier.at(-1) : undefined;
  const needs = Array.from({ length: Math.min(index, Math.floor(dice.roll() * 4)) }, () => dice.pick(earlier));
  if (index > 0 && dice.chance(0.15)) {
    fields['Pre-Depends'] = dependency(dice.pick(earlier));
  } else if (partner && dice.chance(0.3)) {
    needs.push(partner);
    partner.fields.Depends = [partner.fields.Depends, dependency(draft)].filter(Boolean).join(', ');
  }
  if (needs.length > 0) fields.Depends = needs.map((one) => dependency(one, dice.chance(0.2))).join(', ');
  addRareFields(fields, index, earlier, dice);
  return draft;
}

function addRareFields(fields: Record<string, string>, index: number, earlier: readonly Draft[], dice: Dice): void {
  if (dice.chance(0.2)) fields.Provides = `v${index % 7}${dice.chance(0.5) ? ' (= 1)' : ''}`;
  if (index > 0 && dice.chance(0.1)) fields.Breaks = `${dice.pick(earlier).name} (<< 1)`;
  if (dice.chance(0.03)) fields.Essential = 'yes';
  if (dice.chance(0.03)) fields.Protected = 'yes';
}

/** Each of the rarer things keeps the system consistent, before and after. */
function enrich(drafts: readonly Draft[], dice: Dice): void {
  for (const [index, draft] of drafts.entries()) {
    const needed = drafts[Math.floor(dice.roll() * index)];
    if (!needed) continue;
    for (const [probability, add] of rareThings) {
      if (dice.chance(probability)) add(draft, needed, dice);
    }
  }
}

type RareThing = (draft: Draft, needed: Draft, dice: Dice) => void;

/** A name that only this one provides, now and then for its own architecture. */
const needVirtualPackage: RareThing = (draft, needed, dice) => {
  const name = needed.name.replace('p', 'x');
  const ofOneArchitecture = needed.architecture === 'any' && needed.multiArch !== 'foreign' && dice.chance(0.5);
  const version = dice.chance(0.5) ? ' (= 3)' : '';
  append(needed.fields, 'Provides', `${name}${ofOneArchitecture ? ':@arch' : ''}${version}`);
  // A circle with a Pre-Depends in it no dpkg can install.
  const before = dice.chance(0.2) && !needed.fields.Depends?.includes(draft.name);
  append(draft.fields, before ? 'Pre-Depends' : 'Depends', version === '' ? name : `${name} (>= 2)`);
};

const needExactVersion: RareThing = (draft, needed) => {
  if (draft.architecture === 'all' || needed.architecture === 'all') return;
  append(draft.fields, 'Depends', `${dependency(needed)} (= @${needed.name}@)`);
  draft.exact.push(needed);
};

const needAlternative: RareThing = (draft, needed) => {
  append(draft.fields, 'Depends', `missing | ${dependency(needed)}`);
};

/** As mail servers do. */
const beTheOnlyOne: RareThing = ({ name, fields }) => {
  for (const field of ['Provides', 'Conflicts', 'Replaces']) append(fields, field, `only-${name}`);
};

/** As librust-clap-3-dev does. */
const breakItsTwin: RareThing = ({ name, multiArch, fields }) => {
  if (multiArch !== 'same') return;
  append(fields, 'Provides', `own-${name}`);
  append(fields, 'Breaks', `own-${name}`);
};

const conflictWithOlder: RareThing = ({ fields }, { name }, dice) => {
  append(fields, 'Conflicts', `${name}${dice.chance(0.5) ? ':i386' : ''} (<< 1)`);
};

const rareThings: readonly (readonly [number, RareThing])[] = [
  [0.2, needVirtualPackage],
  [0.1, needExactVersion],
  [0.1, needAlternative],
  [0.04, beTheOnlyOne],
  [0.02, breakItsTwin],
  [0.05, conflictWithOlder],
];

function append(fields: Record<string, string>, field: string, relation: string): void {
  fields[field] = [fields[field], relation].filter(Boolean).join(', ');
}

function fieldsOf({ fields, exact }: Draft, architecture: 'all' | 'i386' | 'amd64'): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, text]) => [
      field,
      exact.reduce(
        (whole, { name, skewed }) => whole.replaceAll(`@${name}@`, skewed && architecture === 'amd64' ? '1+b1' : '1'),
        text.replaceAll('@arch', architecture),
      ),
    ]),
  );
}

function oddState(dice: Dice): Record<string, string> {
  return dice.chance(0.03) ? { Status: 'install ok triggers-pending', 'Triggers-Pending': 'menu' } : {};
}

/** Libraries of the target architecture, with all that they need. */
function alreadyThere(drafts: readonly Draft[], dice: Dice): InstalledPackage[] {
  const found = new Set<Draft>();
  for (const draft of drafts.filter(() => dice.chance(0.05))) {
    const closure = closureOf(draft, drafts);
    if ([...closure].every(standsBesideItsTwin)) for (const one of closure) found.add(one);
  }
  return [...found].map((draft) => installed(`${draft.name}:amd64`, fieldsOf(draft, 'amd64')));
}

function standsBesideItsTwin({ multiArch, skewed, differs, fields }: Draft): boolean {
  return multiArch === 'same' && !skewed && !differs && !fields.Breaks?.includes('own-');
}

/** Itself and what it needs, whichever alternative. */
function closureOf(draft: Draft, drafts: readonly Draft[]): Set<Draft> {
  const closure = new Set([draft]);
  for (const { fields } of closure) {
    for (const [, index] of `${fields.Depends ?? ''} ${fields['Pre-Depends'] ?? ''}`.matchAll(/\b[px](\d+)\b/g)) {
      const needed = drafts[Number(index)];
      if (needed) closure.add(needed);
    }
  }
  return closure;
}

/** Of packages that are gone, also of one that comes. */
function leftOver(dice: Dice): InstalledPackage[] {
  return ['new0:i386', 'old0:i386', 'old1:all', 'old2:amd64']
    .filter(() => dice.chance(0.3))
    .map((name) =>
      installed(name, { Status: 'deinstall ok config-files', 'Config-Version': '1', Provides: 'v1', Conflicts: 'v2' }),
    );
}

class Dice {
  readonly roll: () => number;

  constructor(seed: number) {
    this.roll = randomNumbers(seed);
  }

  chance(probability: number): boolean {
    return this.roll() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.roll() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

function pickMultiArch(number: number, architecture: 'all' | 'any'): string {
  if (architecture === 'all') return number < 0.7 ? 'foreign' : 'no';
  if (number < 0.5) return 'same';
  if (number < 0.7) return 'foreign';
  return number < 0.8 ? 'allowed' : 'no';
}

function dependency({ name, multiArch }: Draft, versioned = false): string {
  const qualified = multiArch === 'allowed' ? `${name}:any` : name;
  return versioned ? `${qualified} (>= 1)` : qualified;
}
