import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openPrivateApt, type PrivateApt, solve, targetLists } from '../../../src/apt/system/solve.ts';
import type { Machine } from '../../../src/base/machine.ts';
import { dpkgFolder, extendedStatesFile } from '../../../src/base/own-paths.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { findPair } from '../../../src/debian/architecture.ts';
import { eachStanza, formatStanza } from '../../../src/debian/deb822.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import { hostFile } from '../../../src/machine/is-recorded-host.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { openRecordedHost, type RecordedHost } from '../../../src/machine/recorded-host.ts';
import type { TargetSet } from '../../../src/plan/plan.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';

/** Fields that no code of ours reads, but that make up most of the text. */
const unread: ReadonlySet<string> = new Set([
  'Description',
  'Description-md5',
  'Maintainer',
  'Homepage',
  'Tag',
  'MD5sum',
  'Suggests',
  'Recommends',
  'Enhances',
]);

/**
 * Records a root, so that `crossgrade check --offline --root FOLDER` says of the folder what it says of the root.
 *
 * Of the package lists only what can be part of an answer is kept: everything that is installed, in each version, and
 * what apt chose for the target. That apt chooses the same from the recording is made sure of at the end.
 *
 * @param root folder of a Debian root
 * @param folder where the recording goes; what is there is deleted
 */
