import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/base/machine.ts';
import { stateFile } from '../../../src/base/own-paths.ts';
import { assess } from '../../../src/check/system/assess.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { checks } from '../../../steps/check/index.ts';
import {
  archivePath,
  indexPath,
  packageName,
  type Repository,
  serveRepository,
} from '../../support/roots/repository.ts';
import { diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { inRoot } from '../../support/runs/conversion.ts';
import { bundle, crossgradeAsText, type Ending, startCrossgrade } from '../../support/runs/faults.ts';
import { holdLock } from '../../support/runs/hold-lock.ts';
import { onTerminal } from '../../support/screens/terminal.ts';

const megabyte = 2 ** 20;

let root: FreshRoot;
let directory: string;
let folder: string;
const cleanups: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal', { memoryBytes: 2048 * megabyte });
  directory = root.directory;
  folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
});

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
  await root.dispose();
  rmSync(folder, { recursive: true });
});

/** Runs crossgrade, and looks that it changed nothing at all: not even its own folders are made. */
async function refused(words: readonly string[], code: number, ...sentences: readonly (string | RegExp)[]) {
  await allRefused([words], code, ...sentences);
}

async function allRefused(
  commands: readonly (readonly string[])[],
  code: number,
  ...sentences: readonly (string | RegExp)[]
) {
  const before = readRootState(directory, []);
  for (const words of commands) expectSaid(await crossgradeAsText(directory, ...words), code, sentences);
  expect(diffRootStates(before, readRootState(directory, []))).toEqual([]);
}

function expectSaid(ending: Ending, code: number, sentences: readonly (string | RegExp)[]): void {
  // Long lines are wrapped.
  const text = ending.text.replace(/\s+/g, ' ');
  for (const sentence of sentences) expect(text).toMatch(sentence);
  expect(ending.code, ending.text).toBe(code);
  expect(text).not.toMatch(/bug in crossgrade|^\s+at /);
}

const runYes = ['run', '--yes'];

const edit = (path: string, change: (text: string) => string) => {
  const file = join(directory, path);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};

describe('a root', () => {
  test('that is no Debian system', async () => {
    const ending = await crossgradeAsText(folder, 'run', '--yes');
    expectSaid(ending, 1, [/CG0304 .* is not an installed Debian system/, /Nothing has been changed/]);
  });

  test('that is a symlink', async () => {
    symlinkSync(directory, join(folder, 'link'));
    const ending = await crossgradeAsText(join(folder, 'link'), 'run', '--yes');
    expectSaid(ending, 1, [/CG0303 .* is a symlink/, `--root ${directory}`, 'Nothing has been changed']);
  });

  test('that is not there', async () => {
    const nowhere = join(folder, 'nowhere');
    const ending = await crossgradeAsText(nowhere, 'run', '--yes');
    expectSaid(ending, 1, ['CG0301', 'Nothing has been changed']);
    const argv = ['env', 'TERM=xterm', 'NO_COLOR=', process.execPath, bundle(), 'check', '--root', nowhere];
    const shown = async (...words: string[]) => await onTerminal([...argv, ...words], []);
    expect((await shown()).screen).toContain('\u001b[31mCG0301');
    expect((await shown('--output', 'text')).screen).not.toContain('\u001b');
  });

  test('that has other filesystems mounted in it', async () => {
    const place = join(directory, 'mnt');
    execFileSync('mount', ['-t', 'tmpfs', 'bad-input', place]);
    cleanups.push(() => {
      execFileSync('umount', [place]);
    });
    await refused(runYes, 1, /CG0305 Other filesystems are mounted below/, `umount ${place}`);
  });

  test('of another distribution', async () => {
    edit('usr/lib/os-release', (text) => text.replace(/^ID=.*$/m, 'ID=ubuntu'));
    await refused(runYes, 3, /This is ubuntu 12 bookworm, not Debian/);
  });

  test('that does not say what it is', async () => {
    rmSync(join(directory, 'usr/lib/os-release'));
    await refused(runYes, 1, 'CG0130', 'Nothing was changed');
  });

  test('of a release that is too old', async () => {
    edit('var/lib/dpkg/status', (text) => text.replace(/(Package: dpkg\n(?:.+\n)*?Version: ).*/, '$11.19.8'));
    await refused(runYes, 3, /This release is too old \(debian 12 bookworm, dpkg 1\.19\.8\)/);
  });

  test('that is of the target architecture already', () => {
    edit('var/lib/dpkg/status', (text) => text.replaceAll('Architecture: i386', 'Architecture: amd64'));
    return refused(runYes, 3, 'CG0150 This system is amd64 already', 'Nothing was changed');
  });

  test('from which no way leads to the target architecture', () =>
    refused(
      [...runYes, '--target', 'arm64'],
      3,
      'CG0151 crossgrade knows no way from i386 to arm64',
      'Nothing was changed',
    ));

  test('whose target architecture is none that crossgrade knows', () =>
    refused([...runYes, '--target', 'riscv64'], 2, "CG0001 --target can't be 'riscv64'", 'It takes one of: amd64'));
});

