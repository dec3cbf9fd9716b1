import type { Found } from '../../../src/base/finding.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { type InstalledPackage, instanceKey } from '../../../src/debian/package.ts';
import { tornPackages } from '../../../src/plan/torn-packages.ts';
import { findWay, type Start } from '../../../src/plan/way.ts';
import { thereWords } from '../../../src/plan/way-words.ts';

/** Source: dpkg(1), the architecture of dpkg itself; apt-mark(8). */
export const takenOver: Check = {
  id: 'packages/taken-over',
  title: 'What others have begun of a crossgrade',
  whenThere: true,
  about: {
    'packages/taken-over': {
      text: 'dpkg has the target architecture, and packages that a system cannot do without have not; or dpkg has begun to install packages of the target architecture and has not finished with them: somebody has begun a crossgrade by hand or with another program. It is gone on with from the packages that are there. Until its end apt finds the dependencies unmet; apt-get -f install would remove packages, and nobody should type it. What was replaced before, its versions and its marks, nobody can know any more.',
      source: 'dpkg(1), --print-architecture; apt-get(8), --fix-broken',
    },
    'packages/leftovers': {
      text: 'The system has the target architecture, and so has every program in it. Of the old architecture libraries or kernels are left, and no package needs them. A run purges them, puts the marks in order, and lets dpkg forget the old architecture.',
      source: 'dpkg(1), --purge and --remove-architecture',
    },
    'packages/kept-programs': {
      text: 'The system has the target architecture, all that it cannot do without as well, and each of its packages has what it needs. Programs of the other architecture stand beside that, as Debian’s Multiarch provides for it: Wine, Steam, or one that somebody wants so. Nothing has to be done.',
      source: 'Debian wiki, Multiarch',
    },
  },
  findings: ({ pair, facts: { inventory }, kept: planned }) => {
    const way = findWay(inventory, pair.target.name, planned);
    if (way.kind === 'there') return way.kept.length === 0 ? [] : [keptPrograms(way.kept, pair.target.name)];
    if (way.kind === 'none' || way.start === 'source') return [];
    if (way.start === 'leftovers') return [leftovers(inventory.packages, pair)];
    return [mixed(inventory.packages, pair, way.start)];
  },
};

type Packages = readonly InstalledPackage[];

function mixed(packages: Packages, pair: CheckInput['pair'], start: Start): Found {
  const { source, target } = pair;
  const [ofSource, ofTarget] = [installedOf(packages, source.name), installedOf(packages, target.name)];
  const torn = tornPackages(packages, pair)
    .map((one) => `${instanceKey(one)} (${one.state})`)
    .sort();
  const stands =
    start === 'torn'
      ? `dpkg is ${source.name} still; ${ofTarget.length} packages are ${target.name}, and it has not finished with ${torn.length} of them. `
      : `dpkg is ${target.name} already; ${ofTarget.length} packages are, and ${ofSource.length} are ${source.name}. `;
  return {
    id: 'packages/taken-over',
    severity: 'warning',
    title: 'A crossgrade was begun by other means, and is taken over',
    detail:
      stands +
      'The plan begins with what is there. Which of the packages that were replaced were marked as automatic, and ' +
      'their versions before, cannot be known any more. The first dpkg call ends the way back.',
    affected: start === 'torn' ? torn : ofSource,
    remedies: [
      { hint: 'Do not let apt repair anything meanwhile: it would remove packages. The run does it.' },
      { hint: 'An older list of automatic packages, such as an extended_states of a backup: run --marks-from FILE.' },
    ],
  };
}

function leftovers(packages: Packages, { source, target }: CheckInput['pair']): Found {
  const left = installedOf(packages, source.name);
  return {
    id: 'packages/leftovers',
    severity: 'warning',
    title: `This system is ${target.name}; of ${source.name} only libraries are left`,
    detail: `No package needs them. The run purges them and ends with dpkg --remove-architecture ${source.name}.`,
    affected: left,
    remedies: [
      {
        hint: `Programs outside packages may need them: where that is so, stay with ${source.name} beside, and run nothing.`,
      },
    ],
  };
}

function keptPrograms(packages: Packages, target: string): Found {
  return {
    id: 'packages/kept-programs',
    severity: 'note',
    title: `This system is ${target}, and keeps programs of another architecture`,
    detail: thereWords(packages, target).join(' '),
    affected: packages.map(instanceKey).sort(),
    remedies: [{ hint: 'Nothing to do.' }],
  };
}

function installedOf(packages: Packages, architecture: string): string[] {
  return packages
    .filter((one) => one.architecture === architecture && one.state !== 'config-files')
    .map(instanceKey)
    .sort();
}
