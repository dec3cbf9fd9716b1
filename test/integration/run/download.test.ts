import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { download } from '../../../src/apt/system/download.ts';
import type { CrossgradeError } from '../../../src/base/error.ts';
import { archiveFolder, logFolder, stateFolder } from '../../../src/base/own-paths.ts';
import type { Archive } from '../../../src/plan/plan.ts';
import {
  archivePath,
  makeLocalRepository,
  packageName,
  type Repository,
  serveRepository,
} from '../../support/roots/repository.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { inRoot } from '../../support/runs/conversion.ts';
import { crossgrade, tail } from '../../support/runs/faults.ts';
import { performOn } from '../../support/runs/perform-on.ts';

let root: FreshRoot;
const file = archivePath('amd64');
const fileName = `${packageName}_1.0_amd64.deb`;
const inside = (path: string) => join(root.directory, path);

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal');
  await makeLocalRepository(root.directory, ['i386', 'amd64']);
});

afterEach(() => root.dispose());

/** The archive is a file of its own, and the repository has what it had. */
function expectCopied(original: Buffer): void {
  const copy = inside(join(archiveFolder, fileName));
  expect(lstatSync(copy).isFile()).toBe(true);
  expect(readFileSync(copy).equals(original)).toBe(true);
  expect(readFileSync(inside(`srv/repository/${file}`)).equals(original)).toBe(true);
}

describe.each(['file', 'copy'])('an archive of a %s: repository', (transport) => {
  test.each(['nothing', 'a link to it'])('is copied where there is %s', async (there) => {
    const original = readFileSync(inside(`srv/repository/${file}`));
    if (there !== 'nothing') {
      mkdirSync(inside(archiveFolder), { recursive: true });
      symlinkSync(`/srv/repository/${file}`, inside(join(archiveFolder, fileName)));
    }
    const sha256 = createHash('sha256').update(original).digest('hex');
    const archive = { key: `${packageName}:amd64`, uri: `${transport}:/srv/repository/${file}`, fileName, sha256 };
    const done = await performOn(
      root.directory,
      async (performance) => {
        await performance.machine.makeDirectory(stateFolder, 0o700);
        await download(performance, [{ ...archive, bytes: original.length } as Archive]);
      },
      { step: 'prepare/download-archives' },
    );
    expect(done).not.toHaveProperty('failure');
    expectCopied(original);
  });
});

test('a run finds the packages of a file: repository', async () => {
  writeFileSync(inside('etc/apt/sources.list.d/shop.list'), 'deb [trusted=yes] file:/srv/repository test main\n');
  for (const argv of [['update'], ['-y', 'install', packageName]]) {
    expect((await inRoot(root.directory, ['apt-get', '-qq', ...argv]))[0]).toMatchObject({ exitCode: 0 });
  }
  const original = readFileSync(inside(`srv/repository/${file}`));
  const prepared = await crossgrade(root.directory, 'run', '--yes', '--until', 'prepare');
  expect(prepared, tail(prepared)).toMatchObject({ code: 0 });
  expectCopied(original);
});

describe.each(['bullseye-minimal', 'bookworm-minimal', 'trixie-minimal'])('with the apt of %s', (origin) => {
  const login = { user: 'reader', password: "p@ss+~%:#'x" };
  let asked: string[];
  let older: FreshRoot;
  let repository: Repository;

  beforeEach(async () => {
    asked = [];
    older = await freshRoot(origin);
    repository = await serveRepository(older.directory, ['i386', 'amd64'], {
      login: `${login.user}:${login.password}`,
      onRequest: (path, range) => asked.push(`${path} ${range ?? ''}`.trim()),
    });
  });

  afterEach(async () => {
    await repository.close();
    await older.dispose();
  });

  const at = (path: string) => join(older.directory, path);

  /** @param from the address of the source; archives are named without what is before the host */
  const fetch = async (from: string, archive: Buffer) => {
    writeFileSync(at('etc/apt/sources.list.d/shop.list'), `deb [trusted=yes] ${from} test main\n`);
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const wanted = { key: `${packageName}:amd64`, uri: `${repository.url}/${file}`, fileName, sha256 };
    return performOn(
      older.directory,
      async (performance) => {
        await performance.machine.makeDirectory(stateFolder, 0o700);
        await download(performance, [{ ...wanted, bytes: archive.length } as Archive]);
      },
      { step: 'prepare/download-archives' },
    );
  };
  const withLogin = (word: string) => repository.url.replace('://', `://${login.user}:${encodeURIComponent(word)}@`);

  test('a password in the address of a source lets it in, and a half file is gone on with', async () => {
    const archive = repository.read(file);
    mkdirSync(at(archiveFolder), { recursive: true });
    writeFileSync(at(join(archiveFolder, fileName)), archive.subarray(0, 300));
    expect(await fetch(withLogin(login.password), archive)).not.toHaveProperty('failure');
    expect(asked).toEqual([`/${file} bytes=300-`]);
    expect(readFileSync(at(join(archiveFolder, fileName))).equals(archive)).toBe(true);
    expect(existsSync(at(`${stateFolder}/download-auth.conf`))).toBe(false);
  });

  test('a login that the root has in a file of its own is used as before', async () => {
    const archive = repository.read(file);
    const entry = `machine ${repository.url} login ${login.user} password ${login.password}\n`;
    writeFileSync(at('etc/apt/auth.conf'), entry, { mode: 0o600 });
    // Another source's login is for another folder.
    const other = `deb [trusted=yes] ${withLogin('wrong')}/other test main\n`;
    writeFileSync(at('etc/apt/sources.list.d/other.list'), other);
    expect(await fetch(repository.url, archive)).not.toHaveProperty('failure');
    expect(readFileSync(at(join(archiveFolder, fileName))).equals(archive)).toBe(true);
  });

  test('a refused password is told without it, and one that apt cannot read is refused', async () => {
    const archive = repository.read(file);
    const refused = await fetch(withLogin('wr0ng'), archive);
    expect(refused.failure).toMatchObject({ code: 'CG0211' });
    expect(JSON.stringify((refused.failure as CrossgradeError).details)).toMatch(/401/);
    expect(JSON.stringify(refused.failure)).not.toContain('wr0ng');
    expect(readFileSync(at(`${logFolder}/download.log`), 'utf8')).not.toContain('wr0ng');
    const unreadable = await fetch(withLogin('two w0rds'), archive);
    expect(unreadable.failure).toMatchObject({ code: 'CG0480' });
    expect(JSON.stringify(unreadable.failure)).not.toContain('w0rds');
  });
});
