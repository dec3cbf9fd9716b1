import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mergeStatusUpdates } from '../../../src/debian/package-stanza.ts';

const fields = ['Package', 'Architecture', 'Version', 'db:Status-Want', 'db:Status-Status'];
const format = fields.map((field) => `\${${field}}`).join(' ');

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossgrade-status-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** What the real dpkg-query makes of a status file and a journal. */
async function dpkgReads(status: string, updates: readonly string[]): Promise<string[]> {
  await mkdir(join(folder, 'updates'));
  await writeFile(join(folder, 'status'), status);
  for (const [index, text] of updates.entries()) await writeFile(join(folder, 'updates', fileName(index)), text);
  const { stdout } = await execa('dpkg-query', [`--admindir=${folder}`, '-W', '-f', `${format}\\n`]);
  return stdout
    .split('\n')
    .filter((line) => !line.endsWith(' not-installed'))
    .sort();
}

function weRead(status: string, updates: readonly string[]): string[] {
  const files = updates.map((text, index) => ({ name: fileName(index), text }));
  return mergeStatusUpdates(status, 'status', files)
    .map((one) => `${one.name} ${one.architecture} ${one.version} ${one.want} ${one.state}`)
    .sort();
}

function fileName(index: number): string {
  return String(index).padStart(4, '0');
}

function stanza(
  name: string,
  architecture: string,
  options: { same?: boolean; status?: string; version?: string } = {},
) {
  const status = options.status ?? 'install ok installed';
  const same = options.same ? 'Multi-Arch: same\n' : '';
  const rest = status.endsWith('not-installed')
    ? ''
    : `Version: ${options.version ?? '1'}\nMaintainer: A <a@mirror.example>\nDescription: b\n`;
  return `Package: ${name}\nStatus: ${status}\nArchitecture: ${architecture}\n${same}${rest}`;
}

describe('we read what dpkg reads', () => {
  const gone = 'unknown ok not-installed';
  const same = { same: true };

  test('in the status file of a real system', async () => {
    const status = await readFile(new URL('../../../fixtures/hosts/bookworm-minimal/status', import.meta.url), 'utf8');
    expect(weRead(status, [])).toEqual(await dpkgReads(status, []));
  });

  test.each([
    ['a newer state', [stanza('a', 'i386')], [stanza('a', 'i386', { status: 'install ok half-configured' })]],
    ['a crossgraded package', [stanza('a', 'i386')], [stanza('a', 'amd64', { status: 'install ok unpacked' })]],
    ['a crossgrade that got co-installable', [stanza('a', 'i386')], [stanza('a', 'amd64', same)]],
    ['a package that gets an architecture', [stanza('a', 'all')], [stanza('a', 'amd64', { version: '2' })]],
    ['a library beside another', [stanza('a', 'i386', same)], [stanza('a', 'amd64', same)]],
    [
      'the purge of one of two',
      [stanza('a', 'amd64', same), stanza('a', 'i386', same)],
      [
        stanza('a', 'i386', { ...same, status: 'deinstall ok config-files' }),
        stanza('a', 'i386', { ...same, status: gone }),
      ],
    ],
    [
      'a purge and a new installation',
      [stanza('a', 'i386')],
      [stanza('a', 'i386', { status: gone }), stanza('a', 'amd64')],
    ],
    [
      'a selection of another architecture',
      [stanza('a', 'i386'), stanza('a', 'amd64', { status: 'install ok not-installed' })],
      [stanza('a', 'i386', { version: '2' })],
    ],
    [
      'two stanzas in one file',
      [stanza('a', 'i386')],
      [`${stanza('a', 'i386', { version: '2' })}\n${stanza('b', 'i386')}`],
    ],
    ['an empty status file', [], [stanza('a', 'i386')]],
  ])('in the journal: %s', async (_, status, updates) => {
    expect(weRead(status.join('\n'), updates)).toEqual(await dpkgReads(status.join('\n'), updates));
  });

  test.each([
    ['instances that can not be there together', [stanza('a', 'i386'), stanza('a', 'amd64')], []],
    ['mixed instances', [stanza('a', 'i386', same), stanza('a', 'amd64')], []],
    ['a file that was cut off', ['Package: a\nStatus: install ok inst'], []],
    ['a third kind beside two', [stanza('a', 'i386', same), stanza('a', 'amd64', same)], [stanza('a', 'amd64')]],
    ['no version', [stanza('a', 'i386').replace('Version: 1\n', '')], []],
  ])('and refuse what it refuses: %s', async (_, status, updates) => {
    expect(() => weRead(status.join('\n'), updates)).toThrow();
    await expect(dpkgReads(status.join('\n'), updates)).rejects.toThrow('dpkg-query');
  });
});
