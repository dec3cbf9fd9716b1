import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { initramfsTrialFile, stateFile } from '../../src/base/own-paths.ts';
import type { CheckReport } from '../../src/check/check-report-schema.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { convert, inRoot, installedIn } from '../support/runs/conversion.ts';
import { crossgradeAsText, plentyBytes } from '../support/runs/faults.ts';

/** A host with an initramfs, and hooks of several kinds that somebody wrote for one architecture. */
let root: FreshRoot;
let folder: string;

const hook = (...lines: string[]) =>
  `${['#!/bin/sh', '[ "$1" = prereqs ] && exit 0', 'set -e', '. /usr/share/initramfs-tools/hook-functions', ...lines].join('\n')}\n`;
const library = '/usr/lib/i386-linux-gnu/libz.so.1';

function put(path: string, text: string, mode = 0o644): void {
  const place = join(root.directory, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
  chmodSync(place, mode);
}

async function hooksFound(): Promise<{ affected: readonly string[]; hints: string[] } | undefined> {
  const file = join(folder, 'report.json');
  await crossgradeAsText(root.directory, 'check', '--json', file);
  const report = JSON.parse(readFileSync(file, 'utf8')) as CheckReport;
  const found = report.findings.find(({ id }) => id === 'software/run-hooks');
  if (found === undefined) return undefined;
  expect(found.severity).toBe('blocker');
  return { affected: found.affected, hints: found.remedies.flatMap((one) => ('hint' in one ? [one.hint] : [])) };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'run-hooks-'));
  root = await freshRoot('bookworm-server', { memoryBytes: plentyBytes });
  put('/etc/initramfs-tools/hooks/own', hook(`copy_exec ${library}`), 0o755);
  put('/etc/kernel/postinst.d/zz-own', '#!/bin/sh\n/usr/local/sbin/after-kernel "$1"\n', 0o755);
  put('/usr/local/sbin/after-kernel', '#!/bin/sh\nexec /lib/ld-linux.so.2 --verify /bin/true\n', 0o755);
  put('/etc/udev/rules.d/99-own.rules', 'ACTION=="add", RUN+="/usr/lib/i386-linux-gnu/own/helper"\n');
  put('/etc/apt/apt.conf.d/99own', 'DPkg::Post-Invoke { "/usr/local/bin/tool || true"; };\n');
  await inRoot(root.directory, ['cp', '/bin/true', '/usr/local/bin/tool']);
});

afterAll(async () => {
  await root?.dispose();
  rmSync(folder, { recursive: true });
});

test('hooks for one architecture block, and the lines that are named instead do not', async () => {
  const found = await hooksFound();
  expect(found?.affected).toEqual([
    '/etc/apt/apt.conf.d/99own, line 1 (hook of apt): /usr/local/bin/tool, a 32-bit program that no package brought',
    `/etc/initramfs-tools/hooks/own, line 5 (hook of the initramfs): ${library}`,
    '/etc/udev/rules.d/99-own.rules, line 1 (udev rule): /usr/lib/i386-linux-gnu/own/helper',
    '/usr/local/sbin/after-kernel, line 2 (run by /etc/kernel/postinst.d/zz-own): /lib/ld-linux.so.2',
  ]);
  const line = /hooks\/own, write as line 5: (.*)/.exec(found?.hints.join('\n') ?? '')?.[1] ?? '';
  expect(line).toBe('for file in /usr/lib/*/libz.so.1; do copy_exec "$file"; done');

  put('/etc/initramfs-tools/hooks/own', hook(line), 0o755);
  put(
    '/usr/local/sbin/after-kernel',
    '#!/bin/sh\nfor each in /lib/ld-linux.so.2 /lib64/ld-linux-x86-64.so.2; do\n  if [ -e "$each" ]; then exec "$each" --verify /bin/true; fi\ndone\n',
    0o755,
  );
  put('/etc/udev/rules.d/99-own.rules', 'ACTION=="add", RUN+="/usr/local/sbin/own-helper"\n');
  put('/etc/apt/apt.conf.d/99own', 'DPkg::Post-Invoke { "true"; };\n');
  expect(await hooksFound()).toBeUndefined();
});

test('an initramfs that cannot be built stops the run before anything is replaced, and what is mended goes through', async () => {
  const before = JSON.stringify(installedIn(root.directory));
  const images = () => readdirSync(join(root.directory, 'boot'));
  const boot = images();
  put('/etc/initramfs-tools/hooks/broken', hook('echo "this hook is broken"', 'exit 7'), 0o755);
  const stopped = await convert(root.directory, '--answers', answers());
  expect(stopped.ending.code).toBe(1);
  expect(stopped.ending.text).toContain('CG0365');
  expect(stopped.ending.text).toContain('this hook is broken');
  expect(JSON.stringify(installedIn(root.directory))).toBe(before);
  expect(images()).toEqual(boot);
  expect(existsSync(join(root.directory, initramfsTrialFile))).toBe(false);

  // Its library is of the host, its program of nobody.
  put(
    '/etc/initramfs-tools/hooks/broken',
    hook('for each in /usr/local/*/tool; do copy_exec "$each" /bin/tool; done'),
    0o755,
  );
  const copied = await crossgradeAsText(root.directory, 'resume');
  expect(copied.code).toBe(1);
  expect(copied.text).toContain('CG0366');
  expect(copied.text).toContain('/usr/local/bin/tool, as ');
  expect(existsSync(join(root.directory, stateFile))).toBe(true);

  rmSync(join(root.directory, 'etc/initramfs-tools/hooks/broken'));
  const { code, text } = await crossgradeAsText(root.directory, 'resume');
  expect(code, text.slice(-3000)).toBe(0);
  const version = images()
    .find((name) => /^vmlinuz-.*amd64$/.test(name))
    ?.slice('vmlinuz-'.length);
  const [listed] = await inRoot(root.directory, ['lsinitramfs', `/boot/initrd.img-${version}`]);
  expect(listed?.stdout).toContain('usr/lib/x86_64-linux-gnu/libz.so.1');
  expect(listed?.stdout).not.toContain('i386-linux-gnu');
});

function answers(): string {
  const file = join(folder, 'answers.json');
  writeFileSync(file, JSON.stringify({ 'residual-config': 'purge', 'local-software': 'leave' }));
  return file;
}
