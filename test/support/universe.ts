import type { InstalledPackage } from '../../src/core/package.ts';
import type { TargetSet } from '../../src/core/plan.ts';
import { installed, offered } from './packages.ts';

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
}

/** @param size number of packages beside dpkg */
export function makeUniverse(seed: number, size: number): Universe {
  const dice = new Dice(seed);
  const drafts: Draft[] = [];
  for (let index = 0; index < size; index += 1) {
    drafts.push(makeDraft(index, drafts, dice));
  }
  const packages: InstalledPackage[] = [installed('dpkg:i386', { Essential: 'yes', Depends: 'p0' })];
  const target = [offered('dpkg:amd64', { Essential: 'yes', Depends: 'p0' })];
  for (const { name, architecture, fields, skewed } of drafts) {
    const [before, after] = architecture === 'all' ? ['all', 'all'] : ['i386', 'amd64'];
    packages.push(installed(`${name}:${before}`, fields));
    target.push(offered(`${name}:${after}${skewed ? '=1+b1' : ''}`, fields));
  }
  // Some leave, and what comes new can stand against them.
  for (let index = 0; index < size / 20; index += 1) {
    packages.push(installed(`gone${index}:i386`, { Depends: dependency(dice.pick(drafts)) }));
    const enemy = dice.chance(0.3) && { Conflicts: `gone${index}` };
    target.push(offered(`new${index}:amd64`, { Depends: dependency(dice.pick(drafts)), ...enemy }));
  }
  const missing = packages.filter(({ name }) => name.startsWith('gone')).map(({ name }) => name);
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
