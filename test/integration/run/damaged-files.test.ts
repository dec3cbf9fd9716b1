import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crossgradeAsText } from '../../support/runs/faults.ts';

const recorded = fileURLToPath(new URL('../../../fixtures/recorded/bookworm-minimal', import.meta.url));
const lists = 'var/lib/apt/lists';
const amd64List = 'mirror.example_debian_dists_bookworm_main_binary-amd64_Packages';
const release = 'mirror.example_debian_dists_bookworm_Release';

/** A host of which every file lies open. */
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'damaged-files-'));
  cpSync(recorded, directory, { recursive: true });
  for (const name of readdirSync(join(directory, 'tree'), { recursive: true }) as string[]) {
    if (!name.endsWith('.gz')) continue;
    const packed = join(directory, 'tree', name);
    writeFileSync(packed.slice(0, -'.gz'.length), gunzipSync(readFileSync(packed)));
    rmSync(packed);
  }
});
afterEach(() => rmSync(directory, { recursive: true }));

const read = (path: string): string => readFileSync(join(directory, 'tree', path), 'utf8');
const edit = (path: string, change: (text: string) => string): void =>
  writeFileSync(join(directory, 'tree', path), change(read(path)));

/** Long lines are wrapped. */
async function check(): Promise<{ text: string; code: number | null }> {
  const { text, code } = await crossgradeAsText(directory, 'check', '--offline', '--verbose');
  return { text: text.replace(/\s+/g, ' '), code };
}

async function refused(code: string, ...sentences: readonly RegExp[]): Promise<void> {
  const ending = await check();
  expect(ending.text).toContain(code);
  for (const sentence of sentences) expect(ending.text).toMatch(sentence);
  expect(ending.code).toBe(1);
}

/** What apt compared when it fetched the lists. */
function releaseLists(): void {
  const text = read(`${lists}/${amd64List}`);
  const sum = createHash('sha256').update(text).digest('hex');
  edit(`${lists}/${release}`, (before) => `${before}SHA256:\n ${sum} ${text.length} main/binary-amd64/Packages\n`);
}

test('a status file of a Windows program is refused, as dpkg does', async () => {
  edit('var/lib/dpkg/status', (text) => text.replaceAll('\n', '\r\n'));
  const line = read('var/lib/dpkg/status').split('\r\n').indexOf('') + 1;
  await refused('CG0101', new RegExp(`/var/lib/dpkg/status, line ${line}, is broken: it has a carriage return`));
});

test('a package list where a package has no version is named, and the package is not given up', async () => {
  edit(`${lists}/${amd64List}`, (text) => text.replace(/(Package: dash\n(?:.+\n)*?)Version: .*\n/, '$1'));
  await refused('CG0208', new RegExp(`${amd64List}, line \\d+: package dash has no Version`));
});

test.each([
  [
    'prefers a release that no repository has',
    'APT::Default-Release "trixie";',
    /APT::Default-Release is "trixie"; none/,
  ],
])('apt that %s is told so, by the name of the file', async (_, setting, reason) => {
  mkdirSync(join(directory, 'tree/etc/apt/apt.conf.d'));
  writeFileSync(join(directory, 'tree/etc/apt/apt.conf.d/90own'), setting);
  const { text, code } = await check();
  expect(text).toMatch(reason);
  expect(text).toContain('BLOCKED: 1 blocker. blocker: apt is told');
  expect(text).toContain('Affected: /etc/apt/apt.conf.d/90own');
  expect(code).toBe(3);
});

test('apt that takes its sources from elsewhere is followed there', async () => {
  mkdirSync(join(directory, 'tree/etc/apt/apt.conf.d'));
  writeFileSync(join(directory, 'tree/etc/apt/apt.conf.d/90own'), 'Dir::Etc::sourcelist "/etc/apt/other.list";');
  const nothing = await check();
  expect(nothing.text).toContain(
    'Enable a Debian mirror for this release in /etc/apt/other.list. (packages/no-repository)',
  );
  expect(nothing.code).toBe(3);
  renameSync(join(directory, 'tree/etc/apt/sources.list'), join(directory, 'tree/etc/apt/other.list'));
  expect((await check()).text).toContain('READY');
});

test('a sum that can be none is named', async () => {
  edit(`${lists}/${amd64List}`, (text) => text.replace(/(Package: dash\n(?:.+\n)*?SHA256: ).*/, '$1xyz'));
  await refused('CG0208', new RegExp(`${amd64List}, line \\d+: SHA256 of package dash can not be "xyz"`));
});

test('a package list that is not the one of its Release file is named', async () => {
  releaseLists();
  expect((await check()).text).toContain('READY');
  const whole = read(`${lists}/${amd64List}`);
  edit(`${lists}/${amd64List}`, (text) => text.replace('Package: dash\n', 'Package: dasx\n'));
  await refused(
    'CG0208',
    /binary-amd64_Packages was changed: it has \d+ bytes, and not the \d+ and the sum that mirror/,
  );
  edit(`${lists}/${amd64List}`, () => whole.slice(0, whole.indexOf('Package: dash\n')));
  await refused('CG0208', /binary-amd64_Packages was cut off: it has \d+ bytes/, /bookworm_Release says/);
});