describe('a status file', () => {
  const status = () => join(directory, 'var/lib/dpkg/status');

  test.each([
    ['is a pipe', () => execFileSync('mkfifo', [status()]), 'it is not a regular file'],
    ['leads to itself', () => symlinkSync('status', status()), 'its symbolic links lead in a circle'],
  ])('that %s', async (_, make, reason) => {
    rmSync(status());
    make();
    for (const words of [['check'], ['check', '--offline'], runYes]) {
      const ending = await crossgradeAsText(directory, ...words);
      expectSaid(ending, 1, [/CG0317 \S*\/var\/lib\/dpkg\/status cannot be read/, reason, 'Nothing was changed']);
    }
  });
});

describe('a computer', () => {
  test('whose processor cannot run the target’s programs', async () => {
    const findings = await findingsWith((machine) => ({
      ...machine,
      cpuFlags: async () => new Set([...(await machine.cpuFlags())].filter((flag) => flag !== 'lm')),
    }));
    expect(findings).toEqual([['machine/processor-lacks-target', 'blocker']]);
  });

  test('whose kernel cannot run the target’s programs', async () => {
    const findings = await findingsWith((machine) => ({
      ...machine,
      runningKernel: async () => ({ ...(await machine.runningKernel()), machine: 'i686' }),
    }));
    expect(findings).toEqual([['machine/kernel-lacks-target', 'blocker']]);
  });

  async function findingsWith(change: (machine: Machine) => Machine): Promise<[string, string][]> {
    const opened = await openRoot(directory, { access: 'write' });
    try {
      const { findings, solved } = await assess(change(realMachine(opened)), 'amd64', checks, {}, () => () => {});
      expect(solved).toBeUndefined();
      return findings.map(({ id, severity }) => [id, severity]);
    } finally {
      await opened.close();
    }
  }

  test('with too little disk', async () => {
    const small = await freshRoot('bookworm-minimal', { memoryBytes: 48 * megabyte });
    cleanups.push(() => small.dispose());
    const before = readRootState(small.directory, []);
    const ending = await crossgradeAsText(small.directory, 'run', '--yes');
    expectSaid(ending, 3, [/MiB/, /free/i]);
    expect(diffRootStates(before, readRootState(small.directory, []))).toEqual([]);
  });
});

describe('packages', () => {
  test.each([
    ['half-configured', 'install ok half-configured'],
    ['unpacked', 'install ok unpacked'],
    ['must be reinstalled', 'install reinstreq half-installed'],
  ])('of which one is %s', async (word, status) => {
    edit('var/lib/dpkg/status', (text) => text.replace(/(Package: tzdata\nStatus: ).*/, `$1${status}`));
    await refused(runYes, 3, 'Packages are not completely installed', `tzdata:all (${word})`);
  });

  test('of which one lacks what it depends on', async () => {
    edit('var/lib/dpkg/status', (text) => text.replace(/(Package: tzdata\n(?:.+\n)*?Depends: )/, '$1not-there, '));
    await refused(runYes, 3, /apt finds the installed packages inconsistent/, 'not-there');
  });

  test.each(['lock-frontend', 'lock'])('that another program is changing (%s)', async (name) => {
    cleanups.push(await holdLock(join(directory, 'var/lib/dpkg', name)));
    await refused(runYes, 3, 'Another program is changing packages', 'Wait until it has finished');
  });

  test('that are not the newest', async () => {
    edit('var/lib/dpkg/status', (text) => text.replace(/(Package: tzdata\n(?:.+\n)*?Version: ).*/, '$12000a-1'));
    await refused(runYes, 3, 'Upgrades are pending', 'tzdata');
  });
});

