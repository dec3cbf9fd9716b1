import type { Provenance } from '../../../src/apt/provenance.ts';
import type { Found, Question } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { foreignBase, isDerivative } from '../../../src/check/derivative.ts';

export const derivativeQuestion = 'derivative';

/** Source: os-release(5); apt's Release files, `Origin`. */
export const derivative: Check = {
  id: 'packages/derivative',
  title: 'Whether the packages are Debian’s',
  looksAt: { apt: 'repositories' },
  about: {
    'packages/derivative': {
      text: 'The system has another name than Debian, or most of its packages come from repositories that are not Debian’s. What its repositories have for the target is what it becomes: nothing is taken from Debian that was not from there. What was tried is Debian itself, and Debian under another name with packages of its own. Not tried are other distributions’ own kernels, boot loaders, init systems and tools.',
      source: 'os-release(5); the field Origin of a repository’s Release file',
    },
    'packages/derivative-base': {
      text: 'These packages say what the system is: its name in /etc/os-release, its keys, its defaults. Those that are installed are not Debian’s, and for the target only Debian has them. The system would become another one under way.',
      source: 'os-release(5)',
    },
  },
  decisions: {
    derivative: {
      text: 'Whether a system that is not plain Debian is crossgraded. “stop”: the run does not start. “go-on”: it goes on, with what the system’s own repositories have for the target. Its name stays what it was.',
      source: 'os-release(5)',
    },
  },
  findings: (input) => {
    const base = strangeBase(input);
    return base.length > 0 ? base : warnings(input);
  },
  questions: (input) => (isDerivative(input) && foreignBase(input).length === 0 ? [question(input)] : []),
};

function nameOf({ facts }: CheckInput): string {
  const { id, version, codename } = facts.release;
  return [id, version, codename].filter(Boolean).join(' ');
}

function warnings(input: CheckInput): Found[] {
  if (!isDerivative(input)) return [];
  const { release } = input.facts;
  const isNamedDebian = release.id === 'debian';
  const { provenance } = input.repositories ?? {};
  return [
    {
      id: 'packages/derivative',
      severity: input.answers[derivativeQuestion] === 'go-on' ? 'warning' : 'blocker',
      title: isNamedDebian ? 'Most packages of this system are not Debian’s' : `This is ${nameOf(input)}, not Debian`,
      detail: [
        ...(provenance ? [wordsOf(provenance)] : []),
        'Tried were Debian 11 to 13, and Debian under another name with a few packages of its own. Not tried are',
        `${isNamedDebian ? 'other distributions’' : `${release.id}’s`} own kernels, boot loader, init system and tools.`,
      ].join(' '),
      affected: [],
      remedies: [
        { decision: derivativeQuestion },
        { hint: 'Try it on a copy first: crossgrade check --root DIR, then crossgrade run --root DIR.' },
      ],
    },
  ];
}

function wordsOf({ byOrigin, unknown }: Provenance): string {
  const shares = Object.entries(byOrigin)
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([origin, names]) => `${names.length} from ${origin}`);
  const all = [...shares, ...(unknown > 0 ? [`${unknown} from no repository that says whose it is`] : [])];
  return `Of its packages, for ${all.length > 0 ? `the target: ${all.join(', ')}.` : 'the target: none.'}`;
}

/** What says who the system is would come from Debian, and does not now. */
function strangeBase(input: CheckInput): Found[] {
  const { pair } = input;
  const lost = foreignBase(input);
  if (lost.length === 0) return [];
  return [
    {
      id: 'packages/derivative-base',
      severity: 'blocker',
      title: `No repository has this system’s own base packages for ${pair.target.name}, but Debian’s`,
      detail: `Those that are installed are not Debian’s. For ${pair.target.name} only Debian’s repositories have ${listNames(lost.map(({ name }) => name))}: the system would become another one.`,
      affected: lost.map(({ name, before, after }) => `${name} (${before} would become Debian’s ${after})`).sort(),
      remedies: [
        { hint: `Enable a repository of ${input.facts.release.id} that has them for ${pair.target.name}.` },
        { hint: `Or build them for ${pair.target.name}, in the same version, and offer them in a repository.` },
      ],
    },
  ];
}

function question(input: CheckInput): Question {
  return {
    id: derivativeQuestion,
    text: `Shall this system be crossgraded, though it is ${input.facts.release.id === 'debian' ? 'not plain Debian' : nameOf(input)}?`,
    why: 'crossgrade was tried with Debian; of other distributions it knows what their repositories say, and no more.',
    affected: [],
    assumed: 'go-on',
    choices: [
      {
        value: 'stop',
        title: 'Stop here',
        consequence: 'Nothing is changed. Try it on a copy first.',
        recommended: true,
      },
      {
        value: 'go-on',
        title: 'Go on',
        consequence: 'It becomes what its own repositories have for the target. Its name stays.',
      },
    ],
  };
}
