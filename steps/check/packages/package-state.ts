import { readFileComplaints } from '../../../src/apt/apt-output.ts';
import type { Found, Remedy } from '../../../src/base/finding.ts';
import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';
import { type InstalledPackage, instanceKey } from '../../../src/debian/package.ts';
import { unfinishedPackages } from '../../../src/debian/package-states.ts';
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
    'packages/unmet-dependencies': {
      text: 'What is installed does not satisfy its own dependencies. The crossgrade carries a sound system over; it cannot repair one on the way.',
      source: 'apt-get(8), check',
    },
  },
  findings: ({ pair, facts, aptComplaints }) => {
    // Where dpkg has gone ahead of the rest, all of it is unpacked and configured anew by the plan.
    const isTakenOver = facts.inventory.nativeArchitecture === pair.target.name;
    const broken = unfinishedPackages(facts.inventory);
    const findings = unfinished(facts, broken, isTakenOver);
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
        remedies: [{ hint: 'Repair the file that apt names, then start again.' }, { command: 'apt-get check' }],
      });
    } else if (aptComplaints.length > 0 && broken.length === 0 && !isTakenOver) {
      findings.push({
        id: 'packages/unmet-dependencies',
        severity: 'blocker',
        title: 'apt finds the installed packages inconsistent',
        detail: aptComplaints.slice(0, 5).map(sentence).join(' '),
        affected: [],
        remedies: [{ command: 'apt-get -f install' }],
      });
    }
    return findings;
  },
};

function unfinished(facts: Facts, broken: readonly InstalledPackage[], isTakenOver: boolean): Found[] {
  const deferred = (facts.deferredTriggers ?? []).filter((name) => !broken.some((one) => isNamed(one, name)));
  if (broken.length + deferred.length === 0) return [];
  const waiting = broken.every(isWaiting);
  const reason = isTakenOver ? 'taken-over' : waiting ? 'waiting' : 'interrupted';
  return [
    {
      id: 'packages/unfinished',
      severity: isTakenOver ? 'warning' : 'blocker',
      title: waiting ? 'Triggers of packages have not been run' : 'Packages are not completely installed',
      detail: unfinishedBecause[reason],
      affected: [
        ...broken.map((one) => `${instanceKey(one)} (${one.reinstallRequired ? 'must be reinstalled' : one.state})`),
        ...deferred.map((name) => `${name} (triggers-pending)`),
      ].sort(),
      remedies: isTakenOver ? [{ hint: 'Nothing to do: the run does it.' }] : repairsFor(broken, waiting),
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

/** In the order in which they help. */
function repairsFor(broken: readonly InstalledPackage[], waiting: boolean): Remedy[] {
  const damaged = broken.filter((one) => one.reinstallRequired || one.state === 'half-installed').map(instanceKey);
  return [
    ...(damaged.length > 0 ? [{ command: shellWords(['apt-get', 'install', '--reinstall', ...damaged.sort()]) }] : []),
    { command: waiting ? 'dpkg --triggers-only --pending' : 'dpkg --configure -a' },
    ...(waiting ? [] : [{ command: 'apt-get -f install' }]),
  ];
}
