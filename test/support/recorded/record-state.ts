import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeFolder, dpkgFolder, extendedStatesFile, stateFolder } from '../../../src/base/own-paths.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { hostFile } from '../../../src/machine/is-recorded-host.ts';
import type { RecordedHost } from '../../../src/machine/recorded-host.ts';
import type { RunEvent } from '../../../src/run/event.ts';
import { type FreshRoot, freshRoot, snapshot } from '../roots/roots.ts';
import { installedIn } from '../runs/conversion.ts';
import { bundle, crossgrade, type Ending, endEverything, kill, startCrossgrade, tail } from '../runs/faults.ts';

const [folder, name] = process.argv.slice(2);
if (!folder || !name || process.env.CROSSGRADE_BUNDLE === undefined)
  throw new Error('usage: CROSSGRADE_BUNDLE=FILE npm run record-state -- FOLDER ROOT-NAME');
rmSync(folder, { recursive: true, force: true });

const zeroBootId = '00000000-0000-0000-0000-000000000000';
const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** What the root is called in a recording. */
const givenName = '/srv/oldhost';

/** Whole, below `tree`: what a crossgrade has left, and what is read beside it to say how far it is. */
const wholeFolders: readonly RootPath[] = [
  stateFolder,
  beforeFolder,
  `${dpkgFolder}/updates`,
  '/etc/apt/sources.list.d',
];
const files: readonly RootPath[] = [
  ...(['status', 'arch', 'diversions', 'statoverride'] as const).map((one): RootPath => `${dpkgFolder}/${one}`),
  extendedStatesFile,
  '/etc/os-release',
  '/etc/apt/sources.list',
];

/** Smaller ones stay readable. */
const packedFromBytes = 8 * 1024;

/** One moment of a run, as a host that `crossgrade status --root FOLDER` can be asked about. */
function recordMoment(directory: string, moment: string): void {
  const place = join(folder ?? '', moment);
  const cleaned = cleaner(directory);
  const paths = [
    ...files,
    ...wholeFolders.flatMap((parent) => namesIn(directory, parent).map((one): RootPath => `${parent}/${one}`)),
  ];
  for (const path of paths.filter((one) => statSync(join(directory, one), { throwIfNoEntry: false })?.isFile())) {
    const text = cleaned(readFileSync(join(directory, path), 'utf8'));
    const isPacked = Buffer.byteLength(text) >= packedFromBytes;
    const file = join(place, 'tree', `${path}${isPacked ? '.gz' : ''}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, isPacked ? gzipSync(text, { level: 9 }) : text);
  }
  const native = installedIn(directory).find((one) => one.name === 'dpkg')?.architecture ?? '';
  const arch = join(directory, dpkgFolder, 'arch');
  const known = existsSync(arch) ? readFileSync(arch, 'utf8').split('\n').filter(Boolean) : [];
  const host: RecordedHost = {
    format: 'crossgrade-recorded-host-1',
    architectures: [native, ...known.filter((one) => one !== native)],
    kernel: { machine: 'x86_64', release: '6.1.0-0-amd64', bootId: zeroBootId },
    cpuFlags: ['fpu', 'lm', 'pae', 'sse2'],
    freeBytes: 20 * 2 ** 30,
    freeInodes: 1_000_000,
  };
  writeFileSync(join(place, hostFile), `${JSON.stringify(host, undefined, 2)}\n`);
}

function namesIn(directory: string, path: RootPath): string[] {
  const place = join(directory, path);
  return existsSync(place) ? readdirSync(place) : [];
}

/** Where the root has been until now: a journal names the earlier places, too. */
const places = new Set<string>();

/** Takes out what is of the machine that recorded: mirrors, its name, the root's place, its boot. */
function cleaner(directory: string): (text: string) => string {
  places.add(directory);
  const sources = namesIn(directory, '/etc/apt')
    .filter((one) => one === 'sources.list')
    .map((one) => readFileSync(join(directory, 'etc/apt', one), 'utf8'));
  const hosts = new Set(sources.flatMap((text) => [...text.matchAll(/https?:\/\/([^\s/]+)/g)].map(([, host]) => host)));
  const words = [
    ...[...hosts].map((host) => [host ?? '', 'mirror.example'] as const),
    ...[...places].map((place) => [place, givenName] as const),
    [bootId, zeroBootId] as const,
  ];
  // A name may be part of any word, so only the field for it is looked at.
  const named = new RegExp(`("hostName": *)"${hostname()}"`, 'g');
  return (text) =>
    words.reduce((result, [found, put]) => result.replaceAll(found, put), text.replace(named, '$1"oldhost"'));
}

/** What a command prints for other programs; nothing where that version has no such report. */
async function recordReport(directory: string, command: 'check' | 'verify', file: string): Promise<void> {
  const text = await new Promise<string>((resolve) => {
    const argv = [bundle(), command, '--json', '--root', directory];
    execFile(process.execPath, argv, { maxBuffer: 2 ** 28 }, (_, stdout) => resolve(stdout));
  });
  if (!text.startsWith('{')) {
    console.error(`${command} --json has no report`);
    return;
  }
  const place = join(folder ?? '', `${file}.gz`);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, gzipSync(cleaner(directory)(text), { level: 9 }));
}

async function succeed(ending: Promise<Ending>): Promise<void> {
  const ended = await ending;
  if (ended.code !== 0) throw new Error(`it ended with ${ended.code}\n${tail(ended)}`);
}

/** As a power cut does: in the middle of what an event announces. */
async function cutOff(
  directory: string,
  words: readonly string[],
  ...moments: readonly ((event: RunEvent) => boolean)[]
): Promise<void> {
  const working = startCrossgrade(directory, words);
  for (const moment of moments) await working.until(moment);
  if (!(await kill(working, directory, 'everything'))) throw new Error('It had ended before it was killed');
}

async function withRoot(root: FreshRoot, work: (directory: string) => Promise<void>): Promise<void> {
  try {
    await work(root.directory);
  } catch (error) {
    await endEverything(root.directory);
    await root.dispose();
    throw error;
  }
}

const root = await freshRoot(name);
await withRoot(root, async (directory) => {
  await recordReport(directory, 'check', 'check.json');
  await succeed(crossgrade(directory, 'run', '--yes', '--until', 'prepare'));
  recordMoment(directory, 'prepared');
  await succeed(crossgrade(directory, 'resume', '--until', 'libraries'));
  recordMoment(directory, 'libraries');
  await recordReport(directory, 'check', 'check-in-progress.json');
  await endEverything(directory);
});
const frozen = await snapshot(root);
try {
  const back = await freshRoot(frozen);
  await withRoot(back, async (directory) => {
    await cutOff(directory, ['rollback', '--yes'], ({ type }) => type === 'step-finished');
    recordMoment(directory, 'rollback-killed');
  });
  await back.dispose();
  const forth = await freshRoot(frozen);
  await withRoot(forth, async (directory) => {
    await cutOff(
      directory,
      ['resume'],
      (event) => event.type === 'batch-started' && event.batch.startsWith('core-'),
      (event) => event.type === 'step-progress',
    );
    recordMoment(directory, 'core-killed');
    await succeed(crossgrade(directory, 'resume'));
    recordMoment(directory, 'finished');
    await recordReport(directory, 'verify', 'verify.json');
    await endEverything(directory);
  });
  await forth.dispose();
} finally {
  await frozen.dispose();
}