describe('a state file', () => {
  const write = (content: string) => {
    mkdirSync(join(directory, 'var/lib/crossgrade'), { mode: 0o700 });
    writeFileSync(join(directory, stateFile), content);
  };

  const commands = [['run', '--yes'], ['resume'], ['status'], ['rollback', '--yes'], ['verify']];

  test.each([
    ['that is damaged', '{"tool":"crossgrade","version":1,"runId":"2026', 'CG0140', 'is damaged'],
    ['of another program', '{"tool":"other","version":1}', 'CG0141', 'was not written by crossgrade'],
    ['of a newer crossgrade', '{"tool":"crossgrade","version":3}', 'CG0142', 'was written by a newer crossgrade'],
    ['that is empty', '', 'CG0140', 'is damaged'],
  ])('%s', async (_, content, code, sentence) => {
    write(content);
    await allRefused(commands, 1, code, sentence, 'Nothing was changed');
  });

  test('that is gone', async () => {
    write('{}');
    renameSync(join(directory, stateFile), join(directory, `${stateFile}.previous`));
    await allRefused(commands, 1, 'CG0140', 'is gone', 'Put back the copy', 'Nothing was changed');
  });

  test('that cannot be read', async () => {
    mkdirSync(join(directory, stateFile), { recursive: true });
    await allRefused(commands, 1, 'CG0149', 'cannot be read', 'Nothing was changed');
  });
});

describe('an answers file', () => {
  test.each([
    ['with an unknown key', '{"residual-config":"keep","colour":"red"}', /does not ask: colour/],
    ['that is no object', '["keep"]', 'is not an object'],
    ['that is no JSON', 'residual-config=keep', 'is not JSON'],
  ])('%s', async (_, content, sentence) => {
    writeFileSync(join(folder, 'answers.json'), content);
    await refused(['run', '--answers', join(folder, 'answers.json')], 2, 'CG0004', sentence, 'Nothing was changed');
  });

  test('with an answer that is no choice', async () => {
    edit('var/lib/dpkg/status', (text) => `${text}\n${residual}`);
    writeFileSync(join(folder, 'answers.json'), '{"residual-config":"perhaps"}');
    const sentence = /“perhaps” is no answer to residual-config; it takes one of: keep, purge/;
    await refused(['run', '--answers', join(folder, 'answers.json')], 2, 'CG0004', sentence, 'Nothing was changed');
  });

  test('that is not there, but needed', async () => {
    await refused(['run', '--answers', join(folder, 'answers.json')], 2, 'CG0006', 'Nothing was changed');
    edit('var/lib/dpkg/status', (text) => `${text}\n${residual}`);
    await refused(runYes, 3, 'Removed packages have left configuration behind', 'gone-tool:i386');
  });

  const residual = `Package: gone-tool
Status: deinstall ok config-files
Architecture: i386
Version: 1.0
Config-Version: 1.0
Maintainer: Nobody <nobody@example.org>
Description: was removed
`;
});

test('a second run beside a first', async () => {
  const first = startCrossgrade(directory, ['run', '--yes', '--until', 'prepare']);
  await first.until((event) => event.type === 'run-started');
  for (const words of [runYes, ['resume'], ['rollback', '--yes']]) {
    const ending = await crossgradeAsText(directory, ...words);
    expectSaid(ending, 5, ['CG0310 Another crossgrade is working on', `process ${first.pid}`, 'crossgrade status']);
  }
  const { code, text } = await crossgradeAsText(directory, 'status');
  expect(text).toContain('A crossgrade is in progress');
  expect(code).toBe(0);
  expect((await first.ended).code).toBe(0);
});

