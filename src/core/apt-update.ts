import { type AptComplaint, readAptComplaints } from './apt-output.ts';
import type { ArchitecturePair } from './architecture.ts';
import type { CommandResult } from './machine.ts';

/** What went wrong while apt fetched package lists. */
export interface ListTrouble {
  /** Lists are missing or old. */
  readonly failed: boolean;
  /** What apt complained of, the repositories below apart. */
  readonly failing: readonly AptComplaint[];
  /** Repositories with packages of the source that have none of the target. */
  readonly withoutTarget: readonly AptComplaint[];
}

export const noListTrouble: ListTrouble = { failed: false, failing: [], withoutTarget: [] };

/**
 * @param update what `apt-get -q=0 update` said: only then does it name architectures that a repository lacks
 * @see apt-get(8), update
 */
export function readListTrouble(update: CommandResult, pair: ArchitecturePair): ListTrouble {
  // Without the progress that apt writes over.
  const said = `${update.stdout}\n${update.stderr}`.replaceAll(/^.*\r(?=.)/gm, '');
  const complaints = [...readAptComplaints(said), ...skippedTarget(said, pair)];
  const lacking = new RegExp(
    `doesn't support architecture '${pair.target.name}'|binary-${pair.target.name}/Packages.*(404|Unable to find)`,
  );
  const withoutTarget = complaints.filter((complaint) => lacking.test(complaint.text));
  // One missing list is told several times, the last time without a name.
  const told = ({ repository }: AptComplaint): boolean =>
    withoutTarget.some((one) => repository === undefined || one.repository?.startsWith(repository));
  const failing = complaints.filter((complaint) => !withoutTarget.includes(complaint) && !told(complaint));
  return {
    failed: failing.length > 0 || (update.exitCode !== 0 && withoutTarget.length === 0),
    failing,
    withoutTarget,
  };
}

/** Repositories with packages of the source that have none of the target; one with arch:all alone has neither. */
function skippedTarget(said: string, { source, target }: ArchitecturePair): AptComplaint[] {
  const lines = said.split('\n').filter((line) => line.startsWith('N: Skipping acquire of '));
  const skipped = (name: string): string[] =>
    lines.filter((line) => line.endsWith(`doesn't support architecture '${name}'`));
  const repositoryOf = (line: string): string => /as repository '(\S+)/.exec(line)?.[1] ?? '';
  const neither = new Set(skipped(source.name).map(repositoryOf));
  return skipped(target.name)
    .filter((line) => !neither.has(repositoryOf(line)))
    .map((line) => ({ repository: repositoryOf(line), text: line.slice('N: '.length) }));
}
