import type { Difference, PartComparison } from '../../base/difference.ts';
import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { dpkgFolder, fileOwnersFile, waitingFile } from '../../base/own-paths.ts';
import type { CommandResult, RootPath } from '../../base/root.ts';
import { isRootsOwnFile } from '../../base/system/others-folder.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { infoName } from '../../dpkg/file-lists.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Facts } from '../../run/facts.ts';
import { readUserNames } from '../../software/software-survey.ts';
import { type AccountTexts, accountFiles, compareAccounts, loginShells, newSystemNames } from '../accounts.ts';
import { names } from '../arrivals.ts';
import { type Capability, readCapabilities } from '../capabilities.ts';
import {
  compareCapabilities,
  compareOwners,
  type FileOwners,
  type FilesContext,
  foldersOf,
  isFoldersAlone,
  parseOwners,
} from '../file-owners.ts';
import { compareJobs, readWaitingRecord, type Waiting } from '../jobs.ts';
import { readScripts } from './read-arrivals.ts';

/** Where programs keep what they write: packages' scripts set owners and modes there. */
const dataFolders: readonly RootPath[] = ['/var/lib', '/var/spool', '/var/log', '/var/mail', '/var/www', '/srv'];

/** dpkg's and apt's own, crossgrade's, and whole other systems. */
const leftOut: readonly RootPath[] = [
  '/var/lib/apt',
  '/var/lib/dpkg',
  '/var/lib/crossgrade',
  '/var/log/crossgrade',
  '/var/lib/docker',
  '/var/lib/containers',
  '/var/lib/containerd',
  '/var/lib/lxc',
  '/var/lib/machines',
  '/var/lib/systemd/coredump',
];

/** Where programs are: of those only the setuid and setgid ones matter. */
const programFolders: readonly RootPath[] = ['/usr', '/bin', '/sbin', '/lib', '/opt', '/srv'];

const remote = ['nfs', 'nfs4', 'cifs', 'fuse.sshfs', 'proc', 'sysfs', 'autofs'];

/** With more of them than this, only the folders are compared: a host with 512 MiB of memory has to hold them. */
const mostFiles = 100_000;

/** Files that have come meanwhile are no reason to compare less than was recorded, unless they are too many. */
const mostFilesNow = 2 * mostFiles;

/** Keeps who owns what, capabilities, jobs and the number of queued mails, for the end of the run. */
export async function recordFiles(machine: Machine): Promise<void> {
  const all = await findData(machine, mostFiles);
  const data = all.isCut ? await findData(machine, mostFiles, '-type', 'd') : all;
  await machine.write(fileOwnersFile, data.text + (await findSetuid(machine)), { mode: 0o600 });
  const broughtFolders = await readBroughtFolders(machine);
  await machine.write(waitingFile, JSON.stringify({ ...(await readWaiting(machine)), broughtFolders }), {
    mode: 0o600,
  });
}

/** Type, mode, numbers of owner and group, path. */
const format = ['-printf', '%y %m %U %G %p\\0'];

/** What is in data folders; without the originals that a run has renamed. */
async function findData(
  machine: Machine,
  limit: number,
  ...tests: readonly string[]
): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const either = (option: string, values: readonly string[]): string[] =>
    values.flatMap((value, index) => [...(index > 0 ? ['-o'] : []), option, value]);
  const known = [...either('-path', leftOut), '-o', '-name', '*.crossgrade-*', '-o', ...either('-fstype', remote)];
  const outside = ['(', ...known, ')', '-prune', '-o'];
  // What goes while find looks is no fault.
  const script = `find "$@" | head --zero-terminated --lines=${limit + 1}`;
  const argv = [...(await there(machine, dataFolders)), ...outside, ...tests, ...format];
  const { stdout } = await machine.run(['sh', '-c', script, 'sh', ...argv]);
  let end = -1;
  for (let count = 0; count < limit; count += 1) {
    const next = stdout.indexOf('\0', end + 1);
    if (next < 0) return { text: stdout, isCut: false };
    end = next;
  }
  return { text: stdout.slice(0, end + 1), isCut: end + 1 < stdout.length };
}

async function findSetuid(machine: Machine): Promise<string> {
  const programs = await there(machine, programFolders);
  const found = await machine.run(['find', ...programs, '-xdev', '-type', 'f', '-perm', '/6000', ...format]);
  // Not even that of su: it has not looked.
  if (found.exitCode !== 0 && found.stdout === '') throw notLooked(found);
  return found.stdout;
}

function notLooked({ exitCode, stderr }: CommandResult): CrossgradeError {
  return new CrossgradeError('It could not be read which programs have set-user-ID bits.', {
    code: 'CG0391',
    hint: 'No package was touched by this step. Is there memory left for one program more? Then type crossgrade resume.',
    details: [`find ended with ${exitCode}`, ...stderr.split('\n').filter(Boolean).slice(0, 5)],
  });
}

