import type { CommandResult } from '../base/root.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import { type AptComplaint, readAptComplaints } from './apt-output.ts';

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
    `doesn't support architecture '${pair.target.name}'|binary-${pair.target.name}/Packages.*Unable to find`,
  );
  const notThere = new RegExp(`binary-${pair.target.name}/Packages.*404`);
  const released = releasesIn(said);
  const isLacking = ({ text, repository = '' }: AptComplaint): boolean =>
    lacking.test(text) || (notThere.test(text) && released.some((start) => repository.startsWith(start)));
  const withoutTarget = complaints.filter(isLacking);
  // One missing list is told several times, the last time without a name.
  const told = ({ repository }: AptComplaint): boolean =>
    withoutTarget.some((one) => repository === undefined || one.repository?.startsWith(repository));
  const failing = withoutEchoes(complaints.filter((one) => !withoutTarget.includes(one) && !told(one)));
  return {
    failed: failing.length > 0 || (update.exitCode !== 0 && withoutTarget.length === 0),
    failing,
    withoutTarget,
  };
}

/**
 * Where nothing says what a repository has, an index that is not there may as well mean that the repository is not.
 *
 * @returns how the addresses of files begin in repositories whose Release file is there
 */
function releasesIn(said: string): string[] {
  const there = new Map<string, string>();
  for (const [, sign = '', uri = '', suite = '', file] of said.matchAll(
    /^(Get|Hit|Ign|Err):\d+ (\S+) (\S+) (InRelease|Release)(?= |$)/gm,
  )) {
    const place = `${uri.replace(/\/$/, '')}/${suite.endsWith('/') ? suite : `dists/${suite}/`}`;
    // Of a folder apt says first that it gets it, and then that it does not.
    if (sign === 'Get' || sign === 'Hit') there.set(`${file} ${place}`, place);
    else there.delete(`${file} ${place}`);
  }
  return [...there.values()];
}

/** A download that fails is told with its reason at once, and again at the end, in other words. */
function withoutEchoes(complaints: readonly AptComplaint[]): AptComplaint[] {
  const reasons = [...new Map(complaints.filter((one) => one.isReason).map((one) => [one.text, one])).values()];
  if (reasons.length === 0) return [...complaints];
  const isEcho = ({ repository, text }: AptComplaint): boolean =>
    repository === undefined
      ? text.startsWith('Some index files failed')
      : reasons.some(
          (one) => one.repository !== undefined && `${repository}/`.startsWith(`${one.repository.replace(/\/$/, '')}/`),
        );
  return [...reasons, ...complaints.filter((one) => !one.isReason && !isEcho(one))];
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
