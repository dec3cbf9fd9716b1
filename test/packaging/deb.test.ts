import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aptGuardFile, stateFile, stateFolder } from '../../src/base/own-paths.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { comparisonIn, inRoot, instancesIn } from '../support/runs/conversion.ts';
import { startCrossgrade } from '../support/runs/faults.ts';

let work: string;
let deb: string;

/** Not execFileSync: a test that blocks its process for a minute looks dead to vitest. */
const execute = promisify(execFile);

async function build(folder: string): Promise<string> {
  const { stdout } = await execute('bash', ['scripts/deb.sh', join(work, folder)]);
  return stdout.trimEnd();
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'crossgrade-deb-'));
  deb = await build('first');
});

afterAll(() => rmSync(work, { recursive: true }));

it('two builds give the same bytes', async () => {
  expect(readFileSync(await build('second')).equals(readFileSync(deb))).toBe(true);
});

it('lintian finds no errors and no warnings', async () => {
  const { stdout } = await execute('lintian', ['--allow-root', '--fail-on', 'error,warning', deb]);
  expect(stdout).toBe('');
});

it('needs no other package', async () => {
  const { stdout } = await execute('dpkg-deb', ['-f', deb, 'Architecture', 'Depends', 'Pre-Depends']);
  expect(stdout).toBe('Architecture: all\n');
});

/** Below a folder of the package, without it. */
async function contents(folder: string): Promise<Map<string, string>> {
  const place = mkdtempSync(join(work, 'contents-'));
  await execute('dpkg-deb', ['--extract', deb, place]);
  const top = join(place, folder);
  const files = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  const texts = paths.map((path) => [path.slice(top.length + 1), readFileSync(path, 'utf8')] as const);
  rmSync(place, { recursive: true });
  return new Map(texts);
}

it('names the sources of the programs that it brings, of which an archive then keeps them', async () => {
  const { stdout } = await execute('dpkg-deb', ['-f', deb, 'Built-Using']);
  const sources = stdout.trim().split(', ');
  for (const source of sources) expect(source).toMatch(/^[a-z0-9][a-z0-9+.-]+ \(= [0-9][\w.+~:-]*\)$/);
  const names = sources.map((source) => source.replace(/ .*/, ''));
  expect(names).toEqual([...new Set(names)].sort());
  // Those whose licences ask for it, and the largest.
  expect(names).toEqual(expect.arrayContaining(['busybox', 'gcc-12', 'glibc', 'nodejs']));
  const documents = await contents('usr/share/doc/crossgrade');
  expect(documents.get('copyright')?.replace(/\s+/g, ' ')).toContain(`${sources.join(', ')}.`);
  const brought = (documents.get('runtime.packages') ?? '').trimEnd().split('\n');
  expect(brought.length).toBeGreaterThanOrEqual(sources.length);
  for (const line of brought) {
    const name = line.replace(/ .*/, '');
    expect(documents.get(`runtime/${name}.copyright`), name).toMatch(/licen[cs]e/i);
  }
});

it('brings the guard that keeps the host up, and every program that its units start', async () => {
  const units = await contents('usr/lib/systemd/system');
  const own = [...units].filter(([name]) => /^crossgrade.*\.service$/.test(name));
  expect(own.map(([name]) => name).sort()).toEqual(['crossgrade-guard.service', 'crossgrade.service']);
  expect(units.get('crossgrade.service')).toMatch(/^Wants=.*\bcrossgrade-guard\.service\b/m);
  const programs = own.flatMap(([, text]) => [...text.matchAll(/\/usr\/(?:lib\/crossgrade|sbin)\/\S+/g)].map(String));
  expect(programs).toContain('/usr/lib/crossgrade/guard.sh');
  const { stdout } = await execute('dpkg-deb', ['--contents', deb]);
  for (const program of new Set(programs)) expect(stdout, program).toMatch(new RegExp(` \\.${program}\\n`));
});

