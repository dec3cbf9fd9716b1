import { type Question, singleKey } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import { firmwareLoader } from '../../../src/boot/firmware-loader.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { keptPackages } from '../../../src/check/kept-packages.ts';
import { decideFates, type Fates, fateValues, noCounterpartQuestion } from '../../../src/check/no-counterpart.ts';
import { Dependents } from '../../../src/debian/dependents.ts';
import { isAutomatic } from '../../../src/debian/inventory.ts';
import { ofThirdArchitectures } from '../../../src/debian/package-states.ts';
import type { DependentGroup } from '../../../src/software/local-software.ts';

/** In a paragraph; the rest is told by its name alone. */
const mostExplained = 12;

/** Source: the procedure's “packages that don't exist on amd64 must be taken out of the list, or removed”. */
export const noCounterpart: Check = {
  id: 'packages/no-counterpart',
  title: 'Packages without a build for the target',
  looksAt: { apt: 'target' },
  about: {
    'packages/no-counterpart': {
      text: 'No configured repository has a build of these packages for the target architecture. They can be removed, or stay as 32-bit packages together with the 32-bit libraries that they need. Where another package says that it provides or replaces one, install that one first, and remove the old one: then there is nothing left to decide.',
      source:
        'crossgrading instructions on the Debian wiki; Debian Policy 3.8, 7.5 and 7.6; dpkg(1), --force-remove-protected',
    },
  },
  decisions: {
    'no-counterpart': {
      text: 'What becomes of packages that no repository offers for the target architecture. “stop”: the run does not start, so that you can look for another package or repository. “remove”: they are purged at the end, with their configuration. “keep”: they stay as packages of the old architecture, with the libraries that they need, and dpkg goes on accepting that architecture. An answer for a single package goes before the one for all: in an answers file, "no-counterpart/wine32": "keep". What is kept keeps what it needs.',
      source: 'crossgrading instructions on the Debian wiki',
    },
  },
  findings: (input) => {
    const missing = missingIn(input);
    if (missing.length === 0) {
      return [];
    }
    const { pair, facts, repositories } = input;
    const dependents = new Dependents(facts.inventory);
    const fates = decideFates(missing, input.answers, () => dependents);
    const isDecided = fates.undecided.length === 0 && fates.contradictions.length === 0;
    const sentences = [
      ...aboutUnknown(missing, input),
      ...missing.slice(0, mostExplained).map((name) => aboutOne(name, dependents, input)),
    ].filter((text) => text !== '');
    const replaced = missing.flatMap((name) => repositories?.replacements[name]?.slice(0, 1) ?? []);
    return [
      {
        id: 'packages/no-counterpart',
        severity: isDecided ? 'warning' : 'blocker',
        title: `Packages without a build for ${pair.target.name}`,
        detail: [
          `No repository of this system offers these packages for ${pair.target.name}.`,
          ...sentences,
          ...contradictionSentences(fates),
          ...whatIsDecided(fates, missing, dependents, input),
          ...aboutStrangers(missing, input),
        ].join(' '),
        affected: missing,
        remedies: [
          { decision: noCounterpartQuestion },
          ...(replaced.length > 0
            ? [{ hint: `Or install what takes their place, and remove them first: ${listNames(replaced)}.` }]
            : []),
        ],
      },
    ];
  },
  questions: (input) => (missingIn(input).length > 0 ? [question(input)] : []),
};

/**
 * Those that cannot be installed for another reason, and those for the firmware, are decisions of their own; those that are
 * here for a third architecture alone are a finding of their own.
 */
function missingIn({ pair, facts, solved, repositories }: CheckInput): string[] {
  const blamed = [...(repositories?.conflict?.blamed ?? []), ...(firmwareLoader(pair, facts)?.packages ?? [])];
  const { packages } = facts.inventory;
  const thirds = new Set(ofThirdArchitectures(packages, pair).map(({ name }) => name));
  const isThird = (name: string): boolean =>
    thirds.has(name) && !packages.some((one) => one.name === name && one.architecture === pair.source.name);
  return (solved?.target.missing ?? []).filter((name) => !blamed.includes(name) && !isThird(name)).sort();
}

