import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../../src/plan/plan.ts';
import { pristineRoot } from '../roots/roots.ts';
import { type Archive, fieldOf, installedParagraphs, type Paragraph, withoutIndexFields } from './made-up-host.ts';

/**
 * Has the real dpkg go through a plan: on a database that says that the host's packages are installed, with archives
 * that have the fields of the real ones, one file and no scripts. The i386 dpkg works until the plan replaces it.
 *
 * @param directory a made-up host
 * @returns what dpkg refuses, and what is otherwise in the end than the plan foretells
 */
export async function playPlan(archive: Archive, directory: string, plan: Plan): Promise<string[]> {
  // dpkg syncs its database after each package: a disk would take minutes for that.
  const memory = '/dev/shm';
  const place = await mkdtemp(join(existsSync(memory) ? memory : tmpdir(), 'play-plan-'));
  try {
    const root = join(place, 'root');
    layOut(root, installedParagraphs(directory));
    const archives = new Map(plan.archives.map((one) => [one.key, one]));
    const offered = archive.packages('amd64');
    const debOf = (key: string): string => {
      const { version } = archives.get(key as (typeof plan.archives)[number]['key']) ?? {};
      const name = key.slice(0, key.indexOf(':'));
      const text = offered.get(name)?.find((one) => fieldOf(one, 'Version') === version);
      if (text === undefined) throw new Error(`the plan wants ${key} ${version}, which is not in the index`);
      const path = join(place, `${key.replace(':', '_')}.deb`);
      writeFileSync(path, makeDeb(withoutIndexFields(text), fileOf(text)));
      return path;
    };
    const source = sourceDpkg(await pristineRoot('bookworm-minimal'));
    let program = source;
    for (const { id, operation, instances, force } of plan.batches) {
      const brings = operation === 'install' || operation === 'unpack';
      const words = brings ? instances.map(debOf) : instances;
      const said = await dpkg(program, root, [...force.map((word) => `--force-${word}`), `--${operation}`, ...words]);
      if (said !== undefined) return [`${id}: ${said}`];
      if (brings && instances.includes('dpkg:amd64')) program = ['dpkg'];
    }
    return differences(root, plan.endState);
  } finally {
    await rm(place, { recursive: true });
  }
}

/** i386, started as a file is that belongs to another root. */
function sourceDpkg(root: string): string[] {
  const libraries = ['lib', 'usr/lib'].map((folder) => join(root, folder, 'i386-linux-gnu')).join(':');
  return [join(root, 'lib/ld-linux.so.2'), '--library-path', libraries, join(root, 'usr/bin/dpkg')];
}

const fixedWords = [
  '--log=/dev/null',
  '--force-unsafe-io',
  '--abort-after=100000',
  '--force-confdef',
  '--force-confold',
  '--no-triggers',
] as const;

/** @returns what it complained of, if it ended with an error */
function dpkg([program = '', ...first]: readonly string[], root: string, words: readonly string[]) {
  return new Promise<string | undefined>((resolve) => {
    const argv = [...first, `--root=${root}`, ...fixedWords, ...words];
    execFile(program, argv, { env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 2 ** 28 }, (error, _, stderr) =>
      resolve(error ? stderr.trim().slice(0, 4_000) || error.message : undefined),
    );
  });
}

function layOut(root: string, installed: readonly Paragraph[]): void {
  const database = join(root, 'var/lib/dpkg');
  for (const folder of ['info', 'updates', 'triggers']) mkdirSync(join(database, folder), { recursive: true });
  writeFileSync(join(database, 'arch'), 'i386\namd64\n');
  writeFileSync(join(database, 'available'), '');
  writeFileSync(join(database, 'info/format'), '1\n');
  writeFileSync(join(database, 'status'), installed.map((text) => `${text}\n\n`).join(''));
  mkdirSync(join(root, 'packages'));
  for (const text of installed) {
    const name = fieldOf(text, 'Package') ?? '';
    const own = fieldOf(text, 'Multi-Arch') === 'same' ? `${name}:${fieldOf(text, 'Architecture')}` : name;
    writeFileSync(join(database, `info/${own}.list`), `/.\n/packages\n/packages/${fileOf(text)}\n`);
    writeFileSync(join(root, 'packages', fileOf(text)), '');
  }
}

/** A file of its own for each build: no two of them share one. */
function fileOf(text: Paragraph): string {
  return `${fieldOf(text, 'Package')}.${fieldOf(text, 'Architecture')}`;
}

function differences(root: string, endState: Plan['endState']): string[] {
  const status = readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8').split(/\n\n+/);
  const there = new Map<string, string>();
  for (const text of status.filter((one) => fieldOf(one, 'Package') !== undefined)) {
    const [, , state = ''] = (fieldOf(text, 'Status') ?? '').split(' ');
    if (state === 'not-installed') continue;
    const key = `${fieldOf(text, 'Package')}:${fieldOf(text, 'Architecture')}`;
    there.set(key, `${fieldOf(text, 'Version')} ${state}`);
  }
  const faults: string[] = [];
  for (const [key, version] of Object.entries(endState)) {
    if (there.get(key) !== `${version} installed`) faults.push(`${key} is ${there.get(key) ?? 'gone'}, not ${version}`);
    there.delete(key);
  }
  const lost = Object.keys(endState).filter((key) => !existsSync(join(root, 'packages', key.replace(':', '.'))));
  return [
    ...faults,
    ...[...there].map(([key, state]) => `${key} is left over: ${state}`),
    ...lost.map((key) => `the file of ${key} is gone`),
  ];
}

/** @see deb(5) */
function makeDeb(control: Paragraph, file: string): Buffer {
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    ...arMember('debian-binary', Buffer.from('2.0\n')),
    ...arMember('control.tar', tar([['./control', Buffer.from(`${control.trimEnd()}\n`)]])),
    ...arMember('data.tar', tar([['./packages/'], [`./packages/${file}`, Buffer.alloc(0)]])),
  ]);
}

function arMember(name: string, content: Buffer): Buffer[] {
  const head = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}`;
  const size = String(content.length).padEnd(10);
  return [Buffer.from(`${head}${size}\`\n`), content, Buffer.alloc(content.length % 2, '\n')];
}

/** A folder is what has no content. */
function tar(members: readonly (readonly [name: string, content?: Buffer])[]): Buffer {
  const blocks = members.flatMap(([name, content]) => {
    const head = Buffer.alloc(512);
    const put = (offset: number, text: string): number => head.write(text, offset, 'utf8');
    put(0, name);
    put(100, content ? '0000644\0' : '0000755\0');
    put(108, '0000000\0'.repeat(2));
    put(124, `${(content?.length ?? 0).toString(8).padStart(11, '0')}\0`);
    put(136, `${'0'.repeat(11)}\0`);
    put(148, ' '.repeat(8));
    put(156, content ? '0' : '5');
    put(257, 'ustar\0' + '00');
    const sum = head.reduce((total, byte) => total + byte, 0);
    put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
    return content ? [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)] : [head];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