describe.each(['bookworm-minimal', 'bullseye-minimal'])('on %s', (name) => {
  let root: FreshRoot;
  const run = async (...argv: string[]) => {
    const [result] = await inRoot(root.directory, argv);
    if (result === undefined) throw new Error(`${argv.join(' ')} gave no result`);
    return result;
  };
  /** Everything in the root. */
  const everything = async () => {
    const argv = [root.directory, '-xdev', '-printf', '/%P\n'];
    const { stdout } = await execute('find', argv, { maxBuffer: 2 ** 28 });
    return new Set(stdout.split('\n').filter((path) => path !== ''));
  };
  let shipped: readonly string[] = [];
  let pathsBefore: ReadonlySet<string> = new Set();

  beforeAll(async () => {
    root = await freshRoot(name);
    copyFileSync(deb, join(root.directory, 'tmp/crossgrade.deb'));
  });

  afterAll(() => root.dispose());

  it('apt installs it alone, and it runs without nodejs', async () => {
    pathsBefore = await everything();
    const before = Object.keys(instancesIn(root.directory));
    await run('apt-get', 'update');
    const installed = await run('apt-get', '-y', 'install', '/tmp/crossgrade.deb');
    expect(installed.exitCode, installed.stdout).toBe(0);
    expect(Object.keys(instancesIn(root.directory)).filter((key) => !before.includes(key))).toEqual(['crossgrade:all']);
    expect(existsSync(join(root.directory, 'usr/share/nodejs'))).toBe(false);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await run('crossgrade', '--version')).stdout.trim()).toBe(`crossgrade ${version}`);
  });

  it('the installed program reports on its system, and has nothing to ask because of itself', async () => {
    const { stdout, exitCode } = await run('crossgrade', 'check', '--json');
    const report = JSON.parse(stdout) as { findings: { id: string; severity: string; affected: string[] }[] };
    const own = report.findings.filter(({ affected }) => affected.some((one) => /crossgrade/.test(one)));
    expect([0, 3]).toContain(exitCode);
    expect(own).toEqual([]);
  });

  it('it cannot be removed in the middle of a crossgrade, from its first change on', async () => {
    const refused = async () => {
      const removal = await run('dpkg', '--purge', 'crossgrade');
      expect(removal.exitCode).not.toBe(0);
      expect(removal.stderr).toContain('crossgrade resume');
      expect(Object.keys(instancesIn(root.directory))).toContain('crossgrade:all');
      expect((await run('crossgrade', 'status')).exitCode).toBe(0);
    };
    const working = startCrossgrade(root.directory, ['run', '--yes', '--until', 'libraries']);
    await working.until((event) => event.type === 'step-started' && event.step === 'prepare/update-package-lists');
    process.kill(working.pid, 'SIGINT');
    expect((await working.ended).code).toBe(130);
    // It comes right after the record of what was before.
    expect(existsSync(join(root.directory, aptGuardFile))).toBe(true);
    await refused();
    // Who has lost the newest state has begun one nevertheless.
    const state = join(root.directory, stateFile);
    renameSync(state, `${state}.aside`);
    expect((await run('dpkg', '--remove', 'crossgrade')).stderr).toContain('crossgrade rollback');
    renameSync(`${state}.aside`, state);
    expect((await startCrossgrade(root.directory, ['resume', '--until', 'libraries']).ended).code).toBe(0);
    await refused();
  });

  it('its system is crossgraded, and it stays as it was', async () => {
    const listed = (await run('dpkg', '-L', 'crossgrade')).stdout;
    shipped = listed.split('\n').filter((path) => path !== '' && path !== '/.' && !pathsBefore.has(path));
    expect(shipped).toContain('/usr/sbin/crossgrade');
    const ending = await startCrossgrade(root.directory, ['resume', '--yes'], { output: 'text' }).ended;
    expect(ending.code, ending.text).toBe(0);
    const comparison = comparisonIn(root.directory);
    expect(JSON.stringify(comparison)).not.toContain('/usr/lib/crossgrade');
    expect((await run('dpkg', '-L', 'crossgrade')).stdout).toBe(listed);
    expect((await run('dpkg', '--verify', 'crossgrade')).stdout).toBe('');
    expect((await run('dpkg', '--print-architecture')).stdout.trim()).toBe('amd64');
    expect((await run('crossgrade', '--version')).exitCode).toBe(0);
    expect((await run('/usr/lib/crossgrade/busybox', 'true')).exitCode).toBe(0);
  });

  it('it is not removed as long as it keeps data that could not be imported, or services', async () => {
    const folder = join(root.directory, 'var/lib/crossgrade/exports');
    const item = {
      id: 'rrd',
      kind: 'rrd',
      name: '',
      path: '/',
      bytes: 1,
      files: 1,
      stamp: '',
      differences: [],
      notes: [],
    };
    const write = (state: string, holds: readonly object[]) => {
      mkdirSync(folder, { recursive: true });
      const manifest = { version: 1, complete: true, changedAt: '', holds, items: [{ ...item, state }] };
      writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    };
    const purged = async () => (await run('dpkg', '--purge', 'crossgrade')).stderr.replace(/\s+/g, ' ');
    write('failed', []);
    const refusal = await purged();
    expect(refusal).toContain("type 'crossgrade resume'");
    expect(refusal).toContain('mv /var/lib/crossgrade/exports /var/backups/crossgrade-exports');
    write('imported', [{ unit: 'cron.service', wasActive: true, items: ['rrd'] }]);
    expect(await purged()).toContain('kept crossgrade: from running');
    expect(existsSync(join(folder, 'manifest.json'))).toBe(true);
    write('imported', []);
  });

  it('purged, it keeps exported data, and nothing else of its state', async () => {
    const state = join(root.directory, stateFolder);
    const exported = join(state, 'exports/rrd');
    mkdirSync(exported);
    writeFileSync(join(exported, 'rrd.tar'), Buffer.alloc(3 << 20, 1));
    const purge = await run('apt-get', '-y', 'purge', 'crossgrade');
    expect(purge, purge.stderr).toMatchObject({ exitCode: 0 });
    const kept = /^crossgrade: kept \/var\/lib\/crossgrade\/exports \(3\.\dM\); remove it when all is well\r?$/m;
    // apt gives its scripts a terminal, whose output is its own.
    expect(`${purge.stdout}${purge.stderr}`).toMatch(kept);
    expect(readdirSync(state)).toEqual(['exports']);
    expect(readdirSync(join(state, 'exports')).sort()).toEqual(['manifest.json', 'rrd']);
    expect((await run('apt-get', '-y', 'install', '/tmp/crossgrade.deb')).exitCode).toBe(0);
    rmSync(exported, { recursive: true });
  });

  it('purged, it leaves nothing but the logs', async () => {
    rmSync(join(root.directory, 'tmp/crossgrade.deb'));
    expect((await run('apt-get', '-y', 'purge', 'crossgrade')).exitCode).toBe(0);
    const left = [...(await everything())];
    expect(left.filter((path) => shipped.includes(path))).toEqual([]);
    expect(left.filter((path) => path.endsWith('crossgrade') || path.includes('crossgrade.'))).toEqual([
      '/var/log/crossgrade',
    ]);
  });
});
