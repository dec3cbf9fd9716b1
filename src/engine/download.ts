import { readAptComplaints, readFailedDownloads } from '../core/apt-output.ts';
import { CrossgradeError } from '../core/error.ts';
import type { Machine, RootPath } from '../core/machine.ts';
import { archiveFolder, cacheFolder, logFolder, stateFolder } from '../core/paths.ts';
import type { Archive } from '../core/plan.ts';
import { takeArchives } from './archives.ts';
import type { Performance } from './context.ts';
import { signsOfFullDisk } from './full-disk.ts';
import { readSizes } from './probe.ts';

const logFile: RootPath = `${logFolder}/download.log`;

/**
 * Fetches archives by apt's own transport, with the root's proxy settings and credentials. apt compares each with the
 * sum that the signed index gave when the plan was made, and goes on with a file that is there in part. It needs no
 * package lists for that, which it would take a second to read.
 *
 * @throws {CrossgradeError} CG0211 when apt cannot fetch one
 */
export async function download(performance: Performance, archives: readonly Archive[]): Promise<void> {
  const { machine, step, observe, interruption } = performance;
  await prepareFolder(machine);
  const total = archives.reduce((sum, archive) => sum + archive.bytes, 0);
  const argv = [
    '/usr/lib/apt/apt-helper',
    '-o',
    'Acquire::Retries=3',
    // What comes from a folder is copied: the plan counts files, and the folder may be gone when dpkg wants them.
    '-o',
    'Acquire::Source-Symlinks=false',
    'download-file',
    ...archives.flatMap(({ uri, fileName, sha256 }) => [uri, fileName, `SHA256:${sha256}`]),
  ];
  const exitFile: RootPath = `${stateFolder}/download-exit`;
  await machine.remove(exitFile);
  const offset = (await machine.info(logFile))?.bytes ?? 0;
  await machine.append(logFile, `\n### ${new Date().toISOString()}\n`);
  const handle = await machine.start({
    argv,
    workingDirectory: archiveFolder,
    logFile,
    exitFile,
    mayBeCutShort: true,
  });
  const follow = async () => {
    let bytes = 0;
    let current = '';
    const sizes = await readSizes(machine, archiveFolder);
    for (const archive of archives) {
      const there = sizes[archive.fileName] ?? 0;
      bytes += there;
      if (there > 0 && there < archive.bytes) {
        current = archive.key;
      }
    }
    observe({
      type: 'step-progress',
      step,
      progress: { activity: 'download', done: Math.min(bytes, total), total, unit: 'bytes', current },
    });
    if (interruption.requested) {
      throw new Interrupted();
    }
  };
  const exitCode = await machine.wait(handle, exitFile, 400, follow).catch(async (error: unknown) => {
    // On the running system it would go on without us, and a rollback would wait for all that it fetches.
    await machine.end(handle);
    if (error instanceof Interrupted) return 'interrupted';
    throw error;
  });
  await takeArchives(machine);
  // A resume goes on with the file that apt was at.
  if (exitCode === 'interrupted') {
    return;
  }
  if (exitCode !== 0) {
    const said = await machine.readTextFrom(logFile, offset);
    const signs = await signsOfFullDisk(machine, said, [archiveFolder]);
    const full = signs.length > 0;
    throw new CrossgradeError(
      full ? 'The disk is full: the download cannot go on.' : 'apt could not fetch all packages.',
      {
        code: 'CG0211',
        details: [...signs, ...reasonsIn(said), `log ${logFile}`],
        hint:
          'No package was touched yet by this step; what was fetched is kept. ' +
          (full ? 'Make room' : 'Mend the connection or the repository') +
          ', then type crossgrade resume.',
      },
    );
  }
}

function reasonsIn(said: string): string[] {
  const reasons = readFailedDownloads(said);
  return reasons.length > 0
    ? reasons
    : readAptComplaints(said)
        .slice(0, 6)
        .map(({ text }) => text);
}

/** Ends the waiting for apt. */
class Interrupted extends Error {}

/** apt's unprivileged user fetches into it, where there is one. */
async function prepareFolder(machine: Machine): Promise<void> {
  await machine.makeDirectory(cacheFolder, 0o755);
  await machine.makeDirectory(archiveFolder, 0o755);
  await machine.run(['chown', '_apt', archiveFolder]);
  // Left by a crossgrade that let apt make links: none may be taken for an archive, or written through.
  for (const { path, info } of await machine.walk(archiveFolder)) {
    if (info.type === 'symlink') await machine.remove(path);
  }
}
