import { copyFileSync, cpSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { treeSetting } from '../apt/apt-places.ts';
import { CrossgradeError } from '../base/error.ts';
import type { Machine } from '../base/machine.ts';
import { isAtOrBelow } from '../base/root.ts';
import { hostFile } from './is-recorded-host.ts';
import type { OpenedRoot } from './open-root.ts';
import { FrontendLock } from './programs/frontend-lock.ts';
import { workDirectoriesInUse } from './programs/keeper.ts';
import { noGuard } from './programs/shutdown-guard.ts';
import { realMachine } from './real-machine.ts';
import { makeWorkDirectory, removeStaleWorkDirectories, removeWorkDirectory } from './work-directory.ts';

/**
 * A host of which only files were recorded: what dpkg and apt know, and the package lists. A folder with
 *
 * - `host.json`: what is no file, see below;
 * - `tree/`: the files, as they lay in the root; those that end in `.gz` had another name there, without it.
 *
 * Nothing in it is a program. This machine's own apt reads it, with another `Dir`.
 */
export const recordedHostSchema = z.strictObject({
  format: z.literal('crossgrade-recorded-host-1'),
  /** dpkg's, the native one first. */
  architectures: z.array(z.string()).min(1),
  kernel: z.strictObject({ machine: z.string(), release: z.string(), bootId: z.string() }),
  cpuFlags: z.array(z.string()),
  freeBytes: z.number(),
  freeInodes: z.number(),
});

export type RecordedHost = z.infer<typeof recordedHostSchema>;

/** Programs of this machine that may look at a recorded host: they are told where. */
const lent: ReadonlySet<string> = new Set(['apt-get', 'apt-cache', 'apt-config', 'find', 'grep']);

/**
 * Opens it for reading; the recording itself is not touched.
 *
 * @throws {CrossgradeError} CG0322
 */
export function openRecordedHost(directory: string): { readonly machine: Machine; close(): Promise<void> } {
  const host = readHost(directory);
  process.umask(0o022);
  removeStaleWorkDirectories(workDirectoriesInUse);
  const work = makeWorkDirectory();
  const tree = join(work, 'tree');
  const close = async () => removeWorkDirectory(work);
  try {
    unpack(join(directory, 'tree'), tree);
    const settings = join(work, 'apt.conf');
    writeFileSync(settings, aptSettings(tree, host.architectures));
    const own = join(work, 'private') as `/${string}`;
    mkdirSync(own);
    const root: OpenedRoot = {
      info: { kind: 'chroot', can: new Set() },
      directory: tree,
      access: 'read',
      workDirectory: own,
      hostWorkDirectory: own,
      isInWorkDirectory: (path) => isAtOrBelow(path, own),
      volatileFolder: { inRoot: own, onHost: own },
      takenOver: false,
      frontendLock: new FrontendLock(tree),
      programs: () => [],
      environment: { APT_CONFIG: settings },
      guard: noGuard,
      argv: ([program = '', ...words]) =>
        lent.has(program)
          ? [program, ...words]
          : ['sh', '-c', 'echo "$0: a recorded host has no programs" >&2; exit 127', program],
      close,
    };
    const machine: Machine = {
      ...realMachine(root),
      runningKernel: async () => host.kernel,
      cpuFlags: async () => new Set(host.cpuFlags),
      filesystem: async () => ({
        device: 1,
        freeBytes: host.freeBytes,
        freeInodes: host.freeInodes,
        countsInodes: true,
      }),
    };
    return { machine, close };
  } catch (error) {
    removeWorkDirectory(work);
    throw error;
  }
}

function readHost(directory: string): RecordedHost {
  const file = join(directory, hostFile);
  try {
    return recordedHostSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new CrossgradeError(`${file} does not describe a recorded host, or one of another version of crossgrade.`, {
      code: 'CG0322',
      hint: 'Nothing was changed. Record the host again.',
      cause,
    });
  }
}

function unpack(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [path, place] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) unpack(path, place);
    else if (entry.name.endsWith('.gz')) writeFileSync(place.slice(0, -'.gz'.length), gunzipSync(readFileSync(path)));
    else if (entry.isFile()) linkOrCopy(path, place);
    else cpSync(path, place, { verbatimSymlinks: true });
  }
}

/** A hundred megabytes of lists that are only read need no copy; on another filesystem, or of another's, they get one. */
function linkOrCopy(path: string, place: string): void {
  try {
    linkSync(path, place);
  } catch {
    copyFileSync(path, place);
  }
}

/** Relative places of apt's own lie below `Dir`; those that it gives as absolute are named here. */
function aptSettings(tree: string, architectures: readonly string[]): string {
  return `Dir "${tree}/";
${treeSetting} "${tree}";
Dir::State::status "${tree}/var/lib/dpkg/status";
APT::Architecture "${architectures[0] ?? ''}";
APT::Architectures { ${architectures.map((name) => `"${name}"; `).join('')}};
`;
}
