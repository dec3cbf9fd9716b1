import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatedMachine } from '../../../src/base/elf.ts';
import { profilesOf } from '../../../src/cli/arguments/profiles.ts';
import {
  type ArchitecturePair,
  architecturePairs,
  defaultTarget,
  findPair,
  knownWays,
  runsUnder,
} from '../../../src/debian/architecture.ts';
import { firmware } from '../../../steps/check/machine/firmware.ts';
import { World } from '../../support/recorded/world.ts';

/** Words that are true of one pair alone. */
const named = /i386|i[3-6]86|amd64|x86|\b686\b|armhf|arm64|armmp|aarch64|\blm\b|grub-pc|ia32/;

/** Files in which such a word is right, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'src/debian/architecture.ts': 'the pairs themselves',
  'steps/check/machine/firmware.ts': 'says which package has the same modules, and where that is written',
  'src/boot/left-for-machine.ts': 'grub-pc is a package for one firmware, and asks debconf for its disks',
  'src/boot/boot-elsewhere.ts': 'grub-pc/install_devices is the name of a question',
};

describe('steps and rooms name no architecture', () => {
  const files = ['src', 'steps', 'guest'].flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: 'utf8' })
      .map((name) => join(top, name))
      .filter((path) => /\.(ts|sh|pl|py|sql)$/.test(path)),
  );
  const hits = files.filter((path) => named.test(withoutComments(readFileSync(path, 'utf8'))));

  test('but for what is told here', () => {
    expect(files.length).toBeGreaterThan(300);
    expect(hits.sort()).toEqual(Object.keys(exceptions).sort());
  });
});

/** Comments may give examples. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*(\/\/|#).*$/gm, '');
}

describe.each(architecturePairs.map((pair) => [`${pair.source.name} to ${pair.target.name}`, pair] as const))(
  '%s',
  (way, pair) => {
    test('is found, and is where a system goes by itself', () => {
      expect(findPair(pair.source.name, pair.target.name)).toBe(pair);
      expect(defaultTarget(pair.source.name)).toBe(pair.target.name);
      expect(defaultTarget(pair.target.name)).toBe(pair.target.name);
      expect(knownWays).toContain(way);
    });

    test('has kernels: each of the source has one of the target, and no versioned one has', () => {
      const { kernelMetapackages, versionedKernel, bootPackages, defaultKernel } = pair;
      expect(Object.values(kernelMetapackages)).toContain(defaultKernel);
      expect(kernelMetapackages[bootPackages[0] ?? '']).toBe(defaultKernel);
      for (const name of Object.keys(kernelMetapackages)) {
        expect(versionedKernel.test(name)).toBe(false);
        const versioned = name.replace(/^(linux-\w+)-(rt-)?/, (_, kind, rt = '') => `${kind}-6.1.0-50-${rt}`);
        expect(versionedKernel.test(versioned), versioned).toBe(true);
      }
      expect(profilesOf(pair.source.name).server).toEqual(expect.arrayContaining([...bootPackages]));
    });
  },
);

test.each([
  ['armhf', 'arm64', 'aarch64', true],
  ['armhf', 'arm64', 'armv7l', false],
  ['i386', 'amd64', 'x86_64', true],
  ['i386', 'amd64', 'i686', false],
])('of %s to %s, the target runs under %s: %s', (source, target, machine, runs) => {
  const pair = findPair(source, target);
  expect(pair && runsUnder(pair.target, { machine })).toBe(runs);
  expect(pair && runsUnder(pair.source, { machine })).toBe(true);
  expect(pair && runsUnder(pair.target, { machine, emulated: [pair.target.elfMachine] })).toBe(true);
});

test('firmware of 32 bit starts 64-bit kernels of x86, and none of ARM', () => {
  const { context } = new World('bookworm-minimal');
  const severityFor = (pair: ArchitecturePair | undefined) => {
    const host = { boot: { efiBits: 32, secureBoot: false, loaders: [] }, mounts: [], mountedFiles: [] } as const;
    const hardware = { unmergedFolders: [], immutable: [], clock: { now: 0 }, host };
    const root = { kind: 'host', can: new Set(['boot'] as const) } as const;
    const input = { facts: context.facts, answers: {}, aptComplaints: [], root, survey: { hardware, notLookedAt: [] } };
    return pair && firmware.findings({ ...input, pair }).map(({ severity }) => severity);
  };
  expect(severityFor(findPair('i386', 'amd64'))).toEqual(['warning']);
  expect(severityFor(findPair('armhf', 'arm64'))).toEqual(['blocker']);
});

describe('binfmt_misc', () => {
  const entry = (magic: string, { state = 'enabled', flags = 'POF' } = {}) =>
    `${state}\ninterpreter /usr/libexec/qemu-binfmt/arm-binfmt-P\nflags: ${flags}\noffset 0\nmagic ${magic}\nmask ffff\n`;
  const arm = '7f454c4601010100000000000000000002002800';

  test('says whose programs it hands to an emulator', () => {
    expect(emulatedMachine(entry(arm))).toBe(40);
    expect(emulatedMachine(entry('7f454c460201010000000000000000000200b700'))).toBe(183);
    expect(emulatedMachine(entry('7f454c4602020100000000000000000000020016'))).toBe(22);
  });

  test('does not where it is switched off, the emulator would have to be in the root, or it is for no ELF', () => {
    expect(emulatedMachine(entry(arm, { state: 'disabled' }))).toBeUndefined();
    expect(emulatedMachine(entry(arm, { flags: 'PO' }))).toBeUndefined();
    expect(
      emulatedMachine('enabled\ninterpreter /usr/bin/python3.11\nflags: \noffset 0\nmagic a70d0d0a\n'),
    ).toBeUndefined();
    expect(emulatedMachine('enabled\ninterpreter /usr/bin/x\nflags: F\nextension .jar\n')).toBeUndefined();
  });
});
