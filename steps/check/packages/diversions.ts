import type { Found, Remedy } from '../../../src/base/finding.ts';
import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import type { Diversion } from '../../../src/debian/inventory.ts';

/** What is on the disk stays: with `--rename` a library would be gone until something else is put in its place. */
const divert = ['dpkg-divert', '--local', '--no-rename'];

/** Source: dpkg-divert(1). */
export const diversions: Check = {
  id: 'packages/diversions',
  title: 'Diverted files',
  about: {
    'packages/diversion-old-path': {
      text: 'You have diverted a file in a folder of the old architecture. The new build brings the file in its own folder, where nothing is diverted: your change is without effect there. Your own file has to be built for the target first; only then it can take the place of the package’s.',
      source: 'dpkg-divert(1)',
    },
    'packages/diversion-without-effect': {
      text: 'dpkg goes by the path that a package has for a file. Where /lib leads to /usr/lib, a diversion of the other name of the same file is without effect: the next version of the package replaces your own file, and its removal takes it away.',
      source: 'dpkg-divert(1), on aliased directories; dpkg(1)',
    },
    'packages/diversion-empty': {
      text: 'A file of the target is diverted, and nothing is in its place. The new build puts its file elsewhere; programs that look for it find none, which for a library means that they do not start any more.',
      source: 'dpkg-divert(1)',
    },
  },
  findings: (input) => [...emptyPlaces(input), ...withoutEffect(input), ...oldPaths(input)],
};

/** Those of packages are made anew by their own scripts. */
function localDiversions({ facts }: CheckInput): Diversion[] {
  return facts.inventory.diversions.filter((one) => one.package === ':');
}

function emptyPlaces({ pair, survey }: CheckInput): Found[] {
  const empty = survey?.software?.emptyDiversions ?? [];
  if (empty.length === 0) return [];
  return [
    {
      id: 'packages/diversion-empty',
      severity: 'blocker',
      title: `Diverted files of ${pair.target.name} with nothing in their place`,
      detail: 'The new builds put their files elsewhere, and programs would find none where they look.',
      affected: [...empty].sort(),
      remedies: [
        { hint: `Put your own files, built for ${pair.target.name}, in their place, or take the diversions away:` },
        ...empty.map((path) => ({ command: shellWords([...divert, '--remove', path]) })),
      ],
    },
  ];
}

function withoutEffect(input: CheckInput): Found[] {
  const misnamed = misnamedIn(input);
  if (misnamed.size === 0) return [];
  const those = localDiversions(input).filter(({ path }) => misnamed.has(path));
  return [
    {
      id: 'packages/diversion-without-effect',
      severity: 'warning',
      title: 'Diversions that dpkg does not go by',
      detail:
        'The packages have these files by another name of the same folder. The crossgrade replaces or removes what you have ' +
        'put in their place, as each upgrade does. The commands divert the names that dpkg knows, and leave all files where ' +
        'they are.',
      affected: those.map(({ path }) => `${path} (dpkg: ${misnamed.get(path)})`).sort(),
      remedies: those.flatMap(({ path, divertedTo }) => [
        { command: shellWords([...divert, '--remove', path]) },
        { command: shellWords([...divert, '--divert', divertedTo, '--add', misnamed.get(path) ?? path]) },
      ]),
    },
  ];
}

function oldPaths(input: CheckInput): Found[] {
  const { pair } = input;
  const misnamed = misnamedIn(input);
  const local = localDiversions(input);
  const renew = (path: string): string => path.replaceAll(pair.source.triplet, pair.target.triplet);
  const old = local.filter(
    ({ path }) =>
      path.includes(pair.source.triplet) && !misnamed.has(path) && !local.some((one) => one.path === renew(path)),
  );
  if (old.length === 0) return [];
  const exchange = ({ path, divertedTo }: Diversion): Remedy[] => [
    { command: shellWords(['cp', '--archive', renew(path), renew(divertedTo)]) },
    { command: shellWords([...divert, '--divert', renew(divertedTo), '--add', renew(path)]) },
    { command: shellWords(['mv', '--no-target-directory', `${renew(path)}.new`, renew(path)]) },
  ];
  return [
    {
      id: 'packages/diversion-old-path',
      severity: 'warning',
      title: `Diversions in folders of ${pair.source.name}`,
      detail:
        `After the crossgrade these files are in the folders of ${pair.target.name}, where those of the packages are used, ` +
        'and not what you have put in their place. That has to be built anew before it can be diverted to.',
      affected: old.map(({ path }) => path).sort(),
      remedies: [
        {
          hint:
            `When the crossgrade is done: build your own file for ${pair.target.name}, put it beside the package’s, with ` +
            '.new behind the name, and exchange them, in this order, so that the file is there at each moment:',
        },
        ...old.flatMap(exchange),
        ...forgetOld(old, input),
      ],
    },
  ];
}

function forgetOld(old: readonly Diversion[], { pair, solved }: CheckInput): Remedy[] {
  return solved?.target.packages.some(({ architecture }) => architecture === pair.source.name)
    ? [
        {
          hint: `Leave an old diversion as long as a package of ${pair.source.name} has the file (dpkg --search PATH).`,
        },
      ]
    : [
        { hint: 'Then dpkg can forget the old ones; your own old files stay where they are, until you delete them:' },
        ...old.map(({ path }) => ({ command: shellWords([...divert, '--remove', path]) })),
      ];
}

/** What is diverted, and by which name a package has it. */
function misnamedIn({ survey }: CheckInput): ReadonlyMap<string, string> {
  return new Map((survey?.software?.misnamedDiversions ?? []).map(({ path, packagePath }) => [path, packagePath]));
}
