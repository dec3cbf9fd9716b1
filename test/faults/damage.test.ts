import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveFolder, planFile, previousStateFile, stateFile } from '../../src/base/own-paths.ts';
import { readPlan } from '../../src/plan/plan.ts';
import { markSome } from '../support/runs/conversion.ts';
import { crossgrade, crossgradeAsText, prepare, tail, withRoot } from '../support/runs/faults.ts';
import { changesIn, differencesFrom, type Undisturbed, undisturbed } from '../support/runs/kills.ts';

let expected: Undisturbed;

beforeAll(async () => {
  expected = await undisturbed(await prepare('bookworm-minimal', markSome));
});

afterAll(() => expected?.origin.dispose());

/** An archive of the wave, as the plan names it. */
function archiveOf(directory: string, wave: string): string {
  const plan = readPlan(readFileSync(join(directory, planFile), 'utf8'));
  const keys = plan.batches.filter((batch) => batch.wave === wave).flatMap((batch) => batch.instances);
  const archive = plan.archives.find(({ key }) => key === keys[Math.floor(keys.length / 2)]);
  if (!archive) throw new Error(`No archive in wave ${wave}`);
  return join(directory, archiveFolder, archive.fileName);
}

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

/** A mirror that is gone: nobody listens on this port. */
function cutOff(directory: string): () => void {
  const file = join(directory, 'etc/apt/apt.conf.d/zz-dead-proxy');
  writeFileSync(file, 'Acquire::http::Proxy "http://127.0.0.1:9";\nAcquire::https::Proxy "http://127.0.0.1:9";\n');
  return () => rmSync(file);
}

test('an archive that was damaged after the download never reaches dpkg, and is fetched again', () =>
  withRoot(expected.origin, async ({ directory }) => {
    const archive = archiveOf(directory, 'core');
    flipByte(archive);
    const ending = await crossgradeAsText(directory, 'resume');
    expect(ending, tail(ending)).toMatchObject({ code: 1 });
    expect(ending.text).toMatch(/^CG0220 {2}.*is not what the signed package lists promise/m);
    expect(existsSync(archive)).toBe(false);

    const reconnect = cutOff(directory);
    const gone = await crossgradeAsText(directory, 'resume');
    expect(gone, tail(gone)).toMatchObject({ code: 1 });
    expect(gone.text).toMatch(/^CG0211 {2}apt could not fetch all packages/m);
    expect(gone.text).toContain('127.0.0.1');
    reconnect();

    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    expect(await differencesFrom(expected, directory)).toEqual([]);
  }));

test('an archive of which only a part is there is fetched again', () =>
  withRoot(expected.origin, async ({ directory }) => {
    const archive = archiveOf(directory, 'core');
    const { length } = readFileSync(archive);
    truncateSync(archive, length >> 1);
    const end = await crossgrade(directory, 'resume', '--until', 'prepare');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    expect(readFileSync(archive)).toHaveLength(length);
  }));

test('after the download a run needs no mirror', () =>
  withRoot(expected.origin, async ({ directory }) => {
    const reconnect = cutOff(directory);
    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    reconnect();
    expect(await differencesFrom(expected, directory)).toEqual([]);
  }));

test('a state file that was cut off is refused, and its copy is as good', () =>
  withRoot(expected.origin, async ({ directory }) => {
    expect(await crossgrade(directory, 'resume', '--until', 'libraries')).toMatchObject({ code: 0 });
    const file = join(directory, stateFile);
    truncateSync(file, readFileSync(file).length >> 1);
    const changes = changesIn(directory);
    for (const command of ['resume', 'run', 'status', 'rollback'] as const) {
      const words = command === 'run' || command === 'rollback' ? [command, '--yes'] : [command];
      const ending = await crossgradeAsText(directory, ...words);
      expect(ending, `${command}: ${tail(ending)}`).toMatchObject({ code: 1 });
      expect(ending.text).toMatch(/^CG0140 {2}/m);
      // What it says there is done here.
      expect(ending.text.replaceAll(/\s+/g, ' ')).toContain(
        `cp ${directory}${previousStateFile} ${directory}${stateFile}`,
      );
    }
    expect(changesIn(directory)).toBe(changes);
    copyFileSync(join(directory, previousStateFile), file);
    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    expect(await differencesFrom(expected, directory)).toEqual([]);
  }));