/** @see dpkg(1): `info/NAME.list`, or `NAME:ARCHITECTURE.list` */
async function readBroughtFolders(machine: Machine): Promise<Record<string, string[]>> {
  const pattern = '^(/var/(lib|spool|mail|www)/[^/]+|/var/lib/[^/]+/[^/]+|/srv/[^/]+)$';
  const script = 'cd "$1" && grep -E "$2" -- *.list';
  const { stdout } = await machine.run(['sh', '-c', script, 'sh', `${dpkgFolder}/info`, pattern]);
  const brought: Record<string, string[]> = {};
  for (const [, name = '', path = ''] of stdout.matchAll(/^([^:\n]+?)(?::\w+)?\.list:(.*)$/gm)) {
    const names = brought[path] ?? [];
    brought[path] = names.includes(name) ? names : [...names, name];
  }
  return brought;
}

/** In the way in which they were recorded; where that is too much now, of folders alone, and it is told. */
async function compareOwnersNow(machine: Machine, before: FileOwners, context: FilesContext): Promise<PartComparison> {
  const isAlone = isFoldersAlone(before);
  const whole = isAlone ? undefined : await findData(machine, mostFilesNow);
  const data = whole && !whole.isCut ? whole : await findData(machine, mostFilesNow, '-type', 'd');
  if (data.isCut) return { rows: [], differences: [notCompared('files and folders', mostFilesNow)] };
  const now = parseOwners(data.text + (await findSetuid(machine)));
  const { rows, differences } = compareOwners(data === whole ? before : foldersOf(before), now, context);
  return {
    rows,
    differences: [
      ...(whole?.isCut ? [notCompared('files', mostFilesNow)] : []),
      ...(isAlone && before.size >= mostFiles ? [notCompared('some folders', mostFiles)] : []),
      ...differences,
    ],
  };
}

function notCompared(which: string, limit: number): Difference {
  const what = `owners and modes of ${which} were not compared: there are more than ${limit.toLocaleString('en')}`;
  return { what, explanation: null };
}

async function there(machine: Machine, folders: readonly RootPath[]): Promise<RootPath[]> {
  const found: RootPath[] = [];
  for (const folder of folders) if ((await machine.info(folder))?.type === 'directory') found.push(folder);
  return found;
}

async function readWaiting(machine: Machine): Promise<Waiting> {
  const found = await machine.run(['getcap', '-r', ...(await there(machine, programFolders))]).catch(() => undefined);
  const jobs: Record<string, string> = {};
  for (const { path, info } of await machine.walk('/var/spool/cron')) {
    if (info.type === 'file' && !path.endsWith('/.SEQ')) jobs[path] = await machine.hash(path, 'md5');
  }
  return {
    version: 1,
    ...(found?.exitCode === 0 && { capabilities: readCapabilities(found.stdout) }),
    jobs,
    queuedMail: await countQueuedMail(machine),
  };
}

async function countQueuedMail(machine: Machine): Promise<number> {
  const postfix = ['maildrop', 'incoming', 'active', 'deferred', 'hold'].map(
    (name): RootPath => `/var/spool/postfix/${name}`,
  );
  let count = 0;
  for (const folder of postfix) count += (await machine.walk(folder)).filter(({ info }) => info.type === 'file').length;
  // Each mail of Exim is a head and its data.
  const exim = await machine.walk('/var/spool/exim4/input');
  return count + exim.filter(({ path }) => path.endsWith('-H')).length;
}

/**
 * Capabilities that were recorded before: what these files have now; undefined without any. A file that somebody else
 * than root can change loses them when he writes to it, and must not get them back.
 */
export async function readCapabilitiesOfBefore(
  machine: Machine,
): Promise<{ readonly before: readonly Capability[]; readonly now: readonly Capability[] } | undefined> {
  const before = readWaitingRecord((await machine.readTextIfThere(waitingFile)) ?? '')?.capabilities ?? [];
  if (before.length === 0) return undefined;
  const paths: string[] = [];
  for (const { path } of before) if (await isRootsOwnFile(machine, path as RootPath)) paths.push(path);
  if (paths.length === 0) return undefined;
  const found = await machine.run(['getcap', '--', ...paths]).catch(() => undefined);
  if (found === undefined) return undefined;
  const { stdout } = found;
  return { before: before.filter(({ path }) => paths.includes(path)), now: readCapabilities(stdout) };
}

interface FileParts {
  readonly files: PartComparison;
  readonly accounts: PartComparison;
}

