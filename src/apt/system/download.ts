import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { aptLoginFile, archiveFolder, cacheFolder, logFolder, stateFolder } from '../../base/own-paths.ts';
import { authFile, loginIn, withoutLogin } from '../../base/passwords.ts';
import { joinLines, printable } from '../../base/printable.ts';
import type { RootPath } from '../../base/root.ts';
import { signsOfFullDisk } from '../../base/system/full-disk.ts';
import { appendLog } from '../../base/system/logs.ts';
import { readSizes, takeArchives } from '../../dpkg/system/archives.ts';
import type { Archive } from '../../plan/plan.ts';
import type { Performance } from '../../state/system/performance.ts';
import { readAptComplaints, readFailedDownloads } from '../apt-output.ts';
import { readSources } from '../sources.ts';

const logFile: RootPath = `${logFolder}/download.log`;

/**
 * Fetches archives by apt's own transport, with the root's proxy settings and credentials. apt compares each with the
 * sum that the signed index gave when the plan was made, and goes on with a file that is there in part. It needs no
 * package lists for that, which it would take a second to read.
 *
 * @throws {CrossgradeError} CG0211 when apt cannot fetch one, CG0212 when the disk is full
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
    ...(await layOutLogins(performance, archives)),
    'download-file',
    ...archives.flatMap(({ uri, fileName, sha256 }) => [withoutLogin(uri), fileName, `SHA256:${sha256}`]),
  ];
  const exitFile: RootPath = `${stateFolder}/download-exit`;
  await machine.remove(exitFile);
  const offset = (await machine.info(logFile))?.bytes ?? 0;
  await appendLog(machine, logFile, joinLines(['', `### ${new Date().toISOString()}`].map(printable)));
  const handle = await machine.start({
    argv,
    workingDirectory: archiveFolder,
    logFile,
    exitFile,
    mayBeCutShort: true,
    needsNetwork: true,
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
    await machine.remove(aptLoginFile);
    if (error instanceof Interrupted) return 'interrupted';
    throw error;
  });
  await machine.remove(aptLoginFile);
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
        code: full ? 'CG0212' : 'CG0211',
        details: [...signs, ...reasonsIn(said), `log ${logFile}`],
        hint:
          'No package was touched yet by this step; what was fetched is kept. ' +
          (full ? 'Make room' : 'Mend the connection or the repository') +
          ', then type crossgrade resume.',
      },
    );
  }
}

/**
 * Everybody can read the words of a command line, so passwords that stand in the addresses of sources reach apt in a file
 * for root alone, before the logins that the root has in such a file itself. Only where there are any: apt reads its own
 * files otherwise.
 *
 * @returns options for apt
 * @throws {CrossgradeError} CG0480 for a password that cannot be written there
 */
async function layOutLogins({ machine, context }: Performance, archives: readonly Archive[]): Promise<string[]> {
  const sources = Object.entries(context.facts.sourceFiles).flatMap(([file, text]) => readSources(text, file));
  // Plans of older versions have logins in the addresses of archives.
  const addresses = [...sources.flatMap(({ uris }) => uris), ...archives.map(({ uri }) => uri)];
  const logins = addresses.flatMap((address) => loginIn(address) ?? []);
  if (logins.length === 0) return [];
  const own = authFile(logins);
  if (own === undefined) {
    throw new CrossgradeError('A password in the address of a source has blanks or control characters in it.', {
      code: 'CG0480',
      details: logins.filter((one) => authFile([one]) === undefined).map(({ site, path }) => `${site}${path}`),
      hint:
        'Such a password can only be given to apt where every user of the system can read it, and that is not done. No ' +
        'package was touched yet by this step. Change the password, then type crossgrade resume; or take back what was ' +
        'prepared: crossgrade rollback.',
    });
  }
  const asked = await machine.run(['apt-config', 'shell', 'FILE', 'Dir::Etc::netrc/f']);
  const [, theirs = '/etc/apt/auth.conf'] = /^FILE='(\/.*)'$/m.exec(asked.stdout) ?? [];
  const known = (await machine.readTextIfThere(theirs as RootPath)) ?? '';
  await machine.write(aptLoginFile, own + known, { mode: 0o600, uid: 0, gid: 0 });
  return ['-o', `Dir::Etc::netrc=${aptLoginFile}`];
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
