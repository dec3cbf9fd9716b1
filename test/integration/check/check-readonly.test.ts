import { execFile, execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRoot } from '../../../src/machine/open-root.ts';
import { commandLine, isProcessAlive, processIds } from '../../../src/machine/programs/processes.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { asNobody, giveTargetLists, putNode } from '../../support/roots/own-lists.ts';
import { diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { bundle, crossgradeAsText, type Ending, startCrossgrade } from '../../support/runs/faults.ts';
import { holdLock } from '../../support/runs/hold-lock.ts';

const megabyte = 2 ** 20;
const offline = ['check', '--offline'];

/** Content, modes and owners of everything, and the moments of the last change of data and of attributes. */
function picture(directory: string) {
  const state = readRootState(directory, []);
  const times = new Map(
    [...state.keys()].map((path) => {
      const { mtimeNs, ctimeNs, ino } = lstatSync(join(directory, path), { bigint: true });
      return [path, `${mtimeNs} ${ctimeNs} ${ino}`];
    }),
  );
  return { state, times };
}

function changes(before: ReturnType<typeof picture>, after: ReturnType<typeof picture>): unknown[] {
  const touched = [...after.times].filter(([path, times]) => before.times.get(path) !== times).map(([path]) => path);
  return [...diffRootStates(before.state, after.state), ...touched];
}

/** Mounts and work folders of a check, and processes that hold namespaces. */
function leftOf(directory: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${directory}/`));
  const folders = readdirSync('/var/tmp').filter((name) => {
    const [, pid = '', startTicks = ''] = /^crossgrade-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
    // Of a crossgrade that has ended; another one may be at work on this machine.
    return pid !== '' && !isProcessAlive({ pid: Number(pid), startTicks });
  });
  const keepers = processIds().filter((pid) => commandLine(pid)?.includes(directory));
  return [...mounts, ...folders, ...keepers.map((pid) => `process ${pid}`)];
}

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(argv: readonly string[], environment: Record<string, string> = {}): Promise<Said> {
  const [program = '', ...words] = argv;
  return new Promise((done) => {
    execFile(
      program,
      words,
      { env: { ...process.env, NO_COLOR: '1', ...environment }, cwd: '/' },
      (error, stdout, stderr) => {
        done({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}

let root: FreshRoot;
let directory: string;
let list: string;

beforeAll(async () => {
  root = await freshRoot('bookworm-minimal', { memoryBytes: 2048 * megabyte });
  directory = root.directory;
  list = join(directory, giveTargetLists(directory));
  // An ordinary user must be able to read the program.
  chmodSync(dirname(bundle()), 0o755);
});

afterAll(async () => {
  await root.dispose();
});

describe('a check', () => {
  test('with fetched lists leaves everything as it was, and nothing behind', async () => {
    const other = await freshRoot('bookworm-minimal', { memoryBytes: 2048 * megabyte });
    try {
      const before = picture(other.directory);
      const { code, text } = await crossgradeAsText(other.directory, 'check');
      expect(code, text).toBe(0);
      expect(changes(before, picture(other.directory))).toEqual([]);
      expect(leftOf(other.directory)).toEqual([]);
    } finally {
      await other.dispose();
    }
  });

  test('without a network takes the lists that are there', async () => {
    const before = picture(directory);
    const { code, text } = await crossgradeAsText(directory, ...offline);
    expect(code, text).toBe(0);
    expect(changes(before, picture(directory))).toEqual([]);
    expect(leftOf(directory)).toEqual([]);
  });

  test('that is killed leaves nothing that the next one does not take away', async () => {
    const before = picture(directory);
    const working = startCrossgrade(directory, offline, { output: 'text' });
    while (leftOf(directory).length < 2) await sleep(10);
    process.kill(working.pid, 'SIGKILL');
    await working.ended;
    while (leftOf(directory).some((one) => one.startsWith('process'))) await sleep(100);
    expect((await crossgradeAsText(directory, ...offline)).code).toBe(0);
    expect(leftOf(directory)).toEqual([]);
    expect(changes(before, picture(directory))).toEqual([]);
  });
});

test('a program in a root opened for reading cannot write to it, whatever it tries', async () => {
  const opened = await openRoot(directory, { access: 'read' });
  try {
    const before = picture(directory);
    const attempts = [
      'touch /etc/hostile',
      'mount -o remount,bind,rw / && touch /etc/hostile',
      'mount -o remount,rw / && touch /etc/hostile',
      'umount -l / ; touch /etc/hostile',
      'unshare --mount sh -c "mount -o remount,bind,rw / && touch /etc/hostile"',
      'nsenter --target 1 --mount --root touch /etc/hostile',
      `touch /proc/1/root${directory}/etc/hostile`,
      'mknod /dev/hostile b 254 0 && head -c 1 /dev/hostile',
      'chmod 777 /etc/shadow',
      'chown 1 /etc/shadow',
      'apt-get update',
      'dpkg --add-architecture riscv64',
    ];
    const machine = realMachine(opened);
    for (const attempt of attempts) {
      expect((await machine.run(['sh', '-c', attempt])).exitCode, attempt).not.toBe(0);
    }
    expect(changes(before, picture(directory))).toEqual([]);
  } finally {
    await opened.close();
  }
});

describe('an ordinary user', () => {
  const secret = 'etc/apt/auth.conf.d/secret.conf';

  beforeAll(() => {
    writeFileSync(join(directory, secret), 'machine mirror.example login me password secret\n', { mode: 0o600 });
    mkdirSync(join(directory, 'var/lib/crossgrade'), { mode: 0o700 });
  });

  afterAll(() => {
    rmSync(join(directory, secret));
    rmSync(join(directory, 'var/lib/crossgrade'), { recursive: true });
  });

  test('gets the same findings for a root in a folder', async () => {
    const before = picture(directory);
    const words = [process.execPath, bundle(), ...offline, '--root', directory];
    const [own, theirs] = [await run(words), await run([...asNobody, ...words])];
    expect(theirs.code, theirs.stderr).toBe(0);
    expect(own.code).toBe(0);
    expect(changes(before, picture(directory))).toEqual([]);
    expect(leftOf(directory)).toEqual([]);
  });

  test('gets them for the system itself', async () => {
    const own = await freshRoot('bookworm-minimal', { memoryBytes: 2048 * megabyte });
    try {
      giveTargetLists(own.directory);
      const node = putNode(own.directory);
      copyFileSync(bundle(), join(own.directory, 'opt/crossgrade.mjs'));
      chmodSync(join(own.directory, 'opt/crossgrade.mjs'), 0o644);
      const before = picture(own.directory);
      const enter = 'mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/var/tmp" && exec chroot "$0" "$@"';
      const said = await run([
        ...['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', 'sh', '-c', enter, own.directory],
        ...[...asNobody, ...node, '/opt/crossgrade.mjs', ...offline],
      ]);
      expect(said.code, said.stderr).toBe(0);
      expect(changes(before, picture(own.directory))).toEqual([]);
    } finally {
      await own.dispose();
    }
  });

  test('is told what root sees: that another program is changing packages; or that only root can see it', async () => {
    const letGo = await holdLock(join(directory, 'var/lib/dpkg/lock-frontend'));
    try {
      const words = [process.execPath, bundle(), ...offline, '--root', directory];
      const [own, theirs] = [await run(words), await run([...asNobody, ...words, '--verbose'])];
      expect(own.stdout, own.stderr).toContain('packages/locked: Another program is changing packages');
      expect(own.code).toBe(3);
      // The root is an overlay here: the kernel's numbers are others than the file's.
      expect(theirs.stdout, theirs.stderr).toContain('whether another program is changing packages: only root');
    } finally {
      await letGo();
    }
  });

  test('is told that only root can read the package lists, where it is so', async () => {
    chmodSync(list, 0o600);
    try {
      const words = [process.execPath, bundle(), ...offline, '--root', directory];
      const [own, theirs] = [await run(words), await run([...asNobody, ...words])];
      expect(own.code, own.stderr).toBe(0);
      expect(theirs.stderr.replace(/\s+/g, ' ')).toMatch(
        /CG0207 Only root can read apt’s package lists for amd64 .*sudo/,
      );
      expect(theirs.code).toBe(3);
    } finally {
      chmodSync(list, 0o644);
    }
  });

  test('is not told of a crossgrade by hand where one was finished, and packages were kept', async () => {
    const own = await freshRoot('bookworm-minimal', { memoryBytes: 1024 * megabyte });
    try {
      const status = join(own.directory, 'var/lib/dpkg/status');
      const carried = readFileSync(status, 'utf8').replaceAll('Architecture: i386', 'Architecture: amd64');
      const kept = 'Package: hello\nStatus: install ok installed\nArchitecture: i386\nVersion: 2.10-3\n';
      writeFileSync(status, `${carried.trimEnd()}\n\n${kept}\n`);
      mkdirSync(join(own.directory, 'var/lib/crossgrade'), { mode: 0o700 });
      const said = await run([...asNobody, process.execPath, bundle(), ...offline, '--root', own.directory]);
      expect(said.code, said.stderr).toBe(0);
      expect(said.stdout).toContain('NOTHING TO DO: this system is amd64 already.');
      expect(said.stdout).toContain('run as root: whether a crossgrade is in progress');
    } finally {
      await own.dispose();
    }
  });

  test('is told when namespaces are forbidden', async () => {
    // Whoever is in a chroot already may make none: user_namespaces(7).
    const enter = 'mount --rbind / /mnt && exec chroot /mnt "$@"';
    const said = await run([
      ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh'],
      ...[...asNobody, process.execPath, bundle(), ...offline, '--root', directory],
    ]);
    expect(said.stderr.replace(/\s+/g, ' ')).toMatch(/CG0319 .* as root/);
    expect(said.code).toBe(1);
  });

  test('is told when only root can look into the folder', async () => {
    chmodSync(join(directory, 'var/lib/dpkg'), 0o700);
    try {
      const said = await run([...asNobody, process.execPath, bundle(), ...offline, '--root', directory]);
      expect(said.stderr.replace(/\s+/g, ' ')).toMatch(/CG0321 Only root can look into/);
      expect(said.code).toBe(1);
    } finally {
      chmodSync(join(directory, 'var/lib/dpkg'), 0o755);
    }
  });
});

describe('bad input:', () => {
  const status = 'var/lib/dpkg/status';
  const sources = 'etc/apt/sources.list';
  // The same junk whenever it is made.
  const junk = createCipheriv('aes-128-ctr', 'crossgrade junk.', Buffer.alloc(16)).update(Buffer.alloc(10 * megabyte));
  const text = Buffer.from(junk.toString('base64').replace(/.{76}/g, '$&\n').concat('\n'));

  /** Spoils one file for one check. */
  async function checkWith(path: string, spoil: (file: string) => void): Promise<Ending> {
    const file = join(directory, path);
    const sound = readFileSync(file);
    const { mode, mtime } = lstatSync(file);
    try {
      spoil(file);
      return await crossgradeAsText(directory, ...offline);
    } finally {
      rmSync(file, { recursive: true, force: true });
      writeFileSync(file, sound, { mode });
      execFileSync('touch', ['-d', mtime.toISOString(), file]);
    }
  }

  function expectRefused({ code, text: said }: Ending, sentence: RegExp): void {
    expect(said.replace(/\s+/g, ' ')).toMatch(sentence);
    expect(said).not.toMatch(/bug in crossgrade|^\s+at /m);
    expect([1, 3]).toContain(code);
  }

  const cut = (file: string) => writeFileSync(file, readFileSync(file).subarray(0, lstatSync(file).size / 2 + 7));

  const withoutDpkg = (file: string) => {
    const stanzas = readFileSync(file, 'utf8').split('\n\n');
    writeFileSync(file, stanzas.filter((one) => !one.startsWith('Package: dpkg\n')).join('\n\n'));
  };

  test.each<[string, string, (file: string) => void, RegExp]>([
    [
      'a status file that is a folder',
      status,
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
      /CG0317 \/\S+\/var\/lib\/dpkg\/status cannot be read: it is a directory/,
    ],
    ['a status file that is cut', status, cut, /CG0101 \/\S+\/var\/lib\/dpkg\/status, line \d+, is broken: .* cut off/],
    ['an empty status file', status, (file) => writeFileSync(file, ''), /CG0111/],
    ['a status file without dpkg', status, withoutDpkg, /CG0110/],
    [
      'a binary status file',
      status,
      (file) => writeFileSync(file, junk),
      /CG0101 \/\S+\/var\/lib\/dpkg\/status, line \d+, is broken/,
    ],
    [
      'a status file of junk',
      status,
      (file) => writeFileSync(file, text),
      /CG0101 \/\S+\/var\/lib\/dpkg\/status, line 1, is broken/,
    ],
    [
      'sources of junk',
      sources,
      (file) => writeFileSync(file, text),
      /CG0101 \/\S+\/etc\/apt\/sources.list, line 1, is broken/,
    ],
    [
      'binary sources',
      sources,
      (file) => writeFileSync(file, junk),
      /CG0101 \/\S+\/etc\/apt\/sources.list, line \d+, is broken/,
    ],
  ])('%s', async (_, path, spoil, sentence) => {
    expectRefused(await checkWith(path, spoil), sentence);
  });

  test.each<[string, (file: string) => void, RegExp]>([
    [
      'a package list of junk',
      (file) => writeFileSync(file, text),
      /CG0208 mirror.example\S*_Packages, line 1, is broken/,
    ],
    [
      'a binary package list',
      (file) => writeFileSync(file, junk),
      /CG0208 mirror.example\S*_Packages, line \d+, is broken/,
    ],
    [
      'a package list with a broken stanza',
      (file) => writeFileSync(file, readFileSync(file, 'utf8').replace(/^Depends: /m, 'Depends: , (( ')),
      /CG0208 mirror.example\S*_Packages, line \d+/,
    ],
    [
      'a package list with a line that is none',
      (file) => writeFileSync(file, readFileSync(file, 'utf8').replace(/^Depends: /m, 'Depends ')),
      /CG0208 mirror.example\S*_Packages, line \d+/,
    ],
    ['a package list that is cut', cut, /CG0208 mirror.example\S*_Packages, line \d+, is broken: .* cut off/],
  ])('%s', async (_, spoil, sentence) => {
    expectRefused(await checkWith(list.slice(directory.length), spoil), sentence);
  });

  test('no package lists for the target', async () => {
    expectRefused(await checkWith(list.slice(directory.length), rmSync), /CG0207 apt has no package lists for amd64/);
  });
});
