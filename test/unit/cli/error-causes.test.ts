import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readListTrouble } from '../../../src/apt/apt-update.ts';
import { assertUsable } from '../../../src/apt/system/solve.ts';
import { CrossgradeError } from '../../../src/base/error.ts';
import { errorTexts } from '../../../src/cli/words/error-texts.ts';
import { packagesFailed } from '../../../src/dpkg/system/batch.ts';
import { readFailures } from '../../../src/dpkg/system/dpkg-log.ts';
import { readTrouble, writeTrouble } from '../../../src/machine/files/file-trouble.ts';
import { failureForRoot } from '../../../src/run/name-root.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';

/** What one would do is another thing for each of them. */
describe('packages that dpkg could not finish', () => {
  const said = readFileSync(new URL('../../../fixtures/dpkg/install.log', import.meta.url), 'utf8');
  const all = readFailures(said);
  const named = (...names: string[]) => all.filter((failure) => names.includes(failure.package));

  test.each([
    ['of which a script failed', all, 'CG0223', 'a script of a package failed'],
    ['after the unpacking', named('failing', 'depender'), 'CG0223', 'a script of a package failed'],
    ['whose files are another’s', named('clashing.deb', 'depender'), 'CG0225', 'dpkg refused'],
    ['that depend on what is missing', named('depender', 'predepender.deb'), 'CG0226', 'depend on is missing'],
    ['of which dpkg says nothing', [], 'CG0227', 'dpkg says that it has done all'],
  ])('%s', (_, failures, code, words) => {
    const error = packagesFailed(['tar:amd64'], failures);
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(error.hint).toContain('then type crossgrade resume.');
  });

  test('because the program that starts a script is missing, have a failed script', () => {
    const message =
      'unable to execute installed tar package post-installation script (/var/lib/dpkg/info/tar.postinst): No such file or directory';
    expect(packagesFailed(['tar:amd64'], [{ package: 'tar', message, output: [], consequence: false }]).code).toBe(
      'CG0223',
    );
  });
});

describe('lists that apt cannot fetch', () => {
  const reason = (words: string) => `Err:1 http://mirror.example/debian bookworm InRelease\n  ${words}\n`;
  const codeOf = (words: string): unknown => {
    const failed = `W: Failed to fetch http://mirror.example/debian/dists/bookworm/InRelease  ${words}\n`;
    try {
      const ended = {
        exitCode: 100,
        stdout: reason(words),
        stderr: `${failed}E: Some index files failed to download.\n`,
      };
      assertUsable(readListTrouble(ended, i386ToAmd64), i386ToAmd64);
      return undefined;
    } catch (error) {
      return error instanceof CrossgradeError ? error.code : error;
    }
  };

  test('because no name is resolved', () => {
    expect(codeOf("Temporary failure resolving 'mirror.example'")).toBe('CG0209');
    expect(codeOf("Could not resolve 'mirror.example'")).toBe('CG0209');
  });

  test('because of the mirror', () => {
    expect(codeOf('404  Not Found [IP: 192.0.2.1 80]')).toBe('CG0201');
  });
});

describe('files', () => {
  const trouble = (code: string) => Object.assign(new Error(code), { code });

  test.each([
    ['ENOSPC', 'CG0316'],
    ['EDQUOT', 'CG0316'],
    ['EROFS', 'CG0325'],
    ['EIO', 'CG0325'],
  ])('that cannot be written: %s', (name, code) => {
    expect(writeTrouble('/etc/fstab', trouble(name))).toMatchObject({ code });
  });

  test.each([
    ['EACCES', 'CG0326'],
    ['EPERM', 'CG0326'],
    ['EIO', 'CG0317'],
    ['EISDIR', 'CG0317'],
  ])('that cannot be read: %s', (name, code) => {
    expect(readTrouble('/etc/fstab', trouble(name))).toMatchObject({ code });
  });

  test.each(['CG0316', 'CG0317', 'CG0325', 'CG0326'])('are named as they are found from outside: %s', (code) => {
    const failure = { code, message: '/etc/fstab cannot be read', details: [] };
    expect(Object.keys(errorTexts)).toContain(code);
    expect(failureForRoot(failure, '/srv/oldhost').message).toBe('/srv/oldhost/etc/fstab cannot be read');
  });
});
