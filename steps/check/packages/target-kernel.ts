import { type Pin, pinMatches, readPreferences } from '../../../src/apt/apt-preferences.ts';
import { type Found, singleKey } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { noCounterpartQuestion } from '../../../src/check/no-counterpart.ts';
import { explainUnmet } from '../../../src/debian/conflict.ts';
import { isKernelImage } from '../../../src/debian/kernel-image.ts';

/** Source: the release notes; Debian 13 has no i386 kernel, and every release since Debian 7 an amd64 one. */
export const targetKernel: Check = {
  id: 'packages/target-kernel',
  title: 'A kernel of the target in the repositories',
  looksAt: { apt: 'target' },
  about: {
    'packages/no-target-kernel': {
      text: 'This system has a kernel of its own as a package, and none for the target architecture can be installed: no repository has one, or a pin of apt forbids it. The system could not boot any more.',
      source: 'release notes of Debian; apt_preferences(5); uname(2)',
    },
    'packages/kept-kernel': {
      text: 'Programs of the target architecture cannot run under a kernel of the old one. A kernel that is kept stays in the boot menu, and is what the boot loader starts by default when its version is the newest: the system would not boot.',
      source: 'uname(2); GRUB manual, Simple configuration handling',
    },
  },
  findings: (input) => [...missingKernel(input), ...keptKernels(input)],
};

function missingKernel(input: CheckInput): Found[] {
  const { pair, solved, repositories } = input;
  const kernels = sourceKernels(input);
  const isThere = solved?.target.packages.some(
    ({ name, architecture }) => architecture === pair.target.name && isKernelImage(name),
  );
  if (solved === undefined || kernels.length === 0 || isThere) {
    return [];
  }
  const wanted = successorsOf(input);
  const base = { id: 'packages/no-target-kernel', severity: 'blocker' as const, affected: kernels };
  const others = {
    hint: 'A system that boots a kernel from elsewhere needs none: remove the kernel packages then.',
  };
  if (!wanted.some((name) => repositories?.availability.get(name)?.has(pair.target.name))) {
    return [
      {
        ...base,
        title: `No repository has a kernel for ${pair.target.name}`,
        detail: `The ${pair.source.name} kernels would go, and ${wanted.join(' or ')} cannot be had.`,
        remedies: [
          { hint: `Enable a repository of this release, or a newer one, that has ${wanted.join(' or ')}.` },
          others,
        ],
      },
    ];
  }
  const unmet = repositories?.conflict?.unmet.filter(({ name }) => wanted.includes(name)) ?? [];
  const pins = forbiddingPins([...wanted, ...unmet.map(({ relation }) => relation.replace(/[ :(].*/, ''))], input);
  const reasons = unmet.map((one) => `${explainUnmet(one, pair.target.name, repositories?.availability)}.`);
  const isPinned = pins.length > 0;
  return [
    {
      ...base,
      title: isPinned
        ? `A pin keeps the kernel for ${pair.target.name} away`
        : `The kernel for ${pair.target.name} cannot be installed`,
      detail: [
        `The ${pair.source.name} kernels would go, and apt cannot install ${wanted.join(' or ')}.`,
        ...(isPinned ? [`Its preferences forbid it: ${pins.map(describePin).join('; ')}.`] : reasons),
      ].join(' '),
      remedies: [
        isPinned
          ? {
              hint: `Take the pin away, or have it name only what it is meant for: ${listNames(pins.map(({ file }) => file))}.`,
            }
          : {
              hint: `Mend what keeps it away; then start again. apt-cache policy ${wanted.join(' ')} says what apt knows of it.`,
            },
        others,
      ],
    },
  ];
}

/** Kept in the old architecture, as decided. */
function keptKernels({ pair, solved }: CheckInput): Found[] {
  const kept = (solved?.target.packages ?? [])
    .filter(({ name, architecture }) => architecture === pair.source.name && isKernelImage(name))
    .map(({ name }) => name);
  if (kept.length === 0) return [];
  return [
    {
      id: 'packages/kept-kernel',
      severity: 'blocker',
      title: `A kernel for ${pair.source.name} is to be kept`,
      detail:
        `The ${pair.target.name} system does not start with it. It would stay in the boot menu, and be what is started by ` +
        `default if its version is the newest. ${pair.defaultKernel} takes its place.`,
      affected: kept,
      remedies: kept.map((name) => ({ hint: `Answer "${singleKey(noCounterpartQuestion, name)}": "remove".` })),
    },
  ];
}

/** What is asked for in the place of the installed kernels. */
function successorsOf({ pair, facts }: CheckInput): string[] {
  const names = facts.inventory.packages
    .filter(({ name, state }) => name.startsWith('linux-image-') && state !== 'config-files')
    .flatMap(({ name }) => pair.kernelMetapackages[name] ?? []);
  return names.length > 0 ? [...new Set(names)].sort() : [pair.defaultKernel];
}

/** @param names what must not be forbidden */
function forbiddingPins(names: readonly string[], { pair, facts }: CheckInput): Pin[] {
  const sources = ['linux', `linux-signed-${pair.target.name}`];
  const forbids = (word: string): boolean =>
    word.startsWith('src:')
      ? sources.some((source) => pinMatches(word.slice('src:'.length), source))
      : !word.endsWith(`:${pair.source.name}`) && names.some((name) => pinMatches(word, name));
  return Object.entries(facts.aptPreferences ?? {})
    .flatMap(([file, text]) => readPreferences(text, file))
    .filter(({ packages, priority }) => Number.parseInt(priority, 10) < 0 && packages.some(forbids));
}

function describePin({ file, line, packages, priority }: Pin): string {
  return `${file}, the paragraph at line ${line} (Package: ${packages.join(' ')}, priority ${priority})`;
}

function sourceKernels({ pair, facts }: CheckInput): string[] {
  return facts.inventory.packages
    .filter((one) => isKernelImage(one.name) && one.architecture === pair.source.name && one.state !== 'config-files')
    .map(({ name }) => name)
    .sort();
}
