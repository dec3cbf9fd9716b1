import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { archiveFolder, comparisonFile, logFolder, planFile, stateFile } from '../../../src/base/own-paths.ts';
import type { CommandResult, RootPath } from '../../../src/base/root.ts';
import type { Comparison } from '../../../src/compare/comparison.ts';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import { mergeStatusUpdates } from '../../../src/debian/package-stanza.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { type Plan, readPlan } from '../../../src/plan/plan.ts';
import { type ElfFile, findElf } from './elf.ts';
import { type Ending, startCrossgrade } from './faults.ts';

/** Runs programs in a root, one after the other, as an administrator would on the system itself. */
export async function inRoot(directory: string, ...commands: readonly (readonly string[])[]): Promise<CommandResult[]> {
  const opened = await openRoot(directory, { access: 'write' });
  try {
    const machine = realMachine(opened);
    const results: CommandResult[] = [];
    for (const argv of commands) results.push(await machine.run(argv));
    return results;
  } finally {
    await opened.close();
  }
}

/** The installed packages, by dpkg's database itself. */
export function installedIn(directory: string): InstalledPackage[] {
  const text = readFileSync(join(directory, 'var/lib/dpkg/status'), 'utf8');
  return mergeStatusUpdates(text, '/var/lib/dpkg/status', []).filter(({ state }) => state !== 'config-files');
}

/** `name:architecture` to version. */
export function instancesIn(directory: string): Record<string, string> {
  return Object.fromEntries(
    installedIn(directory)
      .map(({ name, architecture, version }): [string, string] => [`${name}:${architecture}`, version])
      .sort(),
  );
}

/** What apt-mark(8) says. */
export interface Marks {
  readonly automatic: readonly string[];
  readonly manual: readonly string[];
  readonly holds: readonly string[];
}

export async function marksOf(directory: string): Promise<Marks> {
  const [automatic, manual, holds] = await inRoot(
    directory,
    ['apt-mark', 'showauto'],
    ['apt-mark', 'showmanual'],
    ['apt-mark', 'showhold'],
  );
  const names = (result: CommandResult | undefined) => (result?.stdout ?? '').split('\n').filter(Boolean).sort();
  return { automatic: names(automatic), manual: names(manual), holds: names(holds) };
}

/** Marks of every kind, on packages of every kind: the same ones whenever it is done. */
export async function markSome(directory: string): Promise<void> {
  const names = [...new Set(installedIn(directory).map(({ name }) => name))].sort();
  const every = (count: number, from: number) => names.filter((_, index) => index % count === from);
  await inRoot(
    directory,
    ['apt-mark', 'auto', ...every(5, 0)],
    ['apt-mark', 'manual', ...every(5, 1)],
    ['apt-mark', 'hold', ...every(9, 2)],
  );
}

/** The marks that the plan makes of those that were there: names that went are gone, new ones are automatic. */
export function carried(before: Marks, plan: Plan): Marks {
  const gone = new Set(plan.changes.filter(({ change }) => change === 'vanishing').map(({ name }) => name));
  const added = plan.changes.filter(({ change }) => change === 'added').map(({ name }) => name);
  const successors = new Set(Object.values(plan.renamed));
  const names = (list: readonly string[]) =>
    list.map((name) => plan.renamed[name] ?? name).filter((name) => !gone.has(name) || successors.has(name));
  const asked = added.filter((name) => !successors.has(name));
  return {
    automatic: [...new Set([...names(before.automatic), ...asked])].sort(),
    manual: [...new Set(names(before.manual))].sort(),
    holds: names(before.holds).sort(),
  };
}

/** A conversion without anybody's help, the plan as it was before the first change, and how much was downloaded. */
export async function convert(
  directory: string,
  ...options: string[]
): Promise<{ ending: Ending; plan: Plan | undefined; archiveBytes: number }> {
  const working = startCrossgrade(directory, ['run', '--yes', ...options], { output: 'text' });
  while (!existsSync(join(directory, stateFile)) && !working.ending()) await sleep(50);
  const plan = existsSync(join(directory, planFile)) ? planIn(directory) : undefined;
  let archiveBytes = 0;
  while (!working.ending()) {
    archiveBytes = Math.max(archiveBytes, archiveBytesIn(directory));
    await sleep(200);
  }
  return { ending: await working.ended, plan, archiveBytes };
}

/** Of what is downloaded: they are gone at the end. */
function archiveBytesIn(directory: string): number {
  const folder = join(directory, archiveFolder);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.deb')) : [];
  return names.reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

export function planIn(directory: string): Plan {
  return readPlan(readFileSync(join(directory, planFile), 'utf8'));
}

export function comparisonIn(directory: string): Comparison {
  return JSON.parse(readFileSync(join(directory, comparisonFile), 'utf8')) as Comparison;
}

/** Words of which each must be accounted for, when they stand in what a user reads. */
const alarming = /error|warning|fail|cannot|can't|unable|denied|refus|not found|no such|^[EW]: /i;

/** Names of source packages are in them, too. */
function withoutUris(line: string): string {
  return line.replaceAll(/\bhttps?:\/\/\S+/g, '');
}

/** Says itself that all is well. */
const calm = /^no blockers, no warnings, /;

/**
 * What looks like an error in the logs and on the screen; names of packages and their files apart.
 *
 * @param warnings titles of the report's warnings that are right, where there are such packages; no other is counted
 */
export function alarmingLines(
  directory: string,
  screen: string,
  names: readonly string[],
  warnings: readonly string[],
): string[] {
  const innocent = names.filter((name) => alarming.test(name));
  const told = warnings.filter((title) => screen.split('\n').includes(`warning: ${title}`));
  const expected = new Set([
    ...told.map((title) => `warning: ${title}`),
    `no blockers, ${counted(told.length, 'warning')}, `,
  ]);
  const folder = join(directory, logFolder);
  const texts: readonly (readonly [string, string])[] = [
    ['screen', screen],
    ...readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const),
  ];
  return texts.flatMap(([name, text]) =>
    text
      .split('\n')
      .filter((line) => alarming.test(innocent.reduce((rest, each) => rest.replaceAll(each, ''), withoutUris(line))))
      .filter((line) => !calm.test(line) && !expected.has(line.replace(/^(no blockers, .*?, ).*/, '$1')))
      .map((line) => `${name}: ${line}`),
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Files of the old class, by the package that ships them; '' for those of nobody. */
export function foreignElf(directory: string, bits: 32 | 64): Map<string, ElfFile[]> {
  const left = findElf(directory, ['/']).filter((file) => file.bits === bits);
  const owners = new Map<string, string>();
  const info = join(directory, 'var/lib/dpkg/info');
  for (const list of readdirSync(info).filter((name) => name.endsWith('.list'))) {
    for (const path of readFileSync(join(info, list), 'utf8').split('\n'))
      owners.set(path, list.split(/[.:]list|:/)[0] ?? '');
  }
  const found = new Map<string, ElfFile[]>();
  for (const file of left) {
    const owner = owners.get(file.path) ?? owners.get(file.path.replace(/^\/usr(?=\/)/, '')) ?? '';
    found.set(owner, [...(found.get(owner) ?? []), file]);
  }
  return found;
}

export function textIn(directory: string, path: RootPath): string {
  const host = join(directory, path);
  return existsSync(host) ? readFileSync(host, 'utf8') : '';
}
