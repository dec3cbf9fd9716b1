import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CheckReport } from '../../../src/check/check-report-schema.ts';
import { putNode } from '../roots/own-lists.ts';
import { bundle } from './faults.ts';
import { commandsOf, reportOf, type Typed } from './type-remedies.ts';

const execute = promisify(execFile);

/** A root that takes itself for the running system, with mounts of its own; nothing of them is seen outside. */
export interface ChrootHost {
  /** What `check` says to who types it there. */
  check(...options: readonly string[]): Promise<CheckReport>;
  /** Types what these findings show, in the order of the report. */
  type(findings: CheckReport['findings']): Promise<Typed[]>;
  close(): Promise<void>;
}

const setUp = `set -e
mount -t proc proc "$0/proc"
mount -t tmpfs -o mode=755 tmpfs "$0/dev"
for node in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9'; do
  set -- $node
  mknod -m 666 "$0/dev/$1" c "$2" "$3"
done
ln -s /proc/self/fd "$0/dev/fd"
mount -t tmpfs -o mode=1777 tmpfs "$0/var/tmp"
cd "$0"
`;

/** @param mounts lines of a shell, in the root’s folder and in a mount namespace of their own */
export async function chrootHost(directory: string, mounts: string): Promise<ChrootHost> {
  const node = putNode(directory);
  copyFileSync(bundle(), join(directory, 'opt/crossgrade.mjs'));
  writeFileSync(join(directory, 'etc/resolv.conf'), readFileSync('/etc/resolv.conf'));
  writeFileSync(join(directory, 'etc/apt/apt.conf.d/90yes'), 'APT::Get::Assume-Yes "true";\n');
  const script = `${setUp}${mounts}\necho ready\nexec sleep infinity`;
  const keeper = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const first = await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'exit')]);
  if (!`${first[0]}`.includes('ready')) throw new Error(`The mounts of ${directory} failed: ${first[0]}`);
  const inside = async (words: readonly string[]) => {
    const argv = ['--mount', `--target=${keeper.pid}`, '--', 'chroot', directory, ...words];
    const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', HOME: '/root' };
    try {
      return { exitCode: 0, ...(await execute('nsenter', argv, { maxBuffer: 2 ** 28, env: environment })) };
    } catch (error) {
      const { code = -1, stdout, stderr } = error as { code?: number; stdout: string; stderr: string };
      return { exitCode: code, stdout, stderr };
    }
  };
  return {
    async check(...options) {
      const { stdout, stderr } = await inside([...node, '/opt/crossgrade.mjs', 'check', '--json', '-', ...options]);
      if (stdout === '') throw new Error(stderr);
      return reportOf(stdout);
    },
    async type(findings) {
      const typed: Typed[] = [];
      for (const one of findings) {
        for (const command of commandsOf(one)) {
          typed.push({ id: one.id, command, result: await inside(['sh', '-c', command]) });
        }
      }
      return typed;
    },
    async close() {
      keeper.kill('SIGKILL');
      if (keeper.exitCode === null && keeper.signalCode === null) await once(keeper, 'exit');
    },
  };
}
