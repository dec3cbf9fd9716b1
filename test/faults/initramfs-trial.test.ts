import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cacheFolder } from '../../src/base/own-paths.ts';
import { tryInitramfs } from '../../src/boot/system/try-initramfs.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { plentyBytes } from '../support/runs/faults.ts';
import { performOn } from '../support/runs/perform-on.ts';

let root: FreshRoot;
let version: string;

const at = (path: string) => join(root.directory, path);

beforeAll(async () => {
  root = await freshRoot('bookworm-server', { memoryBytes: plentyBytes });
  version =
    readdirSync(at('/boot'))
      .find((name) => name.startsWith('vmlinuz-'))
      ?.slice('vmlinuz-'.length) ?? '';
});

afterAll(() => root?.dispose());

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text, { mode });
}

const build = () =>
  performOn(root.directory, (performance) => tryInitramfs(performance, { do: 'try-initramfs', version }), {
    step: 'prepare/try-initramfs',
  });

/** Everything that is not ours, and could be written to. */
const settingsNow = () =>
  ['/srv/settings', '/srv/all'].flatMap((folder) =>
    existsSync(at(folder)) ? readdirSync(at(folder), { recursive: true, encoding: 'utf8' }).sort() : [],
  );

test('a trial leaves settings alone that are kept elsewhere, with links to them, and goes by them', async () => {
  renameSync(at('/etc/initramfs-tools'), at('/srv/all'));
  symlinkSync('../srv/all', at('/etc/initramfs-tools'));
  renameSync(at('/srv/all/conf.d'), at('/srv/settings'));
  symlinkSync('/srv/settings', at('/srv/all/conf.d'));
  put('/srv/own-hook', '#!/bin/sh\n[ "$1" = prereqs ] && exit 0\necho "the hook was run"\nexit 7\n', 0o755);
  symlinkSync('../../own-hook', at('/srv/all/hooks/own'));
  const before = settingsNow();
  const failing = await build();
  // By a link that is read from where it stands.
  expect(failing.failure).toMatchObject({ code: 'CG0365' });
  expect(String((failing.failure as { details: string[] }).details)).toContain('the hook was run');
  expect(settingsNow()).toEqual(before);
  rmSync(at('/srv/all/hooks/own'));
  const { failure } = await build();
  expect(failure).toBeUndefined();
  expect(settingsNow()).toEqual(before.filter((name) => name !== 'hooks/own'));
  expect(existsSync(at(`${cacheFolder}/initramfs-trial`))).toBe(false);
  expect(readFileSync(at('/etc/initramfs-tools/initramfs.conf'), 'utf8')).toMatch(/^MODULES=most$/m);
});
