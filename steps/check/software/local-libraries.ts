import type { Question } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { keptPackages } from '../../../src/check/kept-packages.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import {
  type Beside,
  besideFor,
  type DependentGroup,
  localSoftwareQuestion,
} from '../../../src/software/local-software.ts';

/** Source: ld.so(8): a program is loaded with libraries of its own class, and by a loader of its own. */
export const localLibraries: Check = {
  id: 'software/local-libraries',
  title: 'Libraries that programs outside packages need',
  looksAt: { parts: ['files', 'libraries'] },
  about: {
    'software/local-libraries': {
      text: 'These programs were not brought by packages, but need libraries of packages: without the 32-bit ones, and the 32-bit dynamic loader, they do not start. The libraries can stay as packages of the old architecture, beside the new ones, and are kept up to date by apt. So the programs go on until they are there in 64 bit.',
      source: 'ld.so(8); ldd(1); Debian’s multiarch specification, Multi-Arch: same',
    },
  },
  decisions: {
    [localSoftwareQuestion]: {
      text: 'What becomes of the 32-bit libraries that programs outside packages need. “leave”: they go with everything else of the old architecture, and these programs do not start until they are built or installed anew. “keep”: they stay as packages of the old architecture, with what they need, and dpkg goes on accepting that architecture. The run compares what the dynamic loader finds before and after.',
      source: 'ld.so(8); dpkg(1), --add-architecture',
    },
  },
  findings: (input) => {
    const groups = dependentGroups(input);
    if (groups.length === 0) return [];
    const { pair, answers } = input;
    const answer = answers[localSoftwareQuestion];
    const severities = { leave: 'warning', keep: 'note' } as const;
    const severity = answer === 'leave' || answer === 'keep' ? severities[answer] : 'blocker';
    return [
      {
        id: 'software/local-libraries',
        severity: severity === 'note' && notKept(input).length > 0 ? 'warning' : severity,
        title: `Programs outside packages need ${pair.source.elfBits}-bit libraries of packages`,
        detail: whatHappens(input, besideFor(groups, input.facts.inventory, pair)),
        affected: groups.map(describe).sort(),
        remedies: [{ decision: localSoftwareQuestion }],
      },
    ];
  },
  questions: (input) => (dependentGroups(input).length > 0 ? [question(input)] : []),
};

/** Programs that need a package's library, the loader at least. */
function dependentGroups({ survey }: CheckInput): readonly DependentGroup[] {
  return (survey?.dependent?.groups ?? []).filter((group) => group.packages.length > 0);
}

function describe({ name, packages, missing }: DependentGroup): string {
  const lacking = [...new Set(Object.values(missing).flat())].sort();
  const without = lacking.length === 0 ? '' : `; without ${listNames(lacking)} even now`;
  return `${name}: ${listNames(packages.map(nameOf))}${without}`;
}

function nameOf(key: string): string {
  return key.slice(0, key.lastIndexOf(':'));
}

function whatHappens(input: CheckInput, { keep, cannot }: Beside): string {
  const { pair, answers } = input;
  const lost =
    cannot.length === 0
      ? ''
      : ` ${listNames(cannot.map(nameOf))} cannot stay: the ${pair.target.name} build takes the same files.`;
  if (answers[localSoftwareQuestion] === 'leave') {
    return 'As decided, these libraries go, and the programs do not start until they are there anew.';
  }
  if (answers[localSoftwareQuestion] !== 'keep') {
    return `They go on if ${keep.length === 1 ? 'a package stays' : `${keep.length} packages stay`} in ${pair.source.name}; otherwise they do not start until they are there anew.${lost}`;
  }
  const forced = notKept(input).filter((name) => !cannot.map(nameOf).includes(name));
  const refused = forced.length === 0 ? '' : ` apt finds no system in which these stay, too: ${listNames(forced)}.`;
  return `As decided, what they need stays in ${pair.source.name}: ${listNames(keptPackages(input), 20)}.${lost}${refused}`;
}

/** Names of packages that were to stay, and do not; none where apt was not asked. */
function notKept(input: CheckInput): string[] {
  const { pair, facts, solved } = input;
  const { keep, cannot } = besideFor(dependentGroups(input), facts.inventory, pair);
  const stays = new Set(solved?.target.beside);
  const refused = solved ? keep.map(instanceKey).filter((key) => !stays.has(key)) : [];
  return [...cannot, ...refused].map(nameOf).sort();
}

function question(input: CheckInput): Question {
  const { pair, facts } = input;
  const { name } = pair.source;
  const groups = dependentGroups(input);
  const { keep } = besideFor(groups, facts.inventory, pair);
  const names = listNames(keep.map((one) => one.name).sort());
  const programs = groups.map((group) => group.name).sort();
  return {
    id: localSoftwareQuestion,
    text: 'What shall become of the libraries that programs outside packages need?',
    why: `Without the ${name} ones these programs do not start.`,
    affected: programs,
    assumed: 'leave',
    choices: [
      {
        value: 'leave',
        title: 'Leave these programs as they are',
        consequence: `After the crossgrade they do not start, until they are there in ${pair.target.elfBits} bit: ${listNames(programs)}.`,
        ...(keep.length === 0 && { recommended: true }),
      },
      {
        value: 'keep',
        title: `Keep the ${name} libraries that they need`,
        consequence:
          keep.length === 0
            ? 'None of them can stay.'
            : `${names}, and what these need, stay as ${name} packages; the programs go on, and dpkg goes on accepting ${name}. Right as long as you use them: the packages can be purged later.`,
        ...(keep.length > 0 && { recommended: true }),
      },
    ],
  };
}