async function recordFixture(root: string, folder: string): Promise<void> {
  const pair = findPair('i386', 'amd64');
  if (!pair) throw new Error('no such pair');
  rmSync(join(folder, 'tree'), { recursive: true, force: true });
  const write = (path: RootPath, text: string, packed = false) => {
    const file = join(folder, 'tree', `${path}${packed ? '.gz' : ''}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, packed ? gzipSync(text, { level: 9 }) : text);
  };
  const opened = await openRoot(root, { access: 'read' });
  let expected: TargetSet;
  try {
    const machine = realMachine(opened);
    const facts = await readFacts(machine);
    const apt = await openPrivateApt(machine, facts, pair, targetLists(machine), [pair.target.name]);
    expected = await solveWhole(machine, apt);
    const both = `${machine.workDirectory}/record` as const;
    await openPrivateApt(machine, facts, pair, both, [pair.target.name, pair.source.name]);
    const names = new Set([
      ...facts.inventory.packages.map((one) => one.name),
      ...expected.packages.map((one) => one.name),
      ...Object.keys(pair.kernelMetapackages),
      ...Object.values(pair.kernelMetapackages),
    ]);
    const hosts = mirrors(facts.sourceFiles);
    await recordLists(machine, `${both}/lists`, names, hosts, write);
    for (const [path, text] of Object.entries(facts.sourceFiles)) write(path as RootPath, withoutMirror(text, hosts));
    for (const name of ['arch', 'diversions', 'statoverride']) await copy(machine, `${dpkgFolder}/${name}`, write);
    await copy(machine, extendedStatesFile, write);
    write('/etc/os-release', await machine.readText('/etc/os-release'));
    write(`${dpkgFolder}/status`, slim(await machine.readText(`${dpkgFolder}/status`), 'status'), true);
    for (const { version } of facts.kernels) write(`/boot/vmlinuz-${version}`, '');
    const host: RecordedHost = {
      format: 'crossgrade-recorded-host-1',
      architectures: [facts.inventory.nativeArchitecture, ...facts.inventory.foreignArchitectures],
      // Of a typical 64-bit machine: the one that records is none of the host.
      kernel: { machine: 'x86_64', release: '6.1.0-0-amd64', bootId: '00000000-0000-0000-0000-000000000000' },
      cpuFlags: ['fpu', 'lm', 'pae', 'sse2'],
      freeBytes: 20 * 2 ** 30,
      freeInodes: 1_000_000,
    };
    writeFileSync(join(folder, hostFile), `${JSON.stringify(host, undefined, 2)}\n`);
  } finally {
    await opened.close();
  }
  const differences = compare(expected, await solveRecorded(folder, pair));
  if (differences.length > 0) throw new Error(`apt chooses otherwise from the recording: ${differences.join(' ')}`);
}

type Write = (path: RootPath, text: string, packed?: boolean) => void;

async function copy(machine: Machine, path: RootPath, write: Write): Promise<void> {
  const text = await machine.readTextIfThere(path);
  if (text) write(path, text);
}

async function recordLists(
  machine: Machine,
  lists: RootPath,
  names: ReadonlySet<string>,
  hosts: readonly string[],
  write: Write,
): Promise<void> {
  for (const name of await machine.list(lists)) {
    const text =
      name.includes('_Packages') || /_(In)?Release$/.test(name) ? await machine.readText(`${lists}/${name}`) : '';
    const place: RootPath = `/var/lib/apt/lists/${withoutMirror(name, hosts)}`;
    if (name.endsWith('_Packages'))
      write(
        place,
        slim(text, name, (stanza) => names.has(stanza)),
        true,
      );
    // Its sums are of lists that are no longer whole, and so is its signature.
    else if (/_(In)?Release$/.test(name))
      write(place.replace(/_InRelease$/, '_Release') as RootPath, releaseHead(text));
  }
}

function releaseHead(text: string): string {
  const fields = ['Origin', 'Label', 'Suite', 'Version', 'Codename', 'Date', 'Architectures', 'Components'];
  return text
    .split('\n')
    .filter((line) => fields.includes(line.split(':')[0] ?? ''))
    .map((line) => `${line}\n`)
    .join('');
}

function slim(text: string, fileName: string, wanted: (name: string) => boolean = () => true): string {
  return [...eachStanza(text, fileName)]
    .filter((stanza) => wanted(stanza.get('Package') ?? ''))
    .map((stanza) => `${formatStanza(stanza.entries().filter(([name]) => !unread.has(name)))}\n`)
    .join('');
}

/** Hosts of the repositories, in the order of the sources. */
function mirrors(sources: Readonly<Record<string, string>>): string[] {
  const found = Object.values(sources).flatMap((text) => [...text.matchAll(/https?:\/\/([^\s/]+)/g)]);
  return [...new Set(found.map(([, host = '']) => host))];
}

function withoutMirror(text: string, hosts: readonly string[]): string {
  return hosts.reduce(
    (result, host, index) => result.replaceAll(host, index === 0 ? 'mirror.example' : `mirror-${index + 1}.example`),
    text,
  );
}

async function solveRecorded(folder: string, pair: NonNullable<ReturnType<typeof findPair>>): Promise<TargetSet> {
  const { machine, close } = openRecordedHost(folder);
  try {
    const facts = await readFacts(machine);
    const apt = await openPrivateApt(machine, facts, pair, targetLists(machine), [pair.target.name], true);
    return await solveWhole(machine, apt);
  } finally {
    await close();
  }
}

function compare(expected: TargetSet, found: TargetSet): string[] {
  const versions = (set: TargetSet) => new Set(set.packages.map((one) => `${instanceKey(one)}=${one.version}`));
  const [there, here] = [versions(expected), versions(found)];
  return [
    ...[...there].filter((one) => !here.has(one)).map((one) => `-${one}`),
    ...[...here].filter((one) => !there.has(one)).map((one) => `+${one}`),
  ];
}

const [root, folder] = process.argv.slice(2);
if (!root || !folder) throw new Error('usage: npm run record-fixture -- ROOT FOLDER');
await recordFixture(root, folder);

/** @throws where apt finds no system with every package: such a host is no fixture */
async function solveWhole(machine: Machine, apt: PrivateApt): Promise<TargetSet> {
  const { target, conflict } = await solve(machine, apt, new Set());
  if (target === undefined || conflict !== undefined)
    throw new Error(`apt finds no solution: ${conflict?.said.join(' ')}`);
  return target;
}
