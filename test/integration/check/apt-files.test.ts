import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  readAptAnswers,
  readAptConfiguration,
  readPreferenceFiles,
  readSourceFiles,
} from '../../../src/apt/system/apt-files.ts';
import type { Machine } from '../../../src/base/machine.ts';
import { assess } from '../../../src/check/system/assess.ts';
import { architecturePairs } from '../../../src/debian/architecture.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';
import { checks } from '../../../steps/check/index.ts';
import { aptConfiguration } from '../../../steps/check/packages/apt-configuration.ts';
import { type Repository, serveRepository } from '../../support/roots/repository.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { crossgradeAsText } from '../../support/runs/faults.ts';

let root: FreshRoot;
let directory: string;

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal');
  directory = root.directory;
});

afterEach(() => root.dispose());

function write(path: string, content: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

async function withMachine<Value>(work: (machine: Machine) => Promise<Value>): Promise<Value> {
  const opened = await openRoot(directory, { access: 'read' });
  try {
    return await work(realMachine(opened));
  } finally {
    await opened.close();
  }
}

/** Before the dot, and after it; apt reads some of them. */
const names = ['plain', '99my.site', 'my:repo', 'a_b-c', 'sp ace', 'plus+', 'ümlaut', '.hidden', 'tilde~', 'double.'];
const endings = ['', '.list', '.sources', '.conf', '.pref', '.LIST', '.list.save', '.dpkg-old', '.'];

for (const elsewhere of [false, true]) {
  test(`what apt accepts in its folders ${elsewhere ? 'elsewhere ' : ''}is what we read, name by name`, async () => {
    const etc = elsewhere ? '/srv/my apt' : '/etc/apt';
    if (elsewhere) {
      const places = ['sourceparts "sources.d"', 'preferencesparts "preferences.d/"', 'preferences "pins"'];
      write(
        'etc/apt/apt.conf.d/00first',
        `Dir::Etc "${etc.slice(1)}/";\n${places.map((one) => `Dir::Etc::${one};\n`).join('')}`,
      );
      write(`${etc}/sources.list`, readFileSync(join(directory, 'etc/apt/sources.list'), 'utf8'));
      write(`${etc}/pins`, '');
    }
    const folders = elsewhere ? ['sources.d', 'preferences.d'] : ['sources.list.d', 'preferences.d', 'apt.conf.d'];
    for (const folder of folders) {
      for (const name of names) for (const ending of endings) write(`${etc}/${folder}/${name}${ending}`, '');
      mkdirSync(join(directory, etc, folder, 'folder.list'), { recursive: true });
    }
    write('srv/debug.conf', 'Debug::GetListOfFilesInDir "true";\n');
    const { accepted, read } = await withMachine(async (machine) => {
      // apt-cache policy reads all three.
      const said = await machine.run(['apt-cache', 'policy', 'dpkg'], {
        environment: { APT_CONFIG: '/srv/debug.conf' },
      });
      const files = await Promise.all([
        readSourceFiles(machine),
        readAptConfiguration(machine),
        readPreferenceFiles(machine),
      ]);
      return {
        accepted: [...said.stderr.matchAll(/^Accept file: (.*) in (.*)$/gm)].map(
          ([, name, folder = '']) => `${folder.replace(/\/$/, '')}/${name}`,
        ),
        read: files.flatMap((texts) => Object.keys(texts)),
      };
    });
    const inFolders = read.filter((path) => /\.d$/.test(dirname(path)) && !path.includes('trusted'));
    expect(inFolders.length).toBeGreaterThan(15);
    expect([...inFolders].sort()).toEqual(
      [...new Set(accepted)].filter((path) => !path.includes('/trusted.gpg.d/')).sort(),
    );
    expect(read).toContain(`${etc}/sources.list`);
    if (elsewhere) expect(read).toContain(`${etc}/pins`);
  });
}

describe('with a repository of their own', () => {
  let shop: Repository;

  beforeEach(async () => {
    shop = await serveRepository(directory, ['i386', 'amd64']);
  });
  afterEach(() => shop.close());

  const report = () =>
    withMachine((machine) => assess(machine, 'amd64', checks, {}, () => () => undefined, { forReport: true }));

  /** All of apt's usual sources, as stanzas. */
  function asStanzas(): string {
    const lines = readFileSync(join(directory, 'etc/apt/sources.list'), 'utf8').match(/^deb .*$/gm) ?? [];
    return lines
      .map((line) => {
        const [uri, suite, ...components] = line.replace(/^deb (\[.*?\] )?/, '').split(' ');
        return `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: ${components.join(' ')}\nArchitectures: i386\nTrusted: yes\n`;
      })
      .join('\n# the next one\n\n');
  }

  test('sources with a colon, with dots, of several stanzas and in another folder are all asked', async () => {
    write('etc/apt/sources.list.d/my:repo.list', shop.source);
    const before = asStanzas();
    write('srv/sources.d/all.of.them.sources', before);
    write('srv/sources.d/my:repo.list', shop.source);
    rmSync(join(directory, 'etc/apt/sources.list'));
    write('etc/apt/apt.conf.d/99my.site.conf', 'Dir::Etc::sourceparts "/srv/sources.d";\n');
    const { findings, solved, facts } = await report();
    expect(findings.filter(({ severity }) => severity === 'blocker')).toEqual([]);
    expect(Object.keys(facts.sourceFiles)).toEqual([
      '/srv/sources.d/all.of.them.sources',
      '/srv/sources.d/my:repo.list',
    ]);
    expect(solved?.plan.archives.length).toBeGreaterThan(60);

    const { code, text } = await crossgradeAsText(directory, 'run', '--yes', '--until', 'prepare');
    expect(text).not.toContain('CG');
    expect(code).toBe(0);
    const now = readFileSync(join(directory, 'srv/sources.d/all.of.them.sources'), 'utf8');
    expect(now).toBe(before.replaceAll('Architectures: i386', 'Architectures: i386 amd64'));
    expect(await crossgradeAsText(directory, 'rollback', '--yes')).toMatchObject({ code: 0 });
    expect(readFileSync(join(directory, 'srv/sources.d/all.of.them.sources'), 'utf8')).toBe(before);
  });
});

test('a setting in any file that apt reads is found, and one that no file of its folders has', async () => {
  const find = (id: string) =>
    withMachine(async (machine) => {
      const facts = await readFacts(machine);
      const aptAnswers = await readAptAnswers(machine);
      const [pair = expect.fail()] = architecturePairs;
      const input = { pair, root: machine.root, facts, answers: {}, aptComplaints: [], aptAnswers };
      return aptConfiguration.findings(input).find((one) => one.id === id);
    });
  write('etc/apt/apt.conf.d/99my.site.conf', 'APT::Architecture "i386";\n');
  expect(await find('packages/apt-configuration')).toMatchObject({
    severity: 'blocker',
    affected: ['/etc/apt/apt.conf.d/99my.site.conf'],
  });
  write('etc/apt/apt.conf.d/99my.site.conf', '#include "/srv/more.conf";\n');
  write('srv/more.conf', 'APT::Architectures { "i386"; "armhf"; };\n');
  expect(await find('packages/apt-configuration')).toMatchObject({
    severity: 'blocker',
    detail: expect.stringContaining('armhf'),
  });
});

test('where apt does not run, its usual files are read, and that is said', async () => {
  write('etc/apt/sources.list.d/a.b.sources', '');
  renameSync(join(directory, 'usr/bin/apt-config'), join(directory, 'usr/bin/apt-config.away'));
  const facts = await withMachine((machine) => readFacts(machine));
  expect(facts.aptPlaces).toMatchObject({ asked: false, sourceList: '/etc/apt/sources.list' });
  expect(Object.keys(facts.sourceFiles).map((path) => basename(path))).toEqual(['sources.list', 'a.b.sources']);
  expect(await withMachine(readAptAnswers)).toBeUndefined();
});
