import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckReport } from '../../src/check/check-report-schema.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { comparisonIn, convert, inRoot } from '../support/runs/conversion.ts';
import { crossgradeAsText, plentyBytes } from '../support/runs/faults.ts';

/** Vendors' packages of the source, without Depends, that load by name or are loaded by name. */
let root: FreshRoot;
let folder: string;

const triplet = 'i386-linux-gnu';
const filter = '/usr/lib/cups/filter/rastertovendor';
const backend = `/usr/lib/${triplet}/sane/libsane-vendor.so.1`;
const loader = `/usr/lib/${triplet}/gdk-pixbuf-2.0/2.10.0/loaders/libpixbufloader-vendor.so`;
const module = `/usr/lib/${triplet}/security/pam_vendor.so`;

const names = `/usr/lib/${triplet}/libnss_vendor.so.2`;

const filterSource = `#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>
int main(void) {
  char name[256];
  struct addrinfo *found = 0;
  void *library = dlopen("libpopt.so.0", RTLD_NOW);
  gethostname(name, sizeof name);
  int unknown = getaddrinfo("any.localhost", 0, 0, &found);
  printf("%s %s\\n", library ? "popt" : dlerror(), unknown ? gai_strerror(unknown) : "known");
  return !library || unknown;
}
`;
const moduleSource = 'int pam_sm_authenticate(void) { return 0; }\nint pam_sm_setcred(void) { return 0; }\n';
const librarySource = 'int vendor(void) { return 0; }\n';

async function compile(source: string, ...options: string[]): Promise<string> {
  writeFileSync(join(root.directory, 'tmp/source.c'), source);
  const [done] = await inRoot(root.directory, ['gcc', '-o', '/tmp/object', '/tmp/source.c', ...options]);
  expect(done?.exitCode, done?.stderr).toBe(0);
  const kept = join(folder, `object-${options.length}-${source.length}`);
  cpSync(join(root.directory, 'tmp/object'), kept);
  return kept;
}

/** @param files a path in the package to a file that is copied there, or a text */
async function install(
  name: string,
  files: Readonly<Record<string, { copy: string } | { text: string }>>,
): Promise<void> {
  const tree = join(root.directory, 'tmp', name);
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    `Package: ${name}\nVersion: 1\nArchitecture: i386\nMaintainer: nobody <nobody@mirror.example>\nDescription: says nothing of what it needs\n`,
  );
  for (const [path, what] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    if ('copy' in what) cpSync(what.copy, join(tree, path));
    else writeFileSync(join(tree, path), what.text);
  }
  if (name === 'vendor-scan') symlinkSync('libsane-vendor.so.1.0.0', join(tree, backend));
  const results = await inRoot(
    root.directory,
    ['dpkg-deb', '--root-owner-group', '-b', `/tmp/${name}`, `/tmp/${name}.deb`],
    ['dpkg', '-i', `/tmp/${name}.deb`],
    ['rm', '-r', `/tmp/${name}`],
  );
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
}

async function check(answers: Readonly<Record<string, string>>): Promise<CheckReport> {
  const file = join(folder, 'report.json');
  const given = join(folder, 'answers.json');
  writeFileSync(given, JSON.stringify(answers));
  await crossgradeAsText(root.directory, 'check', '--answers', given, '--json', file);
  return JSON.parse(readFileSync(file, 'utf8')) as CheckReport;
}

const keep = { 'no-counterpart': 'keep', 'residual-config': 'purge' };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plug-ins-'));
  root = await freshRoot(
    {
      suite: 'bookworm',
      packages: [
        'cups-daemon',
        'gcc',
        'libc6-dev',
        'libgdk-pixbuf-2.0-0',
        'libnss-myhostname',
        'libpopt0',
        'sane-utils',
      ],
    },
    { memoryBytes: plentyBytes },
  );
  const library = await compile(librarySource, '-shared', '-fPIC');
  await install('vendor-scan', {
    [`${backend}.0.0`]: { copy: library },
    '/etc/sane.d/dll.d/vendor': { text: 'vendor\n' },
  });
  await install('vendor-pictures', { [loader]: { copy: library } });
  const printer = join(root.directory, 'etc/cups/ppd/Office.ppd');
  mkdirSync(dirname(printer), { recursive: true });
  writeFileSync(printer, '*PPD-Adobe: "4.3"\n*cupsFilter: "application/vnd.cups-raster 0 rastertovendor"\n');
  await install('vendor-printer', { [filter]: { copy: await compile(filterSource) } });
  await install('vendor-login', {
    [module]: { copy: await compile(moduleSource, '-shared', '-fPIC') },
    [names]: { copy: library },
  });
});

afterAll(async () => {
  await root?.dispose();
  rmSync(folder, { recursive: true });
});