/** Files, accounts and what waits, at the beginning of the run and now. */
export async function compareFilesWithBefore(
  machine: Machine,
  pair: ArchitecturePair,
  etcBefore: RootPath,
  facts: Facts,
  plan: Plan,
): Promise<FileParts> {
  const accountsBefore = await readAccounts(machine, etcBefore);
  const accountsNow = await readAccounts(machine, '/etc');
  const makers = await readMakers(machine, facts, newSystemNames(accountsBefore, accountsNow));
  const accounts = compareAccounts(accountsBefore, accountsNow, (name) => makers.get(name));
  const broken = [...(await brokenShells(machine, accountsNow)), ...(await brokenSudo(machine))];
  const ownersText = await machine.readTextIfThere(fileOwnersFile);
  const waitingText = await machine.readTextIfThere(waitingFile);
  const waiting = waitingText === undefined ? undefined : readWaitingRecord(waitingText);
  if (ownersText === undefined || waiting === undefined) {
    const what = 'owners of files, capabilities and jobs are not compared: there is no record of before';
    return {
      files: { rows: [], differences: [{ what, explanation: null }] },
      accounts: { rows: accounts.rows, differences: [...accounts.differences, ...broken] },
    };
  }
  const waitingNow = await readWaiting(machine);
  const ofNewPackages = await filesOfNewPackages(machine, facts, plan);
  const owners = await compareOwnersNow(machine, parseOwners(ownersText), {
    pair,
    ofNewPackages,
    broughtFolders: waiting.broughtFolders ?? {},
    gonePackages: new Set(plan.changes.filter(({ change }) => change === 'vanishing').map(({ name }) => name)),
    users: readNames(accountsNow.passwd ?? ''),
    groups: readNames(accountsNow.group ?? ''),
  });
  const ofOthers = new Set<string>();
  for (const { path } of waiting.capabilities ?? []) {
    if (!(await isRootsOwnFile(machine, path as RootPath))) ofOthers.add(path);
  }
  const capabilities = compareCapabilities(
    waiting.capabilities,
    waitingNow.capabilities,
    pair,
    ofOthers,
    ofNewPackages,
  );
  const jobs = compareJobs(waiting, waitingNow, Date.now() / 1000);
  return {
    files: joined(owners, capabilities),
    accounts: joined(accounts, jobs, { rows: [], differences: broken }),
  };
}

function joined(...parts: readonly PartComparison[]): PartComparison {
  return { rows: parts.flatMap(({ rows }) => rows), differences: parts.flatMap(({ differences }) => differences) };
}

function readNames(text: string): Map<string, string> {
  return new Map([...readUserNames(text)].map(([number, name]) => [String(number), name]));
}

async function filesOfNewPackages(machine: Machine, facts: Facts, plan: Plan): Promise<Set<string>> {
  const added = new Set(plan.changes.filter(({ change }) => change === 'added').map(({ name }) => name));
  const paths = new Set<string>();
  for (const instance of facts.inventory.packages.filter(({ name }) => added.has(name))) {
    const list: RootPath = `${dpkgFolder}/info/${infoName(instance)}.list`;
    for (const path of ((await machine.readTextIfThere(list)) ?? '').split('\n')) paths.add(path).add(`/usr${path}`);
  }
  return paths;
}

async function readAccounts(machine: Machine, folder: RootPath): Promise<AccountTexts> {
  const texts: Partial<Record<(typeof accountFiles)[number], string>> = {};
  for (const file of accountFiles) {
    const text = await machine.readTextIfThere(`${folder}/${file}`);
    if (text !== undefined) texts[file] = text;
  }
  return texts;
}

/** Who made accounts and groups of the system: a package's script, or systemd-sysusers(8). */
async function readMakers(machine: Machine, facts: Facts, wanted: readonly string[]): Promise<Map<string, string>> {
  const makers = new Map<string, string>();
  if (wanted.length === 0) return makers;
  const folder: RootPath = '/usr/lib/sysusers.d';
  for (const file of (await machine.list(folder)).filter((name) => name.endsWith('.conf'))) {
    const text = await machine.readText(`${folder}/${file}`);
    for (const name of wanted) {
      if (names(text, name)) makers.set(name, `made by systemd-sysusers, as ${folder}/${file} says`);
    }
  }
  for (const instance of facts.inventory.packages.filter(({ state }) => state !== 'config-files')) {
    const scripts = await readScripts(machine, instance);
    for (const name of wanted) {
      if (names(scripts, name)) makers.set(name, `made by a script of ${instance.name}`);
    }
  }
  return makers;
}

/** Shells that accounts log in with, and that do not start. */
async function brokenShells(machine: Machine, { passwd = '' }: AccountTexts): Promise<Difference[]> {
  const broken: Difference[] = [];
  for (const [shell, accounts] of loginShells(passwd)) {
    if (/^\/(usr\/)?bin\/(ba|da|z|k|mk|c|tc)?sh$/.test(shell)) {
      if ((await machine.run([shell, '-c', 'exit 0']).catch(() => undefined))?.exitCode === 0) continue;
    } else if (await machine.exists(shell as RootPath)) continue;
    const what = `the login shell ${shell} of ${accounts.join(', ')} does not start`;
    broken.push({ what, explanation: null });
  }
  return broken;
}

/** @see visudo(8), `--check` */
async function brokenSudo(machine: Machine): Promise<Difference[]> {
  if (!(await machine.exists('/usr/sbin/visudo'))) return [];
  const { exitCode, stdout, stderr } = await machine.run(['visudo', '--check']);
  if (exitCode === 0) return [];
  return [
    { what: 'sudo’s configuration is not valid', explanation: null, details: `${stdout}${stderr}`.trim().split('\n') },
  ];
}