/** Those that no repository has for any architecture. */
function aboutUnknown(missing: readonly string[], { repositories }: CheckInput): string[] {
  const unknown = missing.filter((name) => repositories?.ownVersions?.[name]?.length === 0);
  if (unknown.length === 0) return [];
  const isOne = unknown.length === 1;
  return [
    `${listNames(unknown)} ${isOne ? 'is' : 'are'} in no repository at all: ` +
      (isOne
        ? 'it was installed from a file, or its repository is gone.'
        : 'they were installed from files, or their repository is gone.'),
  ];
}

function aboutOne(name: string, dependents: Dependents, input: CheckInput): string {
  const { pair, facts, repositories } = input;
  const needers = dependents.brokenWithout([name]);
  const helped = stillThere(needers, input);
  const others = repositories?.replacements[name] ?? [];
  const automatic = facts.inventory.packages.some((one) => one.name === name && isAutomatic(one, facts.inventory));
  const vital = facts.inventory.packages.some((one) => one.name === name && (one.essential || one.protected));
  const parts = [
    ...(vital ? ['is essential or protected, so that only force removes it'] : []),
    ...(needers.length > 0 ? [`is needed by ${listNames(needers)}`] : []),
    ...(helped.length > 0 && !keptPackages(input).includes(name)
      ? [`is not the only choice: for ${pair.target.name} apt finds another one for ${listNames(helped)}`]
      : []),
    ...(automatic && needers.length === 0 ? ['was installed automatically, and nothing depends on it'] : []),
    ...(others.length > 0 ? [`is provided or replaced by ${listNames(others, 3)}`] : []),
    ...aboutPlugIns(name, input),
    ...aboutPrinting(name, input),
  ];
  return parts.length === 0 ? '' : `${name} ${parts.join('; it ')}.`;
}

/** To keep it is of no use where those who load it go over. */
function aboutPlugIns(name: string, { pair, solved }: CheckInput): string[] {
  const [first, ...more] = (solved?.plugIns ?? []).filter((one) => one.package === name);
  if (first === undefined) return [];
  const count = more.length === 0 ? '' : ` and ${more.length} more`;
  return [`has ${first.path}${count}, which programs of ${pair.target.name} cannot load, kept or not`];
}

/** What is removed, printers are lost with. */
function aboutPrinting(name: string, { survey }: CheckInput): string[] {
  const printers = (survey?.software?.printing ?? []).filter((one) => one.package === name).map((one) => one.printer);
  return printers.length === 0 ? [] : [`is what ${listNames([...new Set(printers)].sort())} prints with`];
}

/** Those of the names that the target system has. */
function stillThere(names: readonly string[], { solved }: CheckInput): string[] {
  const there = new Set(solved?.target.packages.map((one) => one.name));
  return names.filter((name) => there.has(name));
}

function contradictionSentences({ contradictions }: Fates): string[] {
  return contradictions.map(
    ({ kept, removed }) =>
      `${kept} is to stay, but cannot without ${listNames(removed)}, which ${removed.length === 1 ? 'is' : 'are'} to go: ` +
      'decide to keep both, or to remove both.',
  );
}

function whatIsDecided(
  { keep, remove }: Fates,
  missing: readonly string[],
  dependents: Dependents,
  input: CheckInput,
): string[] {
  return [
    ...(remove.length > 0 ? whatGoes(remove, missing, dependents) : []),
    ...(keep.length > 0 ? whatStays(keep, missing, input) : []),
  ];
}

function whatGoes(remove: readonly string[], missing: readonly string[], dependents: Dependents): string[] {
  const needless = dependents.needlessWithout(remove);
  return [
    remove.length === missing.length
      ? 'They will be purged, as decided.'
      : `As decided, these will be purged: ${listNames(remove)}.`,
    ...(needless.length > 0
      ? [`${listNames(needless)} came only with them: still installed afterwards, but of no use to others.`]
      : []),
  ];
}

