import type { Check, CheckInput } from '../../../src/core/check.ts';
import { Dependents } from '../../../src/core/dependents.ts';
import type { Question } from '../../../src/core/finding.ts';
import { keptPackages } from '../../../src/core/kept-packages.ts';
import { listNames } from '../../../src/core/list-names.ts';

/** Answers of this question are for all such packages at once. */
export const noCounterpartQuestion = 'no-counterpart';

/** In a paragraph; the rest is told by its name alone. */
const mostExplained = 12;

/** Source: the procedure's “packages that don't exist on amd64 must be taken out of the list, or removed”. */
export const noCounterpart: Check = {
  id: 'packages/no-counterpart',
  about: {
    'packages/no-counterpart': {
      text: 'No configured repository has a build of these packages for the target architecture. They can be removed, or stay as 32-bit packages together with the 32-bit libraries that they need. Where another package says that it provides or replaces one, install that one first, and remove the old one: then there is nothing left to decide.',
      source:
        'crossgrading instructions on the Debian wiki; Debian Policy 3.8, 7.5 and 7.6; dpkg(1), --force-remove-protected',
    },
  },
  decisions: {
    'no-counterpart': {
      text: 'What becomes of packages that no repository offers for the target architecture. “stop”: the run does not start, so that you can look for another package or repository. “remove”: they are purged at the end, with their configuration. “keep”: they stay as packages of the old architecture, with the libraries that they need, and dpkg goes on accepting that architecture.',
      source: 'crossgrading instructions on the Debian wiki',
    },
  },
  findings: (input) => {
    const missing = missingIn(input);
    if (missing.length === 0) {
      return [];
    }
    const { pair, facts, offers, answers } = input;
    const decided = answers[noCounterpartQuestion];
    const dependents = new Dependents(facts.inventory);
    const sentences = [
      ...aboutUnknown(missing, input),
      ...missing.slice(0, mostExplained).map((name) => aboutOne(name, dependents, input)),
    ].filter((text) => text !== '');
    const replaced = missing.flatMap((name) => offers?.replacements[name]?.slice(0, 1) ?? []);
    return [
      {
        id: 'packages/no-counterpart',
        severity: decided === undefined || decided === 'stop' ? 'blocker' : 'warning',
        title: `Packages without a build for ${pair.target.name}`,
        detail: [
          `No repository of this system offers these packages for ${pair.target.name}.`,
          ...sentences,
          ...whatIsDecided(decided, missing, dependents, input),
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

/** Those that cannot be installed for another reason are a decision of their own. */
function missingIn({ solved, offers }: CheckInput): string[] {
  const blamed = offers?.conflict?.blamed ?? [];
  return (solved?.target.missing ?? []).filter((name) => !blamed.includes(name)).sort();
}

/** Those that no repository has for any architecture. */
function aboutUnknown(missing: readonly string[], { offers }: CheckInput): string[] {
  const unknown = missing.filter((name) => offers?.ownVersions?.[name]?.length === 0);
  if (unknown.length === 0) return [];
  const isOne = unknown.length === 1;
  return [
    `${listNames(unknown)} ${isOne ? 'is' : 'are'} in no repository at all: ` +
      (isOne
        ? 'it was installed from a file, or its repository is gone.'
        : 'they were installed from files, or their repository is gone.'),
  ];
}

function aboutOne(name: string, dependents: Dependents, { facts, offers }: CheckInput): string {
  const needers = dependents.brokenWithout([name]);
  const others = offers?.replacements[name] ?? [];
  const automatic = facts.inventory.packages.some(
    (one) => one.name === name && facts.inventory.automatic.has(`${one.name}:${one.architecture}`),
  );
  const vital = facts.inventory.packages.some((one) => one.name === name && (one.essential || one.protected));
  const parts = [
    ...(vital ? ['is essential or protected, so that only force removes it'] : []),
    ...(needers.length > 0 ? [`is needed by ${listNames(needers)}`] : []),
    ...(automatic && needers.length === 0 ? ['was installed automatically, and nothing depends on it'] : []),
    ...(others.length > 0 ? [`is provided or replaced by ${listNames(others, 3)}`] : []),
  ];
  return parts.length === 0 ? '' : `${name} ${parts.join('; it ')}.`;
}

function whatIsDecided(
  decided: string | undefined,
  missing: readonly string[],
  dependents: Dependents,
  { pair, offers, solved }: CheckInput,
): string[] {
  if (decided === 'remove') {
    const needless = dependents.needlessWithout(missing);
    return [
      'They will be purged, as decided.',
      ...(needless.length > 0
        ? [`${listNames(needless)} came only with them: still installed afterwards, but of no use to others.`]
        : []),
    ];
  }
  if (decided !== 'keep') {
    return [];
  }
  const kept = (solved?.plan.changes ?? []).filter(
    ({ change, name }) => change === 'kept-foreign' && !missing.includes(name),
  );
  const names = kept.map(({ name }) => name);
  const alone = (offers?.conflict?.forcedOut ?? []).filter((name) => names.includes(name));
  const gone = (offers?.conflict?.forcedOut ?? []).filter((name) => solved?.target.missing.includes(name));
  return [
    `They stay ${pair.source.name} packages, as decided${names.length > 0 ? `, and with them what they need: ${listNames(names)}` : ''}.`,
    ...(alone.length > 0 ? [`That leaves no place for the ${pair.target.name} build of ${listNames(alone)}.`] : []),
    ...(gone.length > 0 ? [`That forces out ${listNames(gone)}: see packages/no-solution.`] : []),
  ];
}

function question(input: CheckInput): Question {
  const { pair, facts } = input;
  const missing = missingIn(input);
  const dependents = new Dependents(facts.inventory);
  const broken = dependents.brokenWithout(missing);
  const stay = input.answers[noCounterpartQuestion] === 'keep' ? keptPackages(input) : undefined;
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
