import type { Severity } from '../../base/finding.ts';
import { assumptions, isDecisionOpen, openDecisions } from '../../check/check-report.ts';
import type { CheckedRow, CheckReport, Decision } from '../../check/check-report-schema.ts';
import { formatCount, formatDuration, formatTime, plural } from '../words/format.ts';

/** @returns `i386 to amd64`; one architecture where there is no way to go */
export function wayOf({ sourceArchitecture, targetArchitecture }: CheckReport['system']): string {
  return sourceArchitecture === targetArchitecture
    ? targetArchitecture
    : `${sourceArchitecture} to ${targetArchitecture}`;
}

/** @returns `Debian 12 (bookworm)` */
export function releaseName({ id, version, codename }: CheckReport['system']['release']): string {
  return [id === 'debian' ? 'Debian' : id, version, `(${codename})`]
    .filter((word) => word !== '' && word !== '()')
    .join(' ');
}

/** @returns one or two sentences: whether a run would start, and what was found */
export function verdictText(report: CheckReport): string {
  const { system, findings, decisions, progress } = report;
  const count = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  const open = decisions.filter((one) => one.open).length;
  const minor = (['warning', 'note'] as const).filter((severity) => count(severity) > 0);
  const rest = minor.length === 0 ? '' : ` ${minor.map((severity) => plural(count(severity), severity)).join(', ')}.`;
  switch (report.verdict) {
    case 'ready':
      return `READY: nothing blocks the crossgrade.${rest}`;
    case 'decisions-open':
      return `DECISIONS OPEN: ${formatCount(open)} to take; nothing else blocks the crossgrade.${rest}`;
    case 'blocked': {
      const decidable = open === 0 ? '' : ` ${plural(open, 'decision')} to take.`;
      const blockers =
        count('blocker') - findings.filter((one) => isDecisionOpen(one, openDecisions(decisions))).length;
      return `BLOCKED: ${plural(blockers, 'blocker')}.${decidable}${rest}`;
    }
    case 'in-progress':
      return (
        `IN PROGRESS: a crossgrade was begun at ${formatTime(progress?.startedAt ?? '')} and is not finished. ` +
        `${progress?.pastPointOfNoReturn ? 'The point of no return is passed.' : 'It can still be taken back.'}`
      );
    case 'nothing-to-do':
      return [
        `NOTHING TO DO: this system is ${system.targetArchitecture} already.`,
        ...findings.map(({ detail }) => detail),
      ].join(' ');
  }
}

export function assumptionText(report: CheckReport): string | undefined {
  const values = assumptions(report).map(({ id, plannedAs }) => `${id} = ${plannedAs}`);
  return values.length === 0 ? undefined : `Planned as if you answered: ${values.join(', ')}`;
}

/** No estimate is exact to the second. */
export function roughly(seconds: number): string {
  if (seconds < 90) return formatDuration(Math.max(10, Math.ceil(seconds / 10) * 10));
  return formatDuration(Math.ceil(seconds / 60) * 60).replace(/ 00 s$/, '');
}

/** @returns `open`, `decided: remove; wine32 = keep` */
export function stateOf({ answer, singleAnswers, open }: Decision): string {
  const given = [...(answer === null ? [] : [answer]), ...Object.entries(singleAnswers).map((one) => one.join(' = '))];
  return [...(open ? ['open'] : []), ...(given.length > 0 ? [`decided: ${given.join('; ')}`] : [])].join('; ');
}

/** Of one check, and of several. */
const resultWords: Readonly<Record<CheckedRow['result'], readonly [one: string, several: string]>> = {
  passed: ['passed', 'passed'],
  note: ['note', 'with a note'],
  warning: ['warning', 'with a warning'],
  blocker: ['blocker', 'with a blocker'],
  partly: ['passed in part', 'passed in part'],
  'not-looked-at': ['not looked at', 'not looked at'],
  'does-not-apply': ['does not apply', 'not for this root'],
};

/** @returns `71 checks: 60 passed, 2 with a warning, 9 not for this root` */
export function countsOfChecks(checks: readonly CheckedRow[]): string {
  const counts = Object.entries(resultWords).flatMap(([result, [, several]]) => {
    const count = checks.filter((one) => one.result === result).length;
    return count === 0 ? [] : [`${count} ${several}`];
  });
  return `${plural(checks.length, 'check')}: ${counts.join(', ')}`;
}

/** @returns `Memory and swap: warning, see machine/memory` */
export function resultText({ title, result, findings, notLookedAt }: CheckedRow): string {
  const about = findings.length > 0 ? `, see ${findings.join(', ')}` : '';
  const missing = notLookedAt === null || result === 'does-not-apply' ? '' : `; ${notLookedAt}`;
  return `${title}: ${resultWords[result][0]}${about}${missing}`;
}
