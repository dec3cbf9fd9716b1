import { readFileComplaints } from '../../../src/apt/apt-output.ts';
import type { StandIn, StandInArchive } from '../../../src/apt/stand-in.ts';
import type { Found, Remedy } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import { programFolder } from '../../../src/base/own-paths.ts';
import { withoutLogin } from '../../../src/base/passwords.ts';
import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';
import type { ArchitecturePair } from '../../../src/debian/architecture.ts';
import { type InstalledPackage, instanceKey } from '../../../src/debian/package.ts';
import { unfinishedPackages } from '../../../src/debian/package-states.ts';
import { tornPackages } from '../../../src/plan/torn-packages.ts';
import { isTakenOver } from '../../../src/plan/way.ts';
import type { Facts } from '../../../src/run/facts.ts';

/** Source: the procedure's “packages in a good state”; dpkg(1), `--audit`; dpkg-query(1), package states. */
export const packageState: Check = {
  id: 'packages/package-state',
  title: 'Packages that are half installed; other package managers at work',
  looksAt: { topics: ['whether another program is changing packages'] },
  about: {
    'packages/unfinished': {
      text: 'dpkg has begun to install, upgrade or remove these packages and has not finished, or has put off what others have asked of them: their triggers. A crossgrade on top of that could not tell its own failures from old ones.',
      source: 'dpkg-query(1), package states; dpkg(1), --audit',
    },
    'packages/locked': {
      text: 'dpkg and apt lock the package database while they work. Two programs that change packages at the same time damage it.',
      source: 'apt-get(8); dpkg(1)',
    },
    'packages/apt-stopped': {
      text: 'apt reads its sources, its preferences and dpkg’s database before anything else, and stops where one of these files is damaged. Until it is repaired nobody can install or remove anything.',
      source: 'sources.list(5); apt_preferences(5); apt.conf(5)',
    },
    'packages/stand-in': {
      text: 'apt was replaced by its build for the other architecture, and what that needs was not brought along, so it does not start. crossgrade runs a build of it that works here from a folder of its own, beside the packages, until its plan has brought what is missing. Its archives come from the repositories and are those that the package lists promise.',
      source: 'apt-get(8); sources.list(5)',
    },
    'packages/programs-stopped': {
      text: 'dpkg, apt, or gpgv, by which apt knows that a repository is genuine, does not start: it was replaced by its build for the other architecture, or lost a library. Without them nobody can be asked what the crossgraded system would need, and nothing be installed. What would run in the place of the latter two could not be had, for the reason that the finding gives; nothing runs in the place of dpkg.',
      source: 'dpkg(1); apt-get(8); gpgv(1)',
    },
    'packages/unmet-dependencies': {
      text: 'What is installed does not satisfy its own dependencies. The crossgrade carries a sound system over; it cannot repair one on the way.',
      source: 'apt-get(8), check',
    },
  },
  findings: ({ pair, facts, aptComplaints, standIn }) => {
    // What others have begun is unpacked and configured anew by the plan.
    const goesOn = isTakenOver(facts.inventory, pair);
    // Those of the target are the reason why it is taken over, and told as that.
    const torn =
      facts.inventory.nativeArchitecture === pair.source.name ? tornPackages(facts.inventory.packages, pair) : [];
    const broken = unfinishedPackages(facts.inventory).filter((one) => !torn.includes(one));
    const findings = [...notStarting(facts, standIn, pair), ...unfinished(facts, broken, goesOn, standIn)];
    if (standIn?.kind === 'missing') return findings;
    const locked = aptComplaints
      .filter((line) => /Could not get lock|Unable to (acquire|lock)/.test(line))
      // A process outside the root's namespace has no number in it.
      .map((line) => line.replace(/ It is held by process 0\b.*/, ''));
    const unread = readFileComplaints(aptComplaints);
    if (locked.length > 0) {
      findings.push({
        id: 'packages/locked',
        severity: 'blocker',
        title: 'Another program is changing packages',
        detail: `apt or dpkg, perhaps unattended-upgrades, is at work in this root. ${locked[0] ?? ''}`,
        affected: [],
        remedies: [{ hint: 'Wait until it has finished, then start again.' }],
      });
    } else if (unread.length > 0) {
      findings.push({
        id: 'packages/apt-stopped',
        severity: 'blocker',
        title: 'apt cannot read one of its files',
        detail: unread.slice(0, 5).map(sentence).join(' '),
        affected: [...new Set(unread.flatMap((text) => /\/[^\s:,()]+/.exec(text)?.[0] ?? []))].sort(),
        remedies: [{ hint: 'Repair the file that apt names; apt-get check says nothing of it then. Start again.' }],
      });
    } else if (aptComplaints.length > 0 && broken.length === 0 && !goesOn) {
      findings.push({
        id: 'packages/unmet-dependencies',
        severity: 'blocker',
        title: 'apt finds the installed packages inconsistent',
        detail: aptComplaints.slice(0, 5).map(sentence).join(' '),
        affected: [],
        remedies: standIn?.kind === 'lent' ? installByHand(standIn.archives) : [{ command: 'apt-get -f install' }],
      });
    }
    return findings;
  },
};

