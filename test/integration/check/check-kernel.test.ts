import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answers, Finding } from '../../../src/base/finding.ts';
import { type Assessment, assess } from '../../../src/check/system/assess.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { checks } from '../../../steps/check/index.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { inRoot } from '../../support/runs/conversion.ts';
import { plentyBytes } from '../../support/runs/faults.ts';

/** A minimal root that has no kernel. */
let root: FreshRoot;
let directory: string;

beforeAll(async () => {
  root = await freshRoot('bookworm-minimal', { memoryBytes: plentyBytes });
  directory = root.directory;
}, 300_000);

afterAll(() => root?.dispose());

function write(path: string, content: string): void {
  const file = join(directory, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
}

async function succeed(...commands: readonly (readonly string[])[]): Promise<void> {
  for (const [index, { exitCode, stdout, stderr }] of (await inRoot(directory, ...commands)).entries()) {
    expect(exitCode, `${commands[index]?.join(' ')}\n${stdout}${stderr}`).toBe(0);
  }
}

/** Packages of the name and size of a kernel's; what they depend on by name. */
async function install(packages: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, depends] of Object.entries(packages)) {
    write(
      `tmp/${name}/DEBIAN/control`,
      `Package: ${name}\nVersion: 1\nArchitecture: i386\n${depends && `Depends: ${depends}\n`}` +
        'Maintainer: Nobody <nobody@example.org>\nDescription: made here\n',
    );
  }
  const names = Object.keys(packages);
  await succeed(
    ...names.map((name) => ['dpkg-deb', '--build', '--root-owner-group', `/tmp/${name}`, `/tmp/${name}.deb`]),
    ['dpkg', '--install', ...names.map((name) => `/tmp/${name}.deb`)],
  );
}

async function look(answers: Answers = {}): Promise<Assessment> {
  const opened = await openRoot(directory, { access: 'read' });
  try {
    return await assess(realMachine(opened), 'amd64', checks, answers, () => () => {}, { forReport: true });
  } finally {
    await opened.close();
  }
}

const about = (findings: readonly Finding[], id: string) => findings.find((one) => one.id === `packages/${id}`);

/** Everything that a reader gets to see of them. */
const textOf = (findings: readonly Finding[]) => JSON.stringify(findings);

test('a kernel of one’s own gets the distribution’s in its place, and cannot be kept', async () => {
  await install({ 'linux-image-5.10.99-corp': '' });
  const { findings, solved } = await look();
  expect(about(findings, 'no-target-kernel')).toBeUndefined();
  expect(about(findings, 'no-counterpart')?.affected).toEqual(['linux-image-5.10.99-corp']);
  expect(about(findings, 'added')?.affected).toContain('linux-image-amd64 (in the place of linux-image-5.10.99-corp)');
  expect(solved?.plan.batches[0]).toMatchObject({
    wave: 'kernel',
    instances: expect.arrayContaining(['linux-image-amd64:amd64']),
  });
  const kept = await look({ 'no-counterpart': 'keep' });
  expect(about(kept.findings, 'kept-kernel')).toMatchObject({
    severity: 'blocker',
    affected: ['linux-image-5.10.99-corp'],
    remedies: [{ hint: 'Answer "no-counterpart/linux-image-5.10.99-corp": "remove".' }],
  });
  const gone = await look({ 'no-counterpart/linux-image-5.10.99-corp': 'remove' });
  expect(gone.findings.filter(({ severity }) => severity === 'blocker')).toEqual([]);
});

test('a kernel that is pinned away is told by its pin, and by nothing that contradicts it', async () => {
  await succeed(['dpkg', '--purge', 'linux-image-5.10.99-corp']);
  await install({
    'linux-image-6.1.0-99-686-pae': '',
    'linux-image-686-pae': 'linux-image-6.1.0-99-686-pae',
  });
  const pin = 'etc/apt/preferences.d/k';
  for (const names of ['linux-image-*', 'linux-image-6*']) {
    write(pin, `Package: ${names}\nPin: version *\nPin-Priority: -1\n`);
    const { findings, solved } = await look({ 'no-solution': 'remove' });
    expect(about(findings, 'no-target-kernel')).toMatchObject({
      severity: 'blocker',
      title: 'A pin keeps the kernel for amd64 away',
      detail: expect.stringContaining(
        `/etc/apt/preferences.d/k, the paragraph at line 1 (Package: ${names}, priority -1)`,
      ),
      remedies: [{ hint: expect.stringContaining('Take the pin away') }, { hint: expect.anything() }],
    });
    expect(about(findings, 'no-solution')).toBeUndefined();
    expect(about(findings, 'pinned')).toBeUndefined();
    expect(about(findings, 'vanishing')?.affected).toEqual([
      'linux-image-6.1.0-99-686-pae (a kernel for i386)',
      'linux-image-686-pae (a kernel for i386)',
    ]);
    expect(textOf(findings)).not.toMatch(/its place is taken|Enable a repository|purged, as decided/);
    expect(solved?.target.missing).toEqual([]);
  }
  write(pin, '');
  expect(about((await look()).findings, 'no-target-kernel')).toBeUndefined();
});
