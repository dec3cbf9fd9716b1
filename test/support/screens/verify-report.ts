import type { PartComparison } from '../../../src/base/difference.ts';
import { joinParts } from '../../../src/compare/comparison.ts';
import { makeVerifyReport, type VerifyReport } from '../../../src/compare/verify-report.ts';

const went = { what: 'zsnes went', explanation: 'there is no build' };
/** A difference that nobody can explain. */
export const stopped = {
  what: 'nginx.service does not run',
  explanation: null,
  details: ['line'],
  command: 'systemctl start nginx',
};

/** Of a small system, with what is said of its services. */
export const verifyReportOn = (services: PartComparison['differences']): VerifyReport =>
  makeVerifyReport(
    {
      ...joinParts([
        ['services', { differences: services }],
        ['packages', { rows: [{ label: 'packages', before: '90', after: '89' }], differences: [went] }],
      ]),
      oldProcesses: [{ unit: 'ssh.service', programs: ['sshd (1)'] }],
    },
    {
      toolVersion: '1.0',
      createdAt: '2026-11-25T10:00:00.000Z',
      recordedAt: '2026-11-25T09:00:00.000Z',
      system: { root: '/', hostName: 'host', sourceArchitecture: 'i386', targetArchitecture: 'amd64' },
    },
  );