function notStarting({ inventory }: Facts, standIn: StandIn | undefined, pair: ArchitecturePair): Found[] {
  if (standIn === undefined || standIn.kind === 'unneeded') return [];
  const programs = listNames(standIn.programs, 4);
  if (standIn.kind === 'lent') {
    return [
      {
        id: 'packages/stand-in',
        severity: 'note',
        title: `${programs} cannot start here, and a copy stands in`,
        detail: `What it needs is not installed. crossgrade uses ${listNames(
          standIn.archives.map(({ fileName }) => fileName),
          4,
        )}, from a folder of its own, until the plan has brought the rest.`,
        affected: [...standIn.programs],
        remedies: [{ hint: 'Nothing to do.' }],
      },
    ];
  }
  if (standIn.archives !== undefined) return [dpkgStopped(standIn.archives, standIn.why, pair, standIn.architecture)];
  const { version = 'VERSION' } = inventory.packages.find(({ name }) => name === 'apt') ?? {};
  const file = `apt_${version.replace(/^\d+:/, '')}_${inventory.nativeArchitecture}.deb`;
  return [
    {
      id: 'packages/programs-stopped',
      severity: 'blocker',
      title: `${programs} cannot start, and nothing can stand in`,
      detail: `What it needs is not installed. ${standIn.why.map(sentence).join(' ')}`,
      affected: [...standIn.programs],
      remedies: [
        {
          hint: `Put back what ran before: fetch ${file} on another machine, from the pool of the repository, and type dpkg --install ${file} here. Then start again.`,
        },
      ],
    },
  ];
}

/** Libraries from a folder of their own, until dpkg has put them in their place. */
function dpkgStopped(
  archives: readonly StandInArchive[],
  why: readonly string[],
  { source, target }: ArchitecturePair,
  architecture: string | undefined,
): Found {
  const { triplet } = architecture === target.name ? target : source;
  const libraries = ['usr/lib', 'lib'].map((folder) => `/var/tmp/lent/${folder}/${triplet}`).join(':');
  const addresses = archives.map(({ address }) => withoutLogin(address));
  const files = archives.map(({ fileName }) => `/var/tmp/${fileName}`);
  return {
    id: 'packages/programs-stopped',
    severity: 'blocker',
    title: 'dpkg cannot start',
    detail: why.map(sentence).join(' '),
    affected: ['dpkg'],
    remedies:
      archives.length === 0
        ? [{ hint: 'Bring back the file that it names, from a backup or from its package, then start again.' }]
        : [
            {
              hint: `Fetch ${listNames(addresses, addresses.length)} on another machine, and put what you have fetched into /var/tmp here. Unpack each into /var/tmp/lent: dpkg-deb --extract FILE /var/tmp/lent does it on another machine, ${programFolder}/busybox dpkg-deb -x on this one. Then type the command, and start again.`,
            },
            { command: shellWords(['env', `LD_LIBRARY_PATH=${libraries}`, 'dpkg', '--install', ...files]) },
          ],
  };
}

/** Where apt itself does not start: what dpkg alone can do. */
function installByHand(archives: readonly StandInArchive[]): Remedy[] {
  const files = archives.map(({ address }) => withoutLogin(address));
  return [
    {
      hint: `apt-get does not start here. Fetch ${listNames(files, files.length)}, on another machine if need be, and type dpkg --install with these files. Then start again.`,
    },
  ];
}

function unfinished(
  facts: Facts,
  broken: readonly InstalledPackage[],
  goesOn: boolean,
  standIn: StandIn | undefined,
): Found[] {
  const deferred = (facts.deferredTriggers ?? []).filter((name) => !broken.some((one) => isNamed(one, name)));
  if (broken.length + deferred.length === 0) return [];
  const waiting = broken.every(isWaiting);
  const reason = goesOn ? 'taken-over' : waiting ? 'waiting' : 'interrupted';
  return [
    {
      id: 'packages/unfinished',
      severity: goesOn ? 'warning' : 'blocker',
      title: waiting ? 'Triggers of packages have not been run' : 'Packages are not completely installed',
      detail: unfinishedBecause[reason],
      affected: [
        ...broken.map((one) => `${instanceKey(one)} (${one.reinstallRequired ? 'must be reinstalled' : one.state})`),
        ...deferred.map((name) => `${name} (triggers-pending)`),
      ].sort(),
      remedies: goesOn ? [{ hint: 'Nothing to do: the run does it.' }] : repairsFor(broken, waiting, standIn),
    },
  ];
}

const unfinishedBecause = {
  'taken-over':
    'What was begun by other means was interrupted. The plan unpacks and configures them, or takes them away.',
  waiting:
    'Other packages have asked something of these, and dpkg has put it off. crossgrade begins only where every package is sound.',
  interrupted: 'An installation or an upgrade was interrupted. crossgrade begins only where every package is sound.',
} as const;

function sentence(text: string): string {
  return /[.!?)]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;
}

/** For nothing but triggers, its own or another's. */
function isWaiting({ state, reinstallRequired }: InstalledPackage): boolean {
  return !reinstallRequired && (state === 'triggers-pending' || state === 'triggers-awaited');
}

/** @param name with its architecture or without */
function isNamed(one: InstalledPackage, name: string): boolean {
  return one.name === name || instanceKey(one) === name;
}

/** In the order in which they help; of apt only where it starts. */
function repairsFor(broken: readonly InstalledPackage[], waiting: boolean, standIn: StandIn | undefined): Remedy[] {
  const damaged = broken.filter((one) => one.reinstallRequired || one.state === 'half-installed').map(instanceKey);
  const first: Remedy = { command: waiting ? 'dpkg --triggers-only --pending' : 'dpkg --configure -a' };
  if (standIn?.kind === 'lent') return [...installByHand(standIn.archives), first];
  return [
    ...(damaged.length > 0 ? [{ command: shellWords(['apt-get', 'install', '--reinstall', ...damaged.sort()]) }] : []),
    first,
    ...(waiting ? [] : [{ command: 'apt-get -f install' }]),
    ...(damaged.length > 0
      ? [{ hint: 'A package that no repository has is installed again from its archive: dpkg --install FILE.deb' }]
      : []),
  ];
}