describe('a mirror', () => {
  let repository: Repository;

  async function useRepository(architectures: readonly string[]): Promise<void> {
    repository = await serveRepository(directory, architectures);
    cleanups.push(() => repository.close());
    mkdirSync(join(directory, 'etc/apt/sources.list.d'), { recursive: true });
    writeFileSync(join(directory, 'etc/apt/sources.list.d/test.list'), repository.source);
  }

  test('that is down', async () => {
    await useRepository(['i386', 'amd64']);
    await repository.close();
    cleanups.pop();
    const reason = /test InRelease: Could not connect to 127\.0\.0\.1:\d+/;
    await refused(runYes, 1, `CG0201 apt cannot use a repository: ${repository.url}`, reason, 'Nothing was changed');
  });

  test('whose address is wrong, however much it is trusted', async () => {
    await useRepository(['i386', 'amd64']);
    edit('etc/apt/sources.list.d/test.list', (text) => text.replace(' test ', ' tset '));
    await refused(['check', '--verbose'], 3, /tset\/main amd64 Packages: 404/, 'Correct the address or the suite');
    await refused(runYes, 1, `CG0201 apt cannot use a repository: ${repository.url}`, 'Packages: 404');
  });

  test('behind a proxy that is dead', async () => {
    writeFileSync(join(directory, 'etc/apt/apt.conf.d/99proxy'), 'Acquire::http::Proxy "http://127.0.0.1:9";\n');
    writeFileSync(join(directory, 'etc/apt/sources.list'), 'deb http://mirror.example/debian bookworm main\n');
    const proxy = 'through the proxy that is set in /etc/apt/apt.conf.d/99proxy';
    await refused(['check', '--verbose'], 3, /apt says: .* InRelease: Could not connect to 127\.0\.0\.1:9/, proxy);
  });

  test('on a CD, whose name has blanks', async () => {
    const source = 'deb cdrom:[Debian GNU/Linux 12.0 _Bookworm_ - NETINST]/ bookworm main\n';
    writeFileSync(join(directory, 'etc/apt/sources.list.d/cd.list'), source);
    const reason =
      /apt says: cdrom:\/\/\[Debian GNU\/Linux 12\.0 _Bookworm_ - NETINST\] bookworm Release: Please use apt-cdrom/;
    await refused(['check', '--verbose'], 3, reason, "sed -i '1s/^/# /' /etc/apt/sources.list.d/cd.list");
  });

  test('without the target architecture', async () => {
    await useRepository(['i386']);
    await refused(runYes, 3, 'CG0203', repository.url, 'Nothing was changed');
  });

  test('that lacks the target architecture’s list', async () => {
    await useRepository(['i386', 'amd64']);
    repository.remove(indexPath('amd64'));
    await refused(runYes, 3, /CG020[13]/, repository.url, 'Nothing was changed');
  });

  test('that lies about a list', async () => {
    await useRepository(['i386', 'amd64']);
    repository.spoil(indexPath('amd64'), 'Package: something-else\nVersion: 1\nArchitecture: amd64\n\n');
    await refused(runYes, 1, `CG0201 apt cannot use a repository: ${repository.url}`, 'Nothing was changed');
  });

  test('that lies about an archive: what was prepared can be taken back', async () => {
    await useRepository(['i386', 'amd64']);
    await installTool();
    const before = readRootState(directory);
    const good = Buffer.from(await (await fetch(`${repository.url}/${archivePath('amd64')}`)).arrayBuffer());
    const bad = Buffer.from(good);
    bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
    repository.spoil(archivePath('amd64'), bad);
    const ending = await crossgradeAsText(directory, ...runYes);
    expectSaid(ending, 1, ['CG0211', 'Hash Sum mismatch', packageName, 'crossgrade resume']);
    expect(existsSync(join(directory, stateFile))).toBe(true);
    const status = await crossgradeAsText(directory, 'status');
    expectSaid(status, 0, [/It has stopped with: CG0211 .* Hash Sum mismatch .* type crossgrade resume --root/]);
    expect((await crossgradeAsText(directory, 'rollback', '--yes')).code).toBe(0);
    expect(diffRootStates(before, readRootState(directory))).toEqual([]);
    // Once the mirror is honest again, everything goes.
    repository.spoil(archivePath('amd64'), good);
    expectSaid(await crossgradeAsText(directory, ...runYes, '--until', 'prepare'), 0, []);
  });

  async function installTool(): Promise<void> {
    const archive = await (await fetch(`${repository.url}/${archivePath('i386')}`)).arrayBuffer();
    writeFileSync(join(directory, 'tmp/tool.deb'), Buffer.from(archive));
    const [installed] = await inRoot(directory, ['dpkg', '--install', '/tmp/tool.deb']);
    expect(installed?.exitCode).toBe(0);
    rmSync(join(directory, 'tmp/tool.deb'));
  }
});
