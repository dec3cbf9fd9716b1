import { readFileComplaints } from '../../../src/apt/apt-output.ts';
import type { Found, Question } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { type Conflict, explainUnmet } from '../../../src/debian/conflict.ts';
import { unknownRelease } from './apt-configuration.ts';

export const noSolutionQuestion = 'no-solution';

const mostReasons = 8;

/** Source: the procedure's “try before that every package you want exists on 64 bit”; apt-get(8). */
export const noSolution: Check = {
  id: 'packages/no-solution',
  title: 'Whether apt finds a system of the target with these packages',
  looksAt: { apt: 'repositories' },
  about: {
    'packages/no-solution': {
      text: 'apt was asked for a system of the target architecture that has every package of this one, and found none: some of them need what is not there for the target, or stand against each other. Packages of no repository and pins are the usual reason. The packages named are those without which apt finds a solution.',
      source: 'apt-get(8); apt_preferences(5); Debian Policy, chapter 7',
    },
  },
  decisions: {
    [noSolutionQuestion]: {
      text: 'What becomes of the packages without which apt finds a system of the target architecture. “stop”: the run does not start, so that you can remove a pin or find another build. “remove”: they are purged at the end, with their configuration.',
      source: 'apt-get(8)',
    },
  },
  findings: (input) => {
    const { pair, repositories, answers, solved } = input;
    const conflict = repositories?.conflict && aboutInstalled(repositories.conflict, input);
    if (conflict === undefined || !hasLooked(input)) {
      return [];
    }
    const reasons = [
      ...new Set(conflict.unmet.map((one) => explainUnmet(one, pair.target.name, repositories?.availability))),
    ];
    const said = reasons.length > 0 ? reasons : conflict.said;
    const forcedOut = conflict.forcedOut ?? [];
    const vital = vitalOf(input);
    const lost = lostIn(input);
    const decided = answers[noSolutionQuestion] === 'remove' && canDecide(input);
    const replaced = solved !== undefined && lost.length === 0;
    const notes = [
      ...said.slice(0, mostReasons).map((reason) => `${reason}.`),
      ...(said.length > mostReasons ? [`apt names ${said.length - mostReasons} more reasons.`] : []),
      ...(vital.length > 0 ? [`${listNames(vital)} cannot be given up: the system needs them.`] : []),
      ...(forcedOut.length > 0
        ? [
            `This comes of packages that are kept (no-counterpart): without them, ${listNames(forcedOut)} would go over.`,
          ]
        : []),
      ...(decided ? [`${listNames(lost)} will be purged, as decided.`] : []),
      ...(replaced ? ['They come in another version.'] : []),
    ];
    const finding: Found = {
      id: 'packages/no-solution',
      severity: decided || replaced ? 'warning' : 'blocker',
      title: `Packages that cannot be installed together for ${pair.target.name}`,
      detail: notes.join(' ').replace(/\.\.(?= |$)/g, '.'),
      affected: [...conflict.blamed].sort(),
      remedies: [
        ...(canDecide(input) ? [{ decision: noSolutionQuestion }] : []),
        {
          hint: 'Remove one of the packages named, or the pin on it, or get a build of what is missing; then start again.',
        },
      ],
    };
    return [finding];
  },
  questions: (input) => (canDecide(input) ? [question(input)] : []),
};

/** A kernel that was to come in cannot be given up; that it cannot is told by itself. */
function aboutInstalled(conflict: Conflict, { facts }: CheckInput): Conflict | undefined {
  const there = new Set(facts.inventory.packages.map(({ name }) => name));
  const strangers = conflict.blamed.filter((name) => name.startsWith('linux-image-') && !there.has(name));
  if (strangers.length === 0) return conflict;
  if (strangers.length === conflict.blamed.length) return undefined;
  const isOther = (name: string): boolean => !strangers.includes(name);
  return {
    ...conflict,
    unmet: conflict.unmet.filter(({ name }) => isOther(name)),
    said: conflict.said.filter((text) => strangers.every((name) => !text.includes(`'${name}'`))),
    blamed: conflict.blamed.filter(isOther),
    ...(conflict.forcedOut && { forcedOut: conflict.forcedOut.filter(isOther) }),
  };
}

/** Where apt cannot read its files, or knows no release of that name, it has not looked at a single package. */
function hasLooked(input: CheckInput): boolean {
  return readFileComplaints(input.aptComplaints).length === 0 && unknownRelease(input) === undefined;
}

/** There is a system without them, and it is one that works. */
function canDecide(input: CheckInput): boolean {
  return lostIn(input).length > 0 && vitalOf(input).length === 0;
}

/** Those that the system without the conflict does not have, in any version. */
function lostIn({ repositories, solved }: CheckInput): string[] {
  return (repositories?.conflict?.blamed ?? []).filter((name) => solved?.target.missing.includes(name)).sort();
}

function vitalOf(input: CheckInput): string[] {
  const lost = lostIn(input);
  return input.facts.inventory.packages
    .filter((one) => lost.includes(one.name) && (one.essential || one.protected))
    .map(({ name }) => name);
}

function question(input: CheckInput): Question {
  const { pair } = input;
  const lost = lostIn(input);
  return {
    id: noSolutionQuestion,
    text: `What shall become of the packages that cannot be installed for ${pair.target.name}?`,
    why: 'With them, apt finds no system that satisfies all dependencies.',
    affected: lost,
    assumed: 'remove',
    choices: [
      {
        value: 'stop',
        title: 'Stop here',
        consequence: 'Nothing is changed; solve what apt names first.',
        recommended: true,
      },
      {
        value: 'remove',
        title: 'Remove them',
        consequence: `${listNames(lost)} ${lost.length === 1 ? 'is' : 'are'} purged, configuration included.`,
      },
    ],
  };
}
