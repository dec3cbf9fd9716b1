import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RootPath } from '../../../src/base/root.ts';
import { lostNamedPaths } from '../../../src/compare/system/verify.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';

const file: RootPath = '/home/ann/.config/systemd/user/own.service';
const path: RootPath = '/usr/lib/jvm/java-17-openjdk-i386/bin/java';
let root: FreshRoot;

beforeAll(async () => {
  root = await freshRoot('bookworm-minimal');
  mkdirSync(join(root.directory, dirname(file)), { recursive: true });
});

afterAll(() => root?.dispose());

async function lost(): Promise<string[]> {
  const opened = await openRoot(root.directory, { access: 'read' });
  const localSoftware = { version: 1, groups: [], virtualenvs: [], named: [{ file, line: 1, path }] } as const;
  try {
    const found = await lostNamedPaths(realMachine(opened), pair, {
      localSoftware: structuredClone(localSoftware) as never,
    });
    return found.map(({ what }) => what);
  } finally {
    await opened.close();
  }
}

test('a run comes to its end whatever a user makes of a file that named what is gone', async () => {
  const place = join(root.directory, file);
  writeFileSync(place, `ExecStart=${path}\n`);
  expect(await lost()).toEqual([`${file} still names ${path}, which is gone`]);
  const others: (() => void)[] = [
    () => mkdirSync(place),
    () => execFileSync('mkfifo', [place]),
    () => symlinkSync(place.slice(root.directory.length), place),
    () => symlinkSync('/dev/zero', place),
    () => {
      writeFileSync(place, path);
      truncateSync(place, 3 * 1024 ** 3);
    },
  ];
  for (const become of others) {
    rmSync(place, { recursive: true, force: true });
    become();
    expect(await lost()).toEqual([]);
  }
});