test('what only programs that go over would load is said beforehand, whatever is decided', async () => {
  const undecided = await check({});
  const { detail } = undecided.findings.find(({ id }) => id === 'packages/no-counterpart') ?? { detail: '' };
  expect(detail).toContain(`vendor-scan has ${backend}.0.0, which programs of amd64 cannot load, kept or not.`);
  expect(detail).toContain(`vendor-pictures has ${loader}, which`);
  expect(detail).toContain('vendor-printer is what Office prints with.');

  const kept = await check(keep);
  const found = kept.findings.find(({ id }) => id === 'software/kept-plug-ins');
  expect(found?.affected).toEqual([
    expect.stringContaining(`${loader} (vendor-pictures): in /usr/lib/${triplet}/gdk-pixbuf-2.0/2.10.0/loaders`),
    expect.stringContaining(`${backend}.0.0 (vendor-scan): in /usr/lib/${triplet}/sane, as those of libsane1`),
    expect.stringContaining(`${module} (vendor-login): in /usr/lib/${triplet}/security`),
  ]);
});

test('a kept module of PAM that logins go through blocks, and one of NSS is told', async () => {
  const file = join(root.directory, 'etc/pam.d/common-auth');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, `auth required pam_vendor.so\n${before}`);
  const nsswitch = join(root.directory, 'etc/nsswitch.conf');
  const services = readFileSync(nsswitch, 'utf8');
  writeFileSync(nsswitch, services.replace(/^group:.*$/m, '$& vendor'));
  const { findings } = await check(keep);
  const unknown = findings.find(({ id }) => id === 'software/nss-module');
  expect(unknown?.affected).toEqual([`${names} (vendor-login), named in /etc/nsswitch.conf`]);
  const found = findings.find(({ id }) => id === 'software/pam-module');
  expect([found?.severity, found?.affected.join()]).toEqual(['blocker', expect.stringContaining('pam_vendor.so')]);
  const others = findings.find(({ id }) => id === 'software/kept-plug-ins')?.affected.join();
  expect(others).toContain('libsane-vendor');
  expect(others).not.toContain('pam_vendor');
  writeFileSync(file, before);
  writeFileSync(nsswitch, services);
});

test('what a kept program loads by name stays, and what nothing loads any more is named at the end', async () => {
  const whatScans = ['sh', '-c', 'LD_DEBUG=files scanimage -L 2>&1'];
  const before = await inRoot(root.directory, [filter], whatScans);
  expect(before[0]?.stdout).toBe('popt known\n');
  expect(before[1]?.stdout).toContain(`calling init: ${backend}`);
  const answers = join(folder, 'answers.json');
  writeFileSync(answers, JSON.stringify(keep));
  const { ending } = await convert(root.directory, '--answers', answers);
  expect(ending.code, ending.text.slice(-3000)).toBe(0);
  const [runs, packages, scans] = await inRoot(
    root.directory,
    [filter],
    ['dpkg-query', '--show', '--showformat=${binary:Package} ${db:Status-Status}\n', 'libpopt0', 'libnss-myhostname'],
    whatScans,
  );
  expect(runs?.stdout).toBe('popt known\n');
  expect(packages?.stdout).toContain('libpopt0:i386 installed');
  expect(packages?.stdout).toContain('libnss-myhostname:i386 installed');
  expect(scans?.stdout).toContain('calling init: /usr/lib/x86_64-linux-gnu/sane/');
  expect(scans?.stdout).not.toContain(`calling init: ${backend}`);
  const told = comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null);
  expect(told.map(({ what }) => what).sort()).toEqual([
    expect.stringContaining(`${loader} of vendor-pictures stays in i386, but is not loaded any more`),
    expect.stringContaining(`${backend}.0.0 of vendor-scan stays in i386, but is not loaded any more`),
    expect.stringContaining(`${module} of vendor-login stays in i386, but is not loaded any more`),
  ]);

  await inRoot(root.directory, ['dpkg', '--purge', 'libpopt0:i386']);
  const report = join(folder, 'verify.json');
  await crossgradeAsText(root.directory, 'verify', '--json', report);
  expect(readFileSync(report, 'utf8')).toContain(
    `vendor-printer may load by name, while it runs, what is gone: /usr/lib/${triplet}/libpopt.so.0`,
  );
});

test('a printer whose driver was removed, as decided, is named at the end', async () => {
  const other = await freshRoot('bookworm-minimal', { memoryBytes: plentyBytes });
  try {
    const first = root;
    root = other;
    const printer = join(other.directory, 'etc/cups/ppd/Office.ppd');
    mkdirSync(dirname(printer), { recursive: true });
    writeFileSync(printer, '*cupsFilter2: "application/vnd.cups-raster application/vnd.own 0 rastertovendor"\n');
    await install('vendor-printer', { [filter]: { copy: join(other.directory, 'usr/bin/true') } });
    root = first;
    const answers = join(folder, 'answers.json');
    writeFileSync(answers, JSON.stringify({ 'no-counterpart': 'remove' }));
    const { ending } = await convert(other.directory, '--answers', answers);
    expect(ending.code, ending.text.slice(-3000)).toBe(0);
    const told = comparisonIn(other.directory).differences.filter(({ explanation }) => explanation === null);
    expect(told.map(({ what }) => what)).toEqual([`/etc/cups/ppd/Office.ppd still names ${filter}, which is gone`]);
  } finally {
    await other.dispose();
  }
});
