import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logFolder, reportFile, stateFolder } from '../../../src/base/own-paths.ts';
import { text } from '../../../src/base/printable.ts';
import { writeLog } from '../../../src/base/system/logs.ts';
import { packageName, type Repository, serveRepository } from '../../support/roots/repository.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { inRoot } from '../../support/runs/conversion.ts';
import { crossgradeAsText, type Ending, startCrossgrade, tail } from '../../support/runs/faults.ts';
import { performOn } from '../../support/runs/perform-on.ts';

/** What of a root is nobody's business but root's: passwords in addresses, and the logs. */

/** Its signs are spelt in more than one way; its first part is not. */
const password = 's3same@+~%x';
const proxyPassword = 'pr0xyw0rd';
const spelt = encodeURIComponent(password);
const secrets = ['s3same', proxyPassword];

let root: FreshRoot;
let repository: Repository;
let ending: Ending;
/** Words of every process of the machine while the run was at work. */
const seen = new Set<string>();
const inside = (path: string) => join(root.directory, path);

beforeAll(async () => {
  root = await freshRoot('bookworm-minimal');
  const gate = { login: `reader:${password}`, proxyLogin: `wall:${proxyPassword}`, archiveMs: 700 };
  repository = await serveRepository(root.directory, ['i386', 'amd64'], gate);
  const { host, port } = new URL(repository.url);
  const source = `deb [trusted=yes] http://reader:${spelt}@${host}/ test main\n`;
  writeFileSync(inside('etc/apt/sources.list.d/shop.list'), source);
  // The same server is its own proxy.
  const proxy = `Acquire::http::Proxy::127.0.0.1 "http://wall:${proxyPassword}@127.0.0.1:${port}";\n`;
  writeFileSync(inside('etc/apt/apt.conf.d/50proxy'), proxy);
  for (const argv of [['update'], ['-y', 'install', packageName]]) {
    const [done] = await inRoot(root.directory, ['apt-get', '-qq', ...argv]);
    expect(done, done?.stderr).toMatchObject({ exitCode: 0 });
  }
  // As a version before this one has left it.
  mkdirSync(inside(logFolder), { mode: 0o755 });
  chmodSync(inside(logFolder), 0o755);
  writeFileSync(inside(`${logFolder}/dpkg.log`), 'of an earlier run\n', { mode: 0o644 });
  writeFileSync(inside(`${logFolder}/report.txt`), 'of an earlier run\n', { mode: 0o644 });
  const working = startCrossgrade(root.directory, ['run', '--yes', '--verbose', '--until', 'libraries']);
  while (working.ending() === undefined) {
    for (const line of commandLines()) seen.add(line);
    await new Promise((done) => setTimeout(done, 20));
  }
  ending = await working.ended;
  expect(ending.code, tail(ending)).toBe(0);
});

afterAll(async () => {
  await repository?.close();
  await root?.dispose();
});

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });
}

function expectNoSecret(text: string, where: string): void {
  for (const secret of secrets) expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

describe('passwords in addresses of sources and proxies', () => {
  test('are words of no command line, though the package that they guard is fetched', () => {
    const downloads = [...seen].filter((line) => line.includes('download-file'));
    expect(downloads.some((line) => line.includes(`${packageName}_1.0_amd64.deb`))).toBe(true);
    for (const line of seen) expectNoSecret(line, line);
    const fetched = readdirSync(inside('var/cache/crossgrade/archives'));
    expect(fetched).toContain(`${packageName}_1.0_amd64.deb`);
  });

  test('are in no log, no plan and no event', () => {
    expectNoSecret(JSON.stringify(ending.events), 'an event');
    expectNoSecret(ending.text, 'the output');
    const kept = [logFolder, stateFolder].flatMap((folder) => filesBelow(inside(folder)));
    expect(kept.map((path) => path.slice(path.lastIndexOf('/') + 1))).toEqual(
      expect.arrayContaining(['download.log', 'plan.json', 'target.json', 'journal.jsonl', 'dpkg.log']),
    );
    expect(kept.filter((path) => path.includes('download-auth'))).toEqual([]);
    // What was before is kept whole, for root alone: the copies of /etc and of the sources.
    const isWhole = (path: string) => path.includes(`${stateFolder}/before`) || path.endsWith('/basis.json');
    for (const path of kept.filter((one) => !isWhole(one))) {
      expectNoSecret(readFileSync(path, 'utf8'), path);
    }
  });

  test('are in no report', async () => {
    const page = inside('tmp/report.html');
    const answers = inside('tmp/answers.json');
    const shown = await crossgradeAsText(root.directory, 'check', '--verbose', '--html', page);
    const data = await crossgradeAsText(root.directory, 'check', '--json', '--answers-template', answers);
    const status = await crossgradeAsText(root.directory, 'status', '--verbose');
    expectNoSecret(`${shown.text}${data.text}${status.text}`, 'a report');
    for (const path of [page, answers]) expectNoSecret(readFileSync(path, 'utf8'), path);
  });
});

test('the logs are for root and adm alone, also what an older version has left', () => {
  const adm = Number(/^adm:[^:]*:(\d+):/m.exec(readFileSync(inside('etc/group'), 'utf8'))?.[1]);
  const modeOf = (path: string) => {
    const { mode, uid, gid } = lstatSync(inside(path));
    return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
  };
  expect(modeOf(logFolder)).toBe(`750 0:${adm}`);
  expect(readdirSync(inside(logFolder)).sort()).toEqual(['download.log', 'dpkg.log', 'report.txt']);
  for (const name of readdirSync(inside(logFolder))) expect(modeOf(`${logFolder}/${name}`), name).toBe(`640 0:${adm}`);
});

test('so they are when the package is installed over an older one', async () => {
  const script = readFileSync(new URL('../../../packaging/postinst', import.meta.url));
  writeFileSync(inside('tmp/postinst'), script, { mode: 0o755 });
  chmodSync(inside(logFolder), 0o755);
  chmodSync(inside(`${logFolder}/dpkg.log`), 0o644);
  expect(await inRoot(root.directory, ['/tmp/postinst', 'configure'])).toMatchObject([{ exitCode: 0 }]);
  const modes = [logFolder, `${logFolder}/dpkg.log`].map((path) => (lstatSync(inside(path)).mode & 0o7777).toString(8));
  expect(modes).toEqual(['750', '640']);
});

test('a report of the end is, too; where there is no group adm, for root alone', async () => {
  const modeOf = (path: string) =>
    `${(lstatSync(inside(path)).mode & 0o7777).toString(8)} ${lstatSync(inside(path)).gid}`;
  const write = () =>
    performOn(root.directory, ({ machine }) => writeLog(machine, reportFile, text`new\n`), { step: 'finish/compare' });
  rmSync(inside(logFolder), { recursive: true });
  expect(await write()).not.toHaveProperty('failure');
  expect([modeOf(logFolder), modeOf(reportFile)]).toEqual(['750 4', '640 4']);
  rmSync(inside(logFolder), { recursive: true });
  const groups = readFileSync(inside('etc/group'), 'utf8');
  writeFileSync(inside('etc/group'), groups.replace(/^adm:.*\n/m, ''));
  expect(await write()).not.toHaveProperty('failure');
  expect([modeOf(logFolder), modeOf(reportFile)]).toEqual(['700 0', '600 0']);
  writeFileSync(inside('etc/group'), groups);
});
