import type { Finding, Question, Severity } from '../../../src/base/finding.ts';
import { makeReport, type ReportInput } from '../../../src/check/check-report.ts';
import type { CheckReport } from '../../../src/check/check-report-schema.ts';
import { estimateDuration } from '../../../src/plan/duration.ts';
import type { HostName } from '../recorded/hosts.ts';
import { World } from '../recorded/world.ts';

const folders = ['packages', 'machine', 'session', 'data', 'software'];

/** Findings as checks make them, of every folder and with every kind of remedy. */
export function someFindings(severity: Severity, count: number): Finding[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${folders[index % folders.length]}/${severity}-number-${index + 1}`,
    severity,
    title: `Something of the kind “${severity}” was found on this system (${index + 1})`,
    detail: 'What it is, what it means for the crossgrade, and what happens when nothing is done about it. '.repeat(2),
    affected: Array.from({ length: index }, (_none, number) => `package-${number}:i386`),
    remedies:
      index % 2 === 0
        ? [{ command: `apt-get install --reinstall package-${index}` }, { hint: 'Or wait.' }]
        : [{ hint: 'Look at it, and think about what it is for.' }],
    source: 'dpkg(1)',
  }));
}

export const openQuestion: Question = {
  id: 'no-counterpart',
  text: 'What shall become of the packages that do not exist for amd64?',
  why: 'They cannot be crossgraded.',
  affected: ['wine32', 'zsnes'],
  assumed: 'remove',
  choices: [
    { value: 'stop', title: 'Stop here', consequence: 'Nothing is changed.', recommended: true },
    { value: 'remove', title: 'Remove them', consequence: 'They are purged.' },
    { value: 'keep', title: 'Keep them', consequence: 'They stay, and so does i386.' },
  ],
};

export const undecided: Finding = {
  id: 'packages/no-counterpart',
  severity: 'blocker',
  title: 'Packages without a build for amd64',
  detail: 'No repository of this system offers these packages for amd64.',
  affected: ['wine32', 'zsnes'],
  remedies: [{ decision: 'no-counterpart' }],
  source: 'crossgrading instructions on the Debian wiki',
};

/** The report on a recorded host, with what is given. */
export function reportOn(host: HostName, changes: Partial<ReportInput> = {}): CheckReport {
  const { context, target } = new World(host);
  const { plan, facts, pair } = context;
  return makeReport({
    toolVersion: '1.2.3',
    createdAt: '2026-11-23T01:02:03.000Z',
    system: {
      root: '/srv/oldhost',
      kind: 'chroot',
      hostName: 'oldhost.example\n',
      release: facts.release,
      sourceArchitecture: pair.source.name,
      targetArchitecture: pair.target.name,
      packages: facts.inventory.packages.length,
    },
    findings: [],
    questions: [],
    answers: {},
    planned: {
      plan,
      space: [{ paths: ['/usr', '/var', '/boot'], neededBytes: 796_600_000, freeBytes: 10_950_000_000 }],
      duration: estimateDuration(plan, target.packages),
    },
    notLookedAt: [],
    ...changes,
  });
}
