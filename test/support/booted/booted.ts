import { type ChildProcess, spawn } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { appendFile, chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { profilesOf } from '../../../src/cli/arguments/profiles.ts';
import type { FreshRoot, RootRecipe } from '../roots/roots.ts';
import {
  endChild,
  mustRun,
  quote,
  type Ran,
  type RunOptions,
  runProgram,
  startTied,
  until,
} from '../runs/host-programs.ts';
import { openScreenTerminal, type ScreenTerminal, type ScreenTerminalOptions } from '../screens/screen-terminal.ts';
import { authorizedKey, type SshHost, sshHost } from './ssh.ts';
import { openUserNetwork, userNetworkNameServer } from './user-network.ts';

/** Without it nobody's login is a session, and every Debian server has it. */
const session = 'libpam-systemd';

/** A server whose services are a web server, databases, mail, a directory, names and file shares. */
export const bootableServices: RootRecipe = {
  suite: 'bookworm',
  packages: [...(profilesOf('i386').services ?? []), session],
};

/** A server with little on it: ssh, cron and syslog. */
export const bootableServer: RootRecipe = {
  suite: 'bookworm',
  packages: [...(profilesOf('i386').server ?? []), session],
};

/** How a system came to its end: by itself, by asking for a reboot, or because all of it was killed. */
export type HowItEnded = 'off' | 'reboot' | 'cut';

/** A root that runs with its own systemd, services and network, in a container; the kernel is this machine's. */
export interface Booted extends SshHost {
  readonly root: FreshRoot;
  /** How it ended last; undefined while it runs. */
  ended(): HowItEnded | undefined;
  /** Runs a program as root inside, as a process that belongs to no service and no login. */
  exec(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The same for a program that must succeed: its stdout. */
  mustExec(argv: readonly string[], options?: RunOptions): Promise<string>;
  /** A window of this machine in which the program runs inside: as on the system's own console. */
  terminal(argv: readonly string[], options?: ScreenTerminalOptions): Promise<ScreenTerminal>;
  /** What systemd says when it has nothing to start any more: `running`, or `degraded` where units failed. */
  isSystemRunning(limitMs?: number): Promise<string>;
  failedUnits(): Promise<string[]>;
  waitForUnit(unit: string, limitMs?: number): Promise<void>;
  /** Another one after each start. */
  bootId(): Promise<string>;
  readFile(path: string): Promise<string>;
  copyIn(file: string, path: string): Promise<void>;
  /** As an administrator who has got a package: `apt install ./FILE`. */
  install(deb: string): Promise<void>;
  /** What systemd and the getty wrote to the console, since the first start. */
  consoleLog(): string;
  /** As the administrator does it, and waits for the end. */
  powerOff(): Promise<void>;
  /** Everything inside is dead at once, as when the power fails; only what was written to files stays. */
  cut(): Promise<void>;
  /** After it was powered off, cut, or asked for a reboot. */
  start(): Promise<void>;
  waitForEnd(limitMs?: number): Promise<HowItEnded>;
  /** Closes its terminals, and cuts it when it still runs; the root stays. */
  close(): Promise<void>;
}

/** systemd-nspawn's answer to a reboot when it keeps its unit. */
const rebootCode = 133;

/** Boots a root. Its network is one of its own, from which it reaches the package mirror. */
export async function boot(root: FreshRoot): Promise<Booted> {
  const inside = (path: string) => join(root.directory, path);
  if (!existsSync(inside('lib/systemd/systemd'))) throw new Error(`${root.directory} has no systemd to boot with`);
  // It belongs to sandboxes, whose services shall not start.
  rmSync(inside('usr/sbin/policy-rc.d'), { force: true });
  rmSync(inside('etc/resolv.conf'), { force: true });
  await writeFile(inside('etc/resolv.conf'), `nameserver ${userNetworkNameServer}\n`);
  await mkdir(inside('root/.ssh'), { recursive: true, mode: 0o700 });
  await appendFile(inside('root/.ssh/authorized_keys'), await authorizedKey());
  await chmod(inside('root/.ssh/authorized_keys'), 0o600);

  const say = (text: string) => console.info(`booted: ${text}`);
  // Beside the root, they are gone with it.
  const place = dirname(root.directory);
  const consoleFile = join(place, 'console');
  await writeFile(consoleFile, '');
  const network = await openUserNetwork(place);
  const cgroup = makeCgroup();
  let life: Life | undefined;

  const running = () => {
    if (life === undefined || life.ended !== undefined) throw new Error(`${root.directory} is not running`);
    return life;
  };
  const entered = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const variables = Object.entries({ PATH: insidePath, HOME: '/root', LANG: 'C.UTF-8', ...environment });
    const names = variables.map(([name, value]) => `${name}=${value}`);
    const command = ['nsenter', '-t', `${running().leader}`, '-a', '--', 'env', '-i', ...names, ...argv];
    return [...cgroup.enter('entered'), ...command];
  };
  const exec = (argv: readonly string[], { environment, ...options }: RunOptions = {}) =>
    runProgram(entered(argv, environment), options);
  const mustExec = (argv: readonly string[], { environment, ...options }: RunOptions = {}) =>
    mustRun(entered(argv, environment), options);
  const terminals: ScreenTerminal[] = [];
  const keep = async (opening: Promise<ScreenTerminal>) => {
    const terminal = await opening;
    terminals.push(terminal);
    return terminal;
  };
  const waitForEnd = (limitMs = 120_000) => until(`The end of ${root.directory}`, limitMs, () => life?.ended);
  const start = async () => {
    if (life !== undefined && life.ended === undefined) throw new Error(`${root.directory} is running already`);
    say('starting');
    if (life !== undefined) await network.renew();
    life = await startLife(root.directory, network.namespace, cgroup, consoleFile);
  };
  const cut = async () => {
    running().isCut = true;
    say('killing everything in it');
    cgroup.kill();
    await waitForEnd();
  };
  const host = sshHost(network.sshPort, say);
  const booted: Booted = {
    ...host,
    root,
    ended: () => life?.ended,
    exec,
    mustExec,
    terminal: (argv, { environment = {}, ...rest } = {}) =>
      keep(openScreenTerminal(entered(argv, { TERM: 'xterm-256color', ...environment }), rest)),
    sshTerminal: (argv, options) => keep(host.sshTerminal(argv, options)),
    isSystemRunning: async (limitMs = 180_000) =>
      until('systemd has started everything', limitMs, async () => {
        const { stdout } = await exec(['systemctl', 'is-system-running'], { limitMs: 30_000 });
        const state = stdout.trim();
        return ['', 'offline', 'initializing', 'starting'].includes(state) ? undefined : state;
      }),
    failedUnits: async () => {
      const text = await mustExec(['systemctl', '--failed', '--plain', '--no-legend', '--no-pager']);
      return text.split('\n').flatMap((line) => line.split(' ')[0] || []);
    },
    waitForUnit: async (unit, limitMs = 120_000) => {
      await until(`${unit} is active`, limitMs, async () => {
        const { stdout } = await exec(['systemctl', 'is-active', unit]);
        return stdout.trim() === 'active' ? true : undefined;
      });
    },
    bootId: async () => (await mustExec(['cat', '/proc/sys/kernel/random/boot_id'])).trim(),
    readFile: (path) => (booted.ended() === undefined ? mustExec(['cat', path]) : readFile(inside(path), 'utf8')),
    copyIn: (file, path) => copyFile(file, inside(path)),
    install: async (deb) => {
      const path = `/var/tmp/${basename(deb)}`;
      await booted.copyIn(deb, path);
      const environment = { DEBIAN_FRONTEND: 'noninteractive' };
      await mustExec(['apt-get', '-y', 'install', path], { environment });
      rmSync(inside(path));
    },
    consoleLog: () => readFileSync(consoleFile, 'utf8'),
    powerOff: async () => {
      say('powering off');
      // The connection to systemd may be gone before the answer is here.
      await exec(['systemctl', 'poweroff']);
      const how = await waitForEnd();
      if (how !== 'off') throw new Error(`${root.directory} was to power off: ${how}`);
    },
    cut,
    start,
    waitForEnd,
    close: async () => {
      for (const terminal of terminals) await terminal.close();
      if (life !== undefined && life.ended === undefined) await cut();
      await network.close();
      await cgroup.close();
    },
  };
  try {
    await start();
  } catch (error) {
    await booted.close();
    throw error;
  }
  return booted;
}

const insidePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** From one start to the next end. */
interface Life {
  /** The container's first process, as this machine numbers it. */
  readonly leader: number;
  isCut: boolean;
  ended: HowItEnded | undefined;
}

async function startLife(directory: string, namespace: string, cgroup: Cgroup, console: string): Promise<Life> {
  const nspawn: ChildProcess = startTied(
    [
      ...cgroup.enter(),
      ...['systemd-nspawn', '--quiet', '--boot', `--directory=${directory}`],
      // Two roots of one name cannot run at once, and every root's folder is called so.
      `--machine=crossgrade-${basename(dirname(directory))}`,
      ...['--register=no', '--keep-unit', '--console=pipe', '--kill-signal=SIGRTMIN+3'],
      ...['--resolv-conf=off', '--timezone=off', '--link-journal=no'],
      // The network is its own, but systemd-nspawn did not make it.
      ...[`--network-namespace-path=${namespace}`, '--capability=CAP_NET_ADMIN'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = createWriteStream(console, { flags: 'a' });
  nspawn.stdout?.pipe(log, { end: false });
  nspawn.stderr?.pipe(log, { end: false });
  let exitCode: number | null | undefined;
  let life: Life | undefined;
  nspawn.once('close', (code) => {
    exitCode = code;
    log.end();
    if (life) life.ended = howItEnded(life, code);
  });
  try {
    const leader = await until('The first process of the container', 30_000, () => {
      if (exitCode !== undefined) {
        throw new Error(`systemd-nspawn ended with ${exitCode}:\n${readFileSync(console, 'utf8')}`);
      }
      return nspawn.pid === undefined ? undefined : leaderOf(nspawn.pid);
    });
    life = { leader, isCut: false, ended: undefined };
    return life;
  } catch (error) {
    await endChild(nspawn);
    throw error;
  }
}

function howItEnded(life: Life, code: number | null): HowItEnded {
  if (life.isCut) return 'cut';
  if (code === rebootCode) return 'reboot';
  return code === 0 ? 'off' : 'cut';
}

/** The child of systemd-nspawn that is the first process of its pid namespace, once it has become the root's init. */
function leaderOf(nspawn: number): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const status = readText(`/proc/${pid}/status`);
    const isChild = new RegExp(`^PPid:\\t${nspawn}$`, 'm').test(status);
    // systemd calls itself so; before that it is still systemd-nspawn, in namespaces that are half made.
    if (isChild && /^NSpid:\t\d+\t1$/m.test(status) && /^Name:\tsystemd$/m.test(status)) return Number(pid);
  }
  return undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Control groups of a container alone: its systemd takes everything in its group for its own. */
interface Cgroup {
  /** Words before a command, with which it starts in the group or in one below it. */
  enter(name?: string): string[];
  /** Kills everything in it at once. */
  kill(): void;
  close(): Promise<void>;
}

const cgroupPrefix = 'crossgrade-booted-';

function makeCgroup(): Cgroup {
  const parents = systemdCgroups();
  for (const parent of parents) sweepCgroups(parent);
  const name = `${cgroupPrefix}${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const folders = parents.map((parent) => join(parent, name));
  for (const folder of folders) mkdirSync(folder);
  // Only those of version 2 have it.
  const killer = folders.map((folder) => join(folder, 'cgroup.kill')).find((file) => existsSync(file));
  if (killer === undefined) throw new Error('This machine has no control groups of version 2: there is no cgroup.kill');
  // It reads from our pipe until its end, which comes when this process ends, however that happens.
  const guard = spawn('sh', ['-c', 'cat; echo 1 > "$0"', killer], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  return {
    enter: (below = '') => {
      const groups = folders.map((folder) => join(folder, below));
      for (const group of groups) mkdirSync(group, { recursive: true });
      const script = `${groups.map((group) => `echo $$ > ${quote(join(group, 'cgroup.procs'))}`).join(' && ')} && exec "$@"`;
      return ['sh', '-c', script, 'sh'];
    },
    kill: () => writeFileSync(killer, '1'),
    close: async () => {
      const ended = new Promise((resolve) => guard.once('exit', resolve));
      guard.stdin?.end();
      await ended;
      await until('The end of everything that was killed', 10_000, () => folders.every(removeCgroup) || undefined);
    },
  };
}

/** Our own groups in the hierarchies that systemd uses: its own of version 1, and version 2. */
function systemdCgroups(): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (path === undefined || (controllers !== '' && controllers !== 'name=systemd')) return [];
      const type = controllers === '' ? / - cgroup2 / : / - cgroup .*\bname=systemd\b/;
      const point = mounts.find((mount) => type.test(mount))?.split(' ')[4];
      return point === undefined ? [] : [join(point, path)];
    });
}

/** Those of test processes that were killed. */
function sweepCgroups(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = new RegExp(`^${cgroupPrefix}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeCgroup(join(parent, name));
  }
}

/** @returns false when something in it is still on its way out */
function removeCgroup(folder: string): boolean {
  if (!existsSync(folder)) return true;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !removeCgroup(join(folder, entry.name))) return false;
    }
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
