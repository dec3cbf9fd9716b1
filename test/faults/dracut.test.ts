import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckReport } from '../../src/check/check-report-schema.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { convert, inRoot, installedIn } from '../support/runs/conversion.ts';
import { crossgradeAsText, plentyBytes } from '../support/runs/faults.ts';

/** A host whose initramfs is dracut's, with a module that somebody wrote. */
let root: FreshRoot;
let folder: string;

function put(path: string, text: string, mode = 0o644): void {
  const place = join(root.directory, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
  chmodSync(place, mode);
}

const module = '/usr/lib/dracut/modules.d/99own/module-setup.sh';
const putModule = (...lines: string[]) =>
  put(module, ['#!/bin/bash', 'check() { return 0; }', 'install() {', ...lines, '}', ''].join('\n'), 0o755);

function answers(): string {
  const file = join(folder, 'answers.json');
  writeFileSync(file, JSON.stringify({ 'residual-config': 'purge', 'local-software': 'leave' }));
  return file;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dracut-'));
  root = await freshRoot(
    { suite: 'bookworm', packages: ['dracut', 'linux-image-686-pae', 'systemd-sysv', 'grub-pc'] },
    { memoryBytes: plentyBytes },
  );
  await inRoot(root.directory, ['cp', '/bin/true', '/usr/local/bin/tool']);
});

afterAll(async () => {
  await root?.dispose();
  rmSync(folder, { recursive: true });
});

test('settings and modules of dracut for one architecture block', async () => {
  put('/etc/dracut.conf.d/own.conf', 'install_items+=" /usr/local/bin/tool "\n');
  putModule('  inst /usr/lib/i386-linux-gnu/libz.so.1');
  const file = join(folder, 'report.json');
  await crossgradeAsText(root.directory, 'check', '--json', file);
  const { findings } = JSON.parse(readFileSync(file, 'utf8')) as CheckReport;
  expect(findings.find(({ id }) => id === 'software/run-hooks')).toMatchObject({
    severity: 'blocker',
    affected: [
      '/etc/dracut.conf.d/own.conf, line 1 (hook of the initramfs): /usr/local/bin/tool, a 32-bit program that no package brought',
      `${module}, line 4 (hook of the initramfs): /usr/lib/i386-linux-gnu/libz.so.1`,
    ],
  });
  rmSync(join(root.directory, 'etc/dracut.conf.d/own.conf'));
});

test('what fails in dracut is shown before anything is replaced, and what is mended goes through', async () => {
  const before = JSON.stringify(installedIn(root.directory));
  const images = () => readdirSync(join(root.directory, 'boot'));
  const boot = images();
  putModule('  echo "this module is broken" >&2', '  exit 7');
  const stopped = await convert(root.directory, '--answers', answers());
  expect([stopped.ending.code, stopped.ending.text]).toEqual([1, expect.stringContaining('CG0365')]);
  expect(stopped.ending.text).toContain('this module is broken');
  expect(JSON.stringify(installedIn(root.directory))).toBe(before);
  expect(images()).toEqual(boot);

  putModule('  for each in /usr/local/*/tool; do inst_simple "$each" /bin/tool; done');
  const copied = await crossgradeAsText(root.directory, 'resume');
  expect([copied.code, copied.text]).toEqual([1, expect.stringContaining('CG0366')]);
  expect(copied.text).toMatch(/\/usr\/local\/bin\/tool, as \/(usr\/)?bin\/tool/);
  expect(JSON.stringify(installedIn(root.directory))).toBe(before);

  // It ends with 0 over what a module cannot bring.
  putModule('  inst /usr/local/bin/nowhere');
  const { code, text } = await crossgradeAsText(root.directory, 'resume');
  expect(code, text.slice(-3000)).toBe(0);
  expect(text).toContain('dracut could not put /usr/local/bin/nowhere into the trial’s initramfs');
  const version = images()
    .find((name) => /^vmlinuz-.*amd64$/.test(name))
    ?.slice('vmlinuz-'.length);
  const [listed] = await inRoot(root.directory, ['lsinitrd', `/boot/initrd.img-${version}`]);
  expect(listed?.stdout).toContain('usr/lib/x86_64-linux-gnu/libc.so.6');
  expect(listed?.stdout).not.toContain('i386-linux-gnu');
});
