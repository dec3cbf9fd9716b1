import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { guestScripts } from '../../../scripts/guest-text.mjs';
import type { ProcessHandle } from '../../../src/base/machine.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { resolveInRoot } from '../../../src/machine/files/resolve-in-root.ts';
import { type OpenedRoot, openRoot } from '../../../src/machine/open-root.ts';
import type { Access } from '../../../src/machine/programs/keeper.ts';
import {
  groupOf,
  isProcessAlive,
  processHandle,
  processIds,
  waitForEnd,
} from '../../../src/machine/programs/processes.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { lockRoot } from '../../../src/machine/root-lock.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';

let root: FreshRoot;
let folder: string;
const opened: OpenedRoot[] = [];

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal');
  folder = mkdtempSync(join(tmpdir(), 'machine-test-'));
});

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  await root.dispose();
  rmSync(folder, { recursive: true });
});

async function open(access: Access = 'write') {
  const result = await openRoot(root.directory, { access });
  opened.push(result);
  return { opened: result, machine: realMachine(result) };
}

const inRoot = (path: RootPath) => join(root.directory, path);

/** Everything that can be seen of a root; the size of a directory is the filesystem's own business. */
function listing(): string {
  const all = [
    '.',
    '(',
    '-type',
    'd',
    '-printf',
    '%P %m %U %G %T@\\n',
    ')',
    '-o',
    '-printf',
    '%P %y %m %U %G %s %T@ %l\\n',
  ];
  const options = { cwd: root.directory, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const sums = execFileSync('sh', ['-c', 'find . -xdev -type f -print0 | xargs -0 sha256sum'], options);
  return execFileSync('find', all, options).split('\n').sort().join('\n') + sums.split('\n').sort().join('\n');
}

describe('opening a root', () => {
  test.each(['read', 'write'] as const)('and closing it leaves no trace (%s)', async (access) => {
    const before = listing();
    const { opened, machine } = await open(access);
    await machine.run(['sh', '-c', 'echo x > /dev/shm/x; true > "$0/x"', machine.workDirectory]);
    await opened.close();
    expect(listing() === before).toBe(true);
    expect(existsSync(opened.hostWorkDirectory)).toBe(false);
    expect(opened.namespace && isProcessAlive(opened.namespace)).toBe(false);
  });

  test('gives programs a small /dev of their own', async () => {
    const { machine } = await open();
    const { stdout } = await machine.run([
      'sh',
      '-c',
      'stat -c "%F %t %T" /dev/null; ls /dev; ls /proc/1/fd > /dev/null',
    ]);
    expect(stdout.split('\n')).toEqual([
      'character special file 1 3',
      ...['crossgrade', 'fd', 'full', 'null', 'ptmx', 'pts', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'tty'],
      ...['urandom', 'zero', ''],
    ]);
    expect(existsSync(inRoot('/dev/crossgrade'))).toBe(false);
  });

  test('keeps services from being started', async () => {
    const { opened, machine } = await open();
    expect((await machine.run(['/usr/sbin/policy-rc.d', 'ssh', 'start'])).exitCode).toBe(101);
    // Without effect, should it stay after a power cut.
    expect(lstatSync(inRoot('/usr/sbin/policy-rc.d')).mode & 0o111).toBe(0);
    await opened.close();
    expect(existsSync(inRoot('/usr/sbin/policy-rc.d'))).toBe(false);
  });

  test("covers the administrator's own policy-rc.d, and keeps it", async () => {
    writeFileSync(inRoot('/usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    const before = listing();
    const { opened, machine } = await open();
    expect((await machine.run(['/usr/sbin/policy-rc.d'])).exitCode).toBe(101);
    await opened.close();
    expect(listing() === before).toBe(true);
  });

  test('takes away what a power cut left', async () => {
    const { opened } = await open();
    const left = readFileSync(inRoot('/usr/sbin/policy-rc.d'));
    await opened.close();
    writeFileSync(inRoot('/usr/sbin/policy-rc.d'), left);
    await (await open()).opened.close();
    expect(existsSync(inRoot('/usr/sbin/policy-rc.d'))).toBe(false);
  });

  test('lets dpkg replace what lies beside policy-rc.d', async () => {
    const { machine } = await open();
    const replace = 'cd /usr/sbin && cp -p chroot new && mv new chroot && mv chroot old && mv old chroot';
    expect(await machine.run(['sh', '-c', replace])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('a program that leaves another at work, with its output open, is not waited for any longer than it lives', async () => {
    const { machine } = await open();
    const started = Date.now();
    const left = await machine.run(['sh', '-c', 'echo said; sleep 100 & echo more; exit 3']);
    expect(left).toEqual({ exitCode: 3, stdout: 'said\nmore\n', stderr: '' });
    expect(Date.now() - started).toBeLessThan(60_000);
  });

  test('what a program has said is read, however long this process did not come to it', async () => {
    const { machine } = await open();
    const running = machine.run(['sh', '-c', '(sleep 1; echo late) &']);
    await new Promise((resolve) => setTimeout(resolve, 500));
    // Of a turn of the loop the timers come next, and then what is to be read.
    await new Promise((resolve) => setImmediate(resolve));
    // As on a machine whose processors are busy with others.
    execFileSync('sleep', ['7']);
    expect(await running).toEqual({ exitCode: 0, stdout: 'late\n', stderr: '' });
  });

  test('in a view a program has the network where it is said to need it, also with others that stand in', async () => {
    const view = await openRoot(root.directory, { access: 'write', isView: true });
    try {
      const machine = realMachine(view);
      const network = async (needsNetwork: boolean) =>
        (await machine.run(['readlink', '/proc/self/ns/net'], { needsNetwork })).stdout.trim();
      const own = readlinkSync('/proc/self/ns/net');
      for (const others of [
        undefined,
        { folder: `${machine.workDirectory}/none`, libraryFolders: [], aptSettings: '' },
      ] as const) {
        machine.standIn(others);
        expect(await network(true)).toBe(own);
        expect(await network(false)).not.toBe(own);
      }
    } finally {
      await view.close();
    }
  });

  test('for reading lets nothing in it change', async () => {
    const { machine } = await open('read');
    expect((await machine.run(['touch', '/etc/x'])).stderr).toContain('Read-only file system');
    await expect(machine.write('/etc/x', '')).rejects.toMatchObject({ code: 'CG0315' });
    expect(existsSync(inRoot('/etc/x'))).toBe(false);
    const place: RootPath = `${machine.workDirectory}/lists/x`;
    await machine.write(place, 'für apt');
    const { stdout } = await machine.run(['runuser', '-u', '_apt', '--', 'cat', place]);
    expect(stdout).toBe('für apt');
    expect((await machine.run(['mktemp'])).exitCode).toBe(0);
  });

  test('does not hand on our umask or environment', async () => {
    const umask = process.umask(0o077);
    process.env.PERL5LIB = '/nowhere';
    try {
      const { machine } = await open();
      const { stdout } = await machine.run(['sh', '-c', 'umask; env'], { environment: { EXTRA: 'word' } });
      expect(stdout).toMatch(/^0022\n/);
      expect(stdout).toContain('EXTRA=word');
      expect(stdout).toContain('LC_ALL=C.UTF-8');
      expect(stdout).not.toContain('PERL5LIB');
    } finally {
      process.umask(umask);
      delete process.env.PERL5LIB;
    }
  });

  test('for writing a second time is refused', async () => {
    await open();
    await expect(openRoot(root.directory, { access: 'write' })).rejects.toMatchObject({ code: 'CG0310', exitCode: 5 });
    await open('read');
  });
});

describe('a root is refused when', () => {
  const code = (path: string, access: Access = 'read') =>
    openRoot(path, { access }).then(
      () => 'opened',
      (error: { code: string }) => error.code,
    );

  test('it does not exist', async () => expect(await code('/nonexistent/root')).toBe('CG0301'));
  test('it is a file', async () => expect(await code('/etc/passwd')).toBe('CG0302'));
  test('it is no Debian system', async () => expect(await code(folder)).toBe('CG0304'));

  test('it is a symlink, which may lead elsewhere tomorrow', async () => {
    symlinkSync(root.directory, join(folder, 'link'));
    await expect(openRoot(`${folder}/link/`, { access: 'read' })).rejects.toMatchObject({
      code: 'CG0303',
      hint: expect.stringContaining(`--root ${root.directory}`),
    });
  });

  test('something is mounted below it', async () => {
    execFileSync('mount', ['-t', 'proc', 'proc', inRoot('/proc')]);
    try {
      await expect(openRoot(root.directory, { access: 'read' })).rejects.toMatchObject({
        code: 'CG0305',
        hint: expect.stringContaining(`umount ${inRoot('/proc')}`),
      });
    } finally {
      execFileSync('umount', [inRoot('/proc')]);
    }
  });

  test('it is to be changed and mounted read-only', async () => {
    const place = join(folder, 'read-only');
    mkdirSync(place);
    execFileSync('mount', ['--bind', root.directory, place]);
    execFileSync('mount', ['-o', 'remount,bind,ro', place]);
    try {
      expect(await code(place, 'write')).toBe('CG0306');
      const readable = await openRoot(place, { access: 'read' });
      expect((await realMachine(readable).run(['dpkg', '--print-architecture'])).stdout).toBe('i386\n');
      await readable.close();
    } finally {
      execFileSync('umount', [place]);
    }
  });
});

describe('the lock', () => {
  test('is refused to a second run, and told whose it is', async () => {
    const { child } = await startDriver('lock');
    await expect(lockRoot(root.directory)).rejects.toMatchObject({
      code: 'CG0310',
      exitCode: 5,
      details: [expect.stringContaining(`process ${child.pid}`)],
    });
    await kill(child);
    (await lockRoot(root.directory)).release();
    (await lockRoot(root.directory)).release();
  });

  test('is not kept by a program that outlives the run', async () => {
    const { child, handle } = await startDriver('lock-and-program');
    await kill(child);
    expect(isProcessAlive(handle)).toBe(true);
    (await lockRoot(root.directory)).release();
    await (await open()).opened.close();
    expect(isProcessAlive(handle)).toBe(false);
    expect(readFileSync(inRoot('/var/lib/exit'), 'utf8')).toBe('137\n');
  });
});

describe('an ordinary user', () => {
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];

  test('cannot lock out a run', async () => {
    // As tight as it is: a file that all may read, all may lock.
    chmodSync(inRoot('/var/lib/dpkg/lock'), 0o644);
    (await lockRoot(root.directory)).release();
    const script = 'flock --nonblock 9 && echo locked && exec sleep 60 || echo refused';
    const lock = (path: string) => spawnAndRead(['sh', '-c', `exec 9< "$0"; ${script}`, path], nobody);
    const file = await lock(inRoot('/var/lib/dpkg/lock'));
    const folder = await lock(inRoot('/var/lib/dpkg'));
    try {
      expect([file.line, folder.line]).toEqual(['refused', 'locked']);
      (await lockRoot(root.directory)).release();
    } finally {
      await kill(folder.child);
    }
  });

  test('is no earlier version, which locks the folder and is waited for', async () => {
    const words = ['sh', '-c', 'exec 9< "$0"; flock --nonblock 9; echo locked; exec sleep 60'];
    const { child } = await spawnAndRead([...words, inRoot('/var/lib/dpkg')]);
    await expect(lockRoot(root.directory)).rejects.toMatchObject({ code: 'CG0310' });
    await kill(child);
    (await lockRoot(root.directory)).release();
  });

  test('cannot have a run wait for his programs, nor close the root late', async () => {
    const { opened, machine } = await open();
    const target = `${opened.namespace?.pid}`;
    const words = ['nsenter', '--target', target, '--mount', '--pid', '--', 'chroot', '/', 'sleep', '60'];
    const { child } = await spawnAndRead(['sh', '-c', 'echo ready; sleep 60; :', ...words], nobody);
    expect(opened.programs()).toEqual([]);
    expect((await machine.run(['true'])).exitCode).toBe(0);
    await opened.close();
    await kill(child);
  });
});

test('a process table that is not ours is no bug, and nothing is done with it', () => {
  const words = ['--pid', '--fork', '--kill-child', '--', process.execPath, driver, root.directory, 'program'];
  const before = listing();
  const { status, stderr } = spawnSync('unshare', words, { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("code: 'CG0290'") });
  expect(listing()).toBe(before);
});

describe('a long program', () => {
  const exitFile = '/var/lib/exit';
  const logFile = '/var/log/long.log';

  test('writes to its files and leaves its exit code', async () => {
    const { machine } = await open();
    const statusFile = '/var/log/status';
    const argv = ['sh', '-c', 'pwd; echo problem >&2; echo done >&3; exit 7'];
    const handle = await machine.start({ argv, logFile, statusFile, exitFile, workingDirectory: '/etc' });
    const tick = vi.fn();
    expect(await machine.wait(handle, exitFile, 50, tick)).toBe(7);
    expect(tick).toHaveBeenCalled();
    expect(await machine.readText(logFile)).toBe('/etc\nproblem\n');
    expect(await machine.readTextFrom(logFile, 5)).toBe('problem\n');
    expect(await machine.readText(statusFile)).toBe('done\n');
  });

  test('has no descriptor 3 unless asked for, and nothing else of ours', async () => {
    const { machine } = await open();
    const handle = await machine.start({ argv: ['ls', '/proc/self/fd'], logFile, exitFile });
    expect(await machine.wait(handle, exitFile, 50, () => {})).toBe(0);
    // 3 is the directory that ls reads. Whoever started us may have left us high ones; Node closes the first 16.
    const descriptors = (await machine.readText(logFile)).split('\n');
    expect(descriptors.filter((each) => each !== '' && Number(each) < 16)).toEqual(['0', '1', '2', '3']);
  });

  test('does not run what is masked, and dpkg could replace it', async () => {
    const { machine } = await open();
    for (const name of ['first', 'second']) {
      await machine.write(`/usr/sbin/${name}`, `#!/bin/sh\necho ${name} runs\n`, { mode: 0o755 });
    }
    const script = 'first -u; second; command -v third || echo no third; mv /usr/sbin/second /usr/sbin/first';
    const masked = ['/usr/sbin/first', '/usr/sbin/third'] as const;
    const handle = await machine.start({ argv: ['sh', '-c', script], logFile, exitFile, masked });
    expect(await machine.wait(handle, exitFile, 50, () => {})).toBe(0);
    expect(await machine.readText(logFile)).toBe('second runs\nno third\n');
    expect((await machine.run(['first'])).stdout).toBe('second runs\n');
  });

  test('that is killed has 128 and its signal', async () => {
    const { machine } = await open();
    const handle = await machine.start({ argv: ['sh', '-c', 'kill -9 $$'], logFile, exitFile });
    expect(await machine.wait(handle, exitFile, 50, () => {})).toBe(137);
  });

  test('that disappears has no exit code, and not that of an earlier one', async () => {
    const { machine } = await open();
    await machine.write(exitFile, '0\n');
    const handle = await machine.start({ argv: ['sleep', '60'], logFile, exitFile });
    process.kill(handle.pid, 'SIGKILL');
    expect(await machine.wait(handle, exitFile, 50, () => {})).toBeUndefined();
  });

  test.each([
    ['ends at once', 'sleep 100 & echo $!; wait', 4000],
    ['does not listen', "trap '' TERM; sleep 100 & echo $!; while :; do wait; done", 15_000],
  ])('that may be cut short is ended, with what it has started, also when it %s', async (_, script, limitMs) => {
    const { machine } = await open();
    const argv = ['sh', '-c', script];
    const handle = await machine.start({ argv, logFile, exitFile, mayBeCutShort: true });
    await vi.waitUntil(async () => (await machine.readText(logFile)) !== '', { timeout: 5000 });
    const group = () => processIds().filter((pid) => groupOf(pid) === handle.pid && processHandle(pid));
    expect(group().length).toBeGreaterThan(2);
    const asked = Date.now();
    await machine.end(handle);
    expect(group()).toEqual([]);
    expect(Date.now() - asked).toBeLessThan(limitMs);
    // Of one that is gone nothing can be ended.
    await machine.end(handle);
  });

  test('keeps the host up, unless it may be cut short', async () => {
    const { opened } = await open();
    const told: string[] = [];
    const guard = { begin: async () => void told.push('begin'), began: (pid?: number) => void told.push(`${pid}`) };
    const machine = realMachine({ ...opened, guard });
    for (const mayBeCutShort of [true, false]) {
      const handle = await machine.start({ argv: ['true'], logFile, exitFile, mayBeCutShort });
      await machine.wait(handle, exitFile, 50, () => {});
      expect(told).toEqual(mayBeCutShort ? [] : ['begin', `${handle.pid}`]);
    }
    await machine.run(['true']);
    expect(told).toHaveLength(2);
    await machine.run(['true'], { keepsHostUp: true });
    expect(told.slice(2)).toEqual(['begin', expect.stringMatching(/^\d+$/)]);
  });

  test.each(['process', 'process group'] as const)('survives SIGKILL of our %s', async (what) => {
    const { child, handle } = await startDriver('program');
    await kill(child, what === 'process group');
    const written = readFileSync(inRoot(logFile), 'utf8').length;

    const { opened, machine } = await open();
    expect(opened.takenOver).toBe(true);
    expect(await machine.isAlive(handle)).toBe(true);
    expect((await machine.run(['/usr/sbin/policy-rc.d'])).exitCode).toBe(101);
    expect(await machine.wait(handle, exitFile, 100, () => {})).toBe(5);
    expect(readFileSync(inRoot(logFile), 'utf8').length).toBeGreaterThan(written);
    await opened.close();
    expect(existsSync(inRoot('/usr/sbin/policy-rc.d'))).toBe(false);
  });

  test('and its namespaces end by themselves when nobody takes them over', async () => {
    const { child, handle, keeper, work } = await startDriver('program');
    await kill(child);
    expect(await waitForEnd(keeper, 30_000)).toBe(true);
    expect(isProcessAlive(handle)).toBe(false);
    expect(readFileSync(inRoot(exitFile), 'utf8')).toBe('5\n');
    expect(existsSync(inRoot('/usr/sbin/policy-rc.d'))).toBe(false);
    expect(existsSync(work)).toBe(false);
  });

  test('also when the whole root was taken away meanwhile', async () => {
    const other = await freshRoot('bookworm-minimal');
    const { child, keeper, work } = await startDriver('program', other.directory);
    await kill(child);
    await other.dispose();
    expect(await waitForEnd(keeper, 30_000)).toBe(true);
    expect(existsSync(work)).toBe(false);
  });
});

describe('paths', () => {
  test('are resolved as the root sees them', () => {
    const base = join(folder, 'base');
    mkdirSync(join(base, 'etc/deep'), { recursive: true });
    writeFileSync(join(folder, 'secret'), '');
    writeFileSync(join(base, 'etc/file'), '');
    const links = {
      absolute: '/etc/file',
      climbing: '../../../../../../secret',
      'etc/deep/up': '../../etc/deep/../file',
      loop: 'loop2',
      loop2: '/loop',
      dangling: '/etc/none/file',
      folder: '/etc/deep',
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(base, name));
    const at = (path: RootPath, followLast = true) => resolveInRoot(base, path, { followLast }).slice(base.length);

    expect(at('/absolute')).toBe('/etc/file');
    expect(at('/absolute', false)).toBe('/absolute');
    expect(at('/climbing')).toBe('/secret');
    expect(at('/etc/deep/up')).toBe('/etc/file');
    expect(at('/folder/../file', false)).toBe('/etc/file');
    expect(at('/folder/', false)).toBe('/etc/deep');
    expect(at('/../../etc//./file')).toBe('/etc/file');
    expect(at('/dangling')).toBe('/etc/none/file');
    expect(at('/none/yet')).toBe('/none/yet');
    expect(() => at('/loop')).toThrow(expect.objectContaining({ code: 'ELOOP' }));
    expect(() => at('/none/../etc')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => at('/etc/file/..')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });

  test('do not lead out of the root when files are written or deleted', async () => {
    const outside = join(folder, 'outside');
    writeFileSync(outside, 'safe');
    symlinkSync(outside, inRoot('/etc/escape'));
    symlinkSync(folder, inRoot('/etc/escape-folder'));
    const { machine } = await open();
    await machine.write('/etc/escape', 'written');
    await machine.removeTree('/etc/escape-folder');
    expect(readFileSync(outside, 'utf8')).toBe('safe');
    expect(readFileSync(inRoot(outside as RootPath), 'utf8')).toBe('written');
  });
});

describe('files', () => {
  test('are written with their attributes, and keep those that they have', async () => {
    const { machine } = await open();
    await machine.write('/var/lib/new/deep/file', 'one', { mode: 0o640, uid: 33, gid: 42, mtime: 1_000_000_000 });
    const attributes = { type: 'file', mode: 0o640, uid: 33, gid: 42 };
    expect(await machine.info('/var/lib/new/deep/file')).toEqual({
      ...attributes,
      bytes: 3,
      mtime: 1_000_000_000,
      mtimeMs: 1_000_000_000_000,
    });
    await machine.write('/var/lib/new/deep/file', 'other');
    expect(await machine.info('/var/lib/new/deep/file')).toMatchObject({ ...attributes, bytes: 5 });
    expect(await machine.list('/var/lib/new/deep')).toEqual(['file']);
    expect(await machine.info('/var/lib/new')).toMatchObject({ type: 'directory', mode: 0o755 });
    expect(await machine.hash('/var/lib/new/deep/file', 'md5')).toBe('795f3202b17cb6bc3d4b771d8c6c9eaf');
    await machine.append('/var/lib/new/deep/file', '\n');
    expect(await machine.walk('/var/lib/new')).toMatchObject([
      { path: '/var/lib/new', info: { type: 'directory' } },
      { path: '/var/lib/new/deep', info: { type: 'directory' } },
      { path: '/var/lib/new/deep/file', info: { type: 'file', bytes: 6 } },
    ]);
    await expect(machine.remove('/var/lib/new/deep')).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    await machine.removeTree('/var/lib/new');
    expect(await machine.exists('/var/lib/new')).toBe(false);
    expect(await machine.info('/var/lib/new/deep')).toBeUndefined();
    expect(await machine.readTextIfThere('/var/lib/new/deep')).toBeUndefined();
    expect(await machine.list('/var/lib/new')).toEqual([]);
  });

  test('of ELF format are found with their class', async () => {
    const { machine } = await open('read');
    const files = await machine.elfFiles('/usr/bin');
    expect(files).toContainEqual({ path: '/usr/bin/dpkg', bits: 32 });
    expect(files.map(({ path }) => path)).not.toContain('/usr/bin/ldd');
    expect(await machine.elfFiles('/nonexistent')).toEqual([]);
  });

  test('are not deleted where something is mounted', async () => {
    const { machine } = await open();
    await machine.makeDirectory('/srv/data/mounted', 0o700);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', inRoot('/srv/data/mounted')]);
    try {
      await machine.write('/srv/data/mounted/file', '');
      for (const path of ['/srv', '/srv/data/mounted'] as const) {
        await expect(machine.removeTree(path)).rejects.toMatchObject({ code: 'CG0313' });
      }
      const walked = (await machine.walk('/srv')).map(({ path }) => path);
      expect(walked).toEqual(['/srv', '/srv/data', '/srv/data/mounted']);
      expect(await machine.exists('/srv/data/mounted/file')).toBe(true);
    } finally {
      execFileSync('umount', [inRoot('/srv/data/mounted')]);
    }
  });

  test('that are only half written end at a whole character', async () => {
    const { machine } = await open();
    writeFileSync(inRoot('/srv/log'), Buffer.from('aé€').subarray(0, 5));
    expect(await machine.readTextFrom('/srv/log', 1)).toBe('é');
    writeFileSync(inRoot('/srv/log'), 'aé€');
    expect(await machine.readTextFrom('/srv/log', 3)).toBe('€');
    expect(await machine.readTextFrom('/srv/log', 6)).toBe('');
    writeFileSync(inRoot('/srv/log'), Buffer.from('gr\xfcn\n', 'latin1'));
    expect(await machine.readTextFrom('/srv/log', 0)).toBe('gr?n\n');
  });
});

test('the host itself is opened without a namespace', async () => {
  const host = await openRoot('/', { access: 'read' });
  const machine = realMachine(host);
  expect(host.info.kind).toBe('host');
  expect(host.namespace).toBeUndefined();
  expect((await machine.run(['cat', '/etc/debian_version'])).stdout).toBe(
    await machine.readText('/etc/debian_version'),
  );
  expect((await machine.run(['/nonexistent'])).exitCode).toBe(127);
  expect(await machine.list(machine.workDirectory)).toEqual([]);
  expect((await machine.runningKernel()).bootId).toMatch(/^[0-9a-f-]{36}$/);
  await host.close();
  expect(existsSync(host.hostWorkDirectory)).toBe(false);
});

/** A crossgrade of its own that can be killed. */
let driver: string;

beforeAll(async () => {
  driver = join(mkdtempSync(join(tmpdir(), 'machine-test-')), 'driver.cjs');
  const contents = `
    import { lockRoot } from './root-lock.ts';
    import { openRoot } from './open-root.ts';
    import { realMachine } from './real-machine.ts';
    async function main([directory, what]) {
      if (what.startsWith('lock')) await lockRoot(directory);
      if (what === 'lock') return {};
      const root = await openRoot(directory, { access: 'write' });
      const handle = await realMachine(root).start({
        argv: ['sh', '-c', 'for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $n; sleep 0.3; done; exit 5'],
        logFile: '/var/log/long.log',
        exitFile: '/var/lib/exit',
      });
      return { handle, keeper: root.namespace, work: root.hostWorkDirectory };
    }
    main(process.argv.slice(2)).then((told) => console.log(JSON.stringify(told)));
    setInterval(() => {}, 1000);
  `;
  const resolveDir = new URL('../../../src/machine', import.meta.url).pathname;
  await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: driver,
    plugins: [guestScripts],
    logLevel: 'error',
  });
});

afterAll(() => rmSync(join(driver, '..'), { recursive: true }));

interface Driver {
  readonly child: ChildProcess;
  readonly handle: ProcessHandle;
  readonly keeper: ProcessHandle;
  readonly work: string;
}

async function startDriver(what: 'lock' | 'program' | 'lock-and-program', directory = root.directory): Promise<Driver> {
  const child = spawn(process.execPath, [driver, directory, what], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString()));
    child.once('exit', (code) => reject(new Error(`The driver ended with exit code ${code}`)));
  });
  // Long enough for the program's first line.
  await sleep(500);
  return { child, ...(JSON.parse(line) as Omit<Driver, 'child'>) };
}

/** Starts a program that says one line, or ends. */
async function spawnAndRead(
  argv: readonly string[],
  as: readonly string[] = [],
): Promise<{ child: ChildProcess; line: string }> {
  const [program = '', ...words] = [...as, ...argv];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'], cwd: '/' });
  const line = await new Promise<string>((resolve) => {
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim()));
    child.once('exit', () => resolve('refused'));
  });
  return { child, line };
}

async function kill(child: ChildProcess, group = false): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(group ? -(child.pid ?? 0) : (child.pid ?? 0), 'SIGKILL');
  await ended;
}