function whatStays(keep: readonly string[], missing: readonly string[], input: CheckInput): string[] {
  const { pair, repositories, solved } = input;
  const names = keptPackages(input).filter((name) => !keep.includes(name));
  const needs = names.length > 0 ? `, and with them what they need: ${listNames(names)}` : '';
  const forcedOut = repositories?.conflict?.forcedOut ?? [];
  const alone = forcedOut.filter((name) => names.includes(name));
  const gone = forcedOut.filter((name) => solved?.target.missing.includes(name));
  return [
    keep.length === missing.length
      ? `They stay ${pair.source.name} packages, as decided${needs}.`
      : `As decided, these stay ${pair.source.name} packages: ${listNames(keep)}${needs}.`,
    ...(solved?.undeclared ?? []).flatMap((one) => aboutUndeclared(one, input)),
    ...(alone.length > 0 ? [`That leaves no place for the ${pair.target.name} build of ${listNames(alone)}.`] : []),
    ...(gone.length > 0 ? [`That forces out ${listNames(gone)}: see packages/no-solution.`] : []),
  ];
}

/** What its files load is not among its dependencies. */
function aboutUndeclared({ name, packages, byName }: DependentGroup, { pair, facts, solved }: CheckInput): string[] {
  const stays = new Set(Object.keys(solved?.plan.endState ?? {}));
  const named = [...new Set(Object.values(byName ?? {}))].sort();
  const without = named.filter((key) => !stays.has(key)).map((key) => key.replace(/:.*$/, ''));
  const staying = named.filter((key) => stays.has(key)).map((key) => key.replace(/:.*$/, ''));
  const lost = packages.filter((key) => !stays.has(key)).map((key) => key.replace(/:.*$/, ''));
  const isKnown = facts.inventory.packages.some((one) => one.name === name);
  return [
    ...(isKnown && lost.length < packages.length
      ? [`${name} loads libraries of packages that it does not depend on; they stay, too.`]
      : []),
    ...(lost.length > 0
      ? [`${name} will not start: it needs ${listNames(lost)} of ${pair.source.name}, which cannot stay.`]
      : []),
    ...(staying.length > 0 ? [`What ${name} may load by name while it runs stays, too: ${listNames(staying)}.`] : []),
    ...(without.length > 0
      ? [`What ${name} may load by name while it runs cannot stay: ${listNames(without)} of ${pair.source.name}.`]
      : []),
  ];
}

/** A name that was misspelt would be taken for one that is answered. */
function aboutStrangers(missing: readonly string[], { answers }: CheckInput): string[] {
  const prefix = singleKey(noCounterpartQuestion, '');
  const strangers = Object.keys(answers)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .filter((name) => !missing.includes(name));
  return strangers.length === 0 ? [] : [`The answers also name ${listNames(strangers.sort())}: not one of these.`];
}

function question(input: CheckInput): Question {
  const { pair, facts } = input;
  const missing = missingIn(input);
  const dependents = new Dependents(facts.inventory);
  const needers = dependents.brokenWithout(missing);
  const helped = stillThere(needers, input);
  const broken = needers.filter((name) => !helped.includes(name));
  const fates = decideFates(missing, input.answers, () => dependents);
  const stay = fates.keep.length === missing.length ? keptPackages(input) : undefined;
  const libraries =
    stay?.filter((name) => !missing.includes(name)).length ??
    dependents
      .closureOf(missing)
      .filter(({ name, architecture }) => architecture === pair.source.name && !missing.includes(name)).length;
  return {
    id: noCounterpartQuestion,
    text: `What shall become of the packages that do not exist for ${pair.target.name}?`,
    why: 'They cannot be crossgraded.',
    affected: missing,
    single: {
      choices: fateValues.map((value) => ({
        value,
        title: value === 'remove' ? 'Remove it' : `Keep it as ${pair.source.name} package`,
      })),
      about: Object.fromEntries(missing.map((name) => [name, aboutOne(name, dependents, input)])),
      undecided: fates.undecided,
      contradictions: contradictionSentences(fates),
    },
    assumed: 'remove',
    choices: [
      {
        value: 'stop',
        title: 'Stop here',
        consequence: 'Nothing is changed; look for another package or repository first.',
        recommended: true,
      },
      {
        value: 'remove',
        title: 'Remove them',
        consequence: `They are purged, their configuration included.${broken.length > 0 ? ` ${listNames(broken)} cannot work without them.` : ''}`,
      },
      {
        value: 'keep',
        title: `Keep them as ${pair.source.name} packages`,
        consequence:
          `They, and the ${pair.source.name} packages that they need (${stay === undefined ? 'up to ' : ''}${libraries}), stay; ` +
          `dpkg goes on accepting ${pair.source.name}.`,
      },
    ],
  };
}
