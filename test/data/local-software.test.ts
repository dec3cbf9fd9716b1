import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answers } from '../../src/base/finding.ts';
import { virtualenvListsFolder } from '../../src/base/own-paths.ts';
import { type FreshRoot, type FrozenRoot, freshRoot, snapshot } from '../support/roots/roots.ts';
import { comparisonIn, convert, inRoot } from '../support/runs/conversion.ts';
import { findElf } from '../support/runs/elf.ts';
import { spamSources } from '../support/troubles/spam-package.ts';

/** A program, its own library and a virtualenv's package, compiled by hand; and an ordinary user's virtualenv. */
const files: Readonly<Record<string, string>> = {
  '/opt/tool/src/own.c': '#include <zlib.h>\nconst char *own(void) { return zlibVersion(); }\n',
  '/opt/tool/src/tool.c':
    '#include <stdio.h>\nconst char *own(void);\nint main(void) { printf("%zu %s\\n", sizeof(void *), own()); return 0; }\n',
  ...spamSources,
  '/srv/sdists/src/plain-2.0/plain.py': "name = 'plain'\n",
  '/srv/sdists/src/plain-2.0/setup.py':
    "from setuptools import setup\nsetup(name='plain', version='2.0', py_modules=['plain'])\n",
};

const build = `cd /opt/tool
gcc -shared -fPIC -o libown.so src/own.c -lz
gcc -o tool src/tool.c -L. -lown -Wl,-rpath,'$ORIGIN'
tar -C /srv/sdists/src -czf /srv/sdists/spam-1.0.tar.gz spam-1.0
tar -C /srv/sdists/src -czf /srv/sdists/plain-2.0.tar.gz plain-2.0
useradd --create-home ann
for venv in /home/ann/venv /srv/app/venv; do
  install -d -o ann -g ann $(dirname $venv)
  runuser -u ann -- python3 -m venv $([ $venv = /srv/app/venv ] && echo --copies) $venv
  printf '[global]\\nno-index = true\\nfind-links = /srv/sdists\\n' | runuser -u ann -- tee $venv/pip.conf
  runuser -u ann -- $venv/bin/pip install spam plain
  runuser -u ann -- sh -c "echo hello > $venv/own.txt"
done
/opt/tool/tool
`;

const width = 'import plain, spam; print(plain.name, spam.width())';
let built: FrozenRoot;

async function shell(directory: string, script: string): Promise<string> {
  const [result] = await inRoot(directory, ['sh', '-ec', script]);
  if (result?.exitCode !== 0) throw new Error(`${result?.stdout}\n${result?.stderr}`);
  return result.stdout;
}

beforeAll(async () => {
  const root = await freshRoot({
    suite: 'bookworm',
    packages: ['gcc', 'libc6-dev', 'zlib1g-dev', 'python3-venv', 'python3-dev'],
  });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root.directory, path)), { recursive: true });
    writeFileSync(join(root.directory, path), text);
  }
  expect(await shell(root.directory, build)).toMatch(/^4 1\.2\.13$/m);
  expect(await shell(root.directory, `/home/ann/venv/bin/python -c '${width}'`)).toBe('plain 32\n');
  built = await snapshot(root);
});

afterAll(() => built?.dispose());

/** @param prepare changes something before the run */
async function converted(answers: Answers, prepare: (directory: string) => void = () => {}): Promise<FreshRoot> {
  const root = await freshRoot(built);
  prepare(root.directory);
  const file = join(root.directory, 'tmp/answers.json');
  writeFileSync(file, JSON.stringify(answers));
  const { ending } = await convert(root.directory, '--answers', file);
  expect(ending).toMatchObject({ code: 0 });
  return root;
}

const told = ({ directory }: FreshRoot, word: string) =>
  comparisonIn(directory).differences.filter(({ what }) => what.includes(word));

describe('kept and rebuilt', () => {
  let root: FreshRoot;

  beforeAll(async () => {
    root = await converted({ 'local-software': 'keep', virtualenv: 'rebuild' });
  });

  afterAll(() => root?.dispose());

  test('the program runs as before, and apt leaves its libraries alone', async () => {
    const { directory } = root;
    expect(await shell(directory, '/opt/tool/tool')).toBe('4 1.2.13\n');
    expect(await shell(directory, 'apt-get -s autoremove')).not.toContain('i386');
    expect(await shell(directory, "dpkg-query -W -f '${Package} ${Architecture}\\n' | grep i386")).toBe(
      'gcc-12-base i386\nlibc6 i386\nlibgcc-s1 i386\nzlib1g i386\n',
    );
    expect(told(root, '/opt/tool')).toMatchObject([
      { what: expect.stringContaining('finds all its libraries'), explanation: 'they stay in i386, as decided' },
    ]);
  });

  test.each(['/home/ann/venv', '/srv/app/venv'] as const)('%s imports in 64 bit, and has all it had', async (venv) => {
    const { directory } = root;
    expect(await shell(directory, `cd /; runuser -u ann -- ${venv}/bin/python -c '${width}'`)).toBe('plain 64\n');
    expect(await shell(directory, `${venv}/bin/pip freeze; cat ${venv}/own.txt`)).toBe(
      'plain==2.0\nspam==1.0\nhello\n',
    );
    expect(findElf(directory, [venv]).filter(({ bits }) => bits === 32)).toEqual([]);
    expect(findElf(directory, [`${venv}.crossgrade-i386`]).map(({ bits }) => bits)).toContain(32);
    expect(await shell(directory, `find ${venv} ! -user ann`)).toBe('');
    const list = join(directory, virtualenvListsFolder, `${venv.slice(1).replaceAll('/', '_')}.txt`);
    expect(readFileSync(list, 'utf8')).toBe('plain==2.0\nspam==1.0\n');
  });

  test('nothing is unexplained', () => {
    expect(comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
  });
});

describe('left, and not to be built', () => {
  let root: FreshRoot;

  beforeAll(async () => {
    root = await converted({ 'local-software': 'leave', virtualenv: 'rebuild' }, (directory) => {
      rmSync(join(directory, 'srv/sdists/spam-1.0.tar.gz'));
    });
  });

  afterAll(() => root?.dispose());

  test('the program is told with the command that makes it start again', async () => {
    const { directory } = root;
    const [tool] = told(root, '/opt/tool');
    expect(tool).toMatchObject({ what: expect.stringContaining('/lib/ld-linux.so.2 not found') });
    expect(tool?.command).toContain('zlib1g:i386');
    await expect(shell(directory, '/opt/tool/tool')).rejects.toThrow('not found');
    await shell(directory, `${tool?.command} --yes`);
    expect(await shell(directory, '/opt/tool/tool')).toBe('4 1.2.13\n');
  });

  test('a virtualenv that could not be rebuilt is as it was, and the command is right', async () => {
    const { directory } = root;
    const [venv] = told(root, '/home/ann/venv was NOT rebuilt');
    expect(venv).toMatchObject({ explanation: null });
    expect(venv?.command).toContain('spam==1.0');
    expect(existsSync(join(directory, 'home/ann/venv.crossgrade-i386'))).toBe(false);
    expect(statSync(join(directory, 'home/ann/venv')).uid).toBe(1000);
    await expect(shell(directory, `/home/ann/venv/bin/python -c '${width}'`)).rejects.toThrow("No module named 'spam'");
    await shell(directory, 'tar -C /srv/sdists/src -czf /srv/sdists/spam-1.0.tar.gz spam-1.0');
    await shell(directory, `cd /; ${venv?.command}`);
    expect(await shell(directory, `/home/ann/venv/bin/python -c '${width}'`)).toBe('plain 64\n');
  });
});
