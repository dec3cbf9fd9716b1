import calledBy from '#guest/root/called-by.pl';
import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { lastLines } from '../../base/system/must.ts';
import type { Performance } from '../../state/system/performance.ts';
import type { FilesAction } from '../files-actions.ts';

const etckeeper: RootPath = '/usr/bin/etckeeper';

/** Seconds: where it pushes to another host, that may not answer. */
const patience = 300;

/** What the systems that etckeeper knows keep for themselves. */
const repositories: readonly RootPath[] = ['/etc/.git', '/etc/.hg', '/etc/.bzr', '/etc/_darcs'];

/** @returns whether etckeeper keeps the history of /etc */
export async function hasEtckeeper(machine: Machine): Promise<boolean> {
  if (!(await machine.exists(etckeeper))) return false;
  for (const path of repositories) if (await machine.exists(path)) return true;
  return false;
}

/**
 * What apt has etckeeper do: our dpkg calls have no hook of apt's. Between both its daily commit rests by itself.
 *
 * @throws {CrossgradeError} CG0390 it refuses beforehand; afterwards that is only told
 */
export async function commitEtc(
  { machine, step, observe }: Performance,
  { when }: Extract<FilesAction, { do: 'commit-etc' }>,
): Promise<void> {
  const words = when === 'before' ? 'pre-install' : 'post-install';
  const program = ['timeout', '--kill-after=10', `${patience}`, 'etckeeper', words];
  const { exitCode, stdout, stderr } = await machine.run(['perl', '-e', calledBy, 'crossgrade', ...program], {
    workingDirectory: '/etc',
  });
  const said = lastLines(`${stdout}\n${stderr}`);
  if (exitCode === 0) {
    for (const line of said.filter((one) => /^warning:/i.test(one)))
      observe({ type: 'step-message', step, text: line });
    return;
  }
  if (when === 'after') {
    const text = `etckeeper has not committed what the run changed in /etc (exit code ${exitCode}): type etckeeper commit`;
    observe({ type: 'step-message', step, text });
    return;
  }
  throw new CrossgradeError('etckeeper does not let packages be changed.', {
    code: 'CG0390',
    details: [`etckeeper ${words}      (exit code ${exitCode})`, ...said],
    hint:
      'Nothing was changed. Look at `etckeeper vcs status`, commit what is there (`etckeeper commit`) or mend what it ' +
      'names, then type crossgrade resume.',
  });
}
