import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import rrdScript from '#guest/data/rrd.pl';
import jobsScript from '#guest/data/rrd-jobs.sh';
import type { Machine } from '../../base/machine.ts';
import { exportsFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { DataTrouble, lastLines } from '../../base/system/must.ts';
import { hasSystemd } from '../../services/system/hold-units.ts';
import { itemFolder, type RrdItem } from '../exports.ts';
import { type RrdRemark, readRrdRemarks } from '../rrd.ts';
import { rrdSliceBytes } from '../space.ts';
import { type Job, leftByRrdWriters, readJobs } from '../units.ts';
import { type Carrying, checkSums, type DataAdapter, processorCount, writeSums } from './adapter.ts';
import type { DataFiles } from './survey-data.ts';

/** Few enough that a processor is not idle at the end, many enough that rrdtool's start does not count. */
const filesOfABatch = 100;
/** As often files that were written to meanwhile are exported again, this long after another. */
const mostRounds = 5;
const roundMs = 1_000;
/** What cron has started may take some minutes, as munin's and cacti's jobs do; what never loads rrdtool's library may go on. */
const writerLimitMs = 5 * 60_000;
const otherLimitMs = 30_000;
export const listFile: RootPath = `${exportsFolder}/rrd-files.json`;

/** All RRD files of the system are one item; which they are stands in a file of its own. */
export async function rrdItem(machine: Machine, files: DataFiles['files']): Promise<RrdItem> {
  await machine.makeDirectory(exportsFolder, 0o700);
  await machine.write(listFile, JSON.stringify(files.map(({ path }) => path)), { mode: 0o600 });
  return {
    id: 'rrd',
    kind: 'rrd',
    name: '',
    path: '/',
    bytes: files.reduce((sum, one) => sum + one.bytes, 0),
    files: files.length,
    state: 'found',
    stamp: '',
    differences: [],
    notes: [],
  };
}

/** rrdtool's XML, a folder for each hundred files, some folders at a time. */
export const rrdAdapter: DataAdapter<'rrd'> = {
  async exportItem(carrying, item) {
    const { machine, pair, tell } = carrying;
    await jobsHaveEnded(carrying);
    const remarks = await exportUntilQuiet(carrying, item, ['dump', asideSuffix(pair)]);
    await writeSums(machine, itemFolder(item));
    const lines = (word: RrdRemark['word'], text: string) =>
      remarks.filter((one) => one.word === word).map(({ path, why }) => `${path} ${text}${why && `: ${why}`}`);
    const left = lines('left', 'was not exported, and stays in 32 bit');
    for (const line of left) tell(line);
    return {
      ...item,
      files: (await listed(machine)).length - remarks.length,
      differences: left,
      notes: [
        ...lines('bad', 'cannot be read by the old program either, and stays as it is'),
        ...lines('gone', 'was removed by somebody before it was exported'),
      ],
    };
  },

  async stamp(machine, item) {
    const stamps = (await stampsOf(machine, item)).map(({ path, why }) => `${path}\0${why}\0`);
    return createHash('sha256').update(stamps.join('')).digest('hex');
  },

  // They stay in their places, where the old program reads them till the end.
  async setAside(machine, item) {
    const changed = await writtenTo(machine, item);
    if (changed.length > 0) throw await stillWrittenTo(machine, changed);
  },
  putBack: async () => undefined,

  async importItem(carrying, item) {
    const { machine, pair } = carrying;
    await checkSums(machine, itemFolder(item));
    const remarks = await inBatches(carrying, item, 'import', () => ['restore', asideSuffix(pair)]);
    const gone = remarks.filter(({ word }) => word === 'gone');
    const late = remarks.filter(({ word }) => word === 'changed');
    const failed = remarks.filter(({ word }) => word === 'bad' || word === 'left');
    const lines = failed.map(({ path, why }) => `${path}: ${why}`);
    if (failed.length > 0 && failed.length + gone.length === item.files) {
      throw new DataTrouble('none of them could be made anew: all are as they were', lines.slice(0, 5));
    }
    return {
      ...item,
      differences: [
        ...item.differences,
        ...(late.length === 0
          ? []
          : [`written to since the export, which is lost: ${late.map(({ path }) => path).join(', ')}`]),
        ...(failed.length === 0 ? [] : [await leftByHand(machine, item, failed)]),
      ],
      notes: [...item.notes, ...gone.map(({ path }) => `${path} was removed by somebody after it was exported`)],
    };
  },
};

function asideSuffix({ source }: Carrying['pair']): string {
  return `.crossgrade-${source.name}`;
}

interface Batch {
  readonly folder: RootPath;
  readonly paths: readonly string[];
}

async function listed(machine: Machine): Promise<string[]> {
  return JSON.parse(await machine.readText(listFile)) as string[];
}

function zeroEnded(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}

async function batchesOf(machine: Machine, item: RrdItem): Promise<Batch[]> {
  const paths = await listed(machine);
  return Array.from({ length: Math.ceil(paths.length / filesOfABatch) }, (_, index) => ({
    folder: `${itemFolder(item)}/${index}` as RootPath,
    paths: paths.slice(index * filesOfABatch, (index + 1) * filesOfABatch),
  }));
}

async function inBatches(
  { machine, progress }: Carrying,
  item: RrdItem,
  activity: 'export' | 'import',
  wordsOf: (batch: Batch) => readonly string[] | undefined,
): Promise<RrdRemark[]> {
  const batches = (await batchesOf(machine, item)).filter((batch) => wordsOf(batch) !== undefined);
  const total = batches.reduce((sum, { paths }) => sum + paths.length, 0);
  const remarks: RrdRemark[] = [];
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      await machine.makeDirectory(batch.folder, 0o700);
      try {
        remarks.push(...(await inBatch(machine, batch, wordsOf(batch) ?? [])));
      } catch (error) {
        batches.length = 0;
        throw error;
      }
      done += batch.paths.length;
      progress(activity, done, total);
    }
  };
  // Each has come to its end before anybody hears of a failure, and takes the exports away.
  const ends = await Promise.allSettled(Array.from({ length: await processorCount(machine) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return remarks;
}

async function inBatch(machine: Machine, { folder, paths }: Batch, words: readonly string[]): Promise<RrdRemark[]> {
  const { exitCode, stdout, stderr } = await machine.run(
    ['perl', '-e', rrdScript, '--', `${rrdSliceBytes}`, ...words],
    {
      input: zeroEnded(paths),
      workingDirectory: folder,
    },
  );
  if (exitCode !== 0) throw new DataTrouble('the RRD files cannot be worked through', lastLines(stderr));
  return readRrdRemarks(stdout, paths);
}

/** What was written to while it was exported is exported again, until nothing is. */
async function exportUntilQuiet(carrying: Carrying, item: RrdItem, words: readonly string[]): Promise<RrdRemark[]> {
  const { machine, tell } = carrying;
  let remarks = await inBatches(carrying, item, 'export', () => words);
  for (let round = 1; ; round++) {
    const changed = new Set(await writtenTo(machine, item));
    if (changed.size === 0) return remarks;
    if (round > mostRounds) throw await stillWrittenTo(machine, [...changed]);
    tell(`${changed.size} RRD ${changed.size === 1 ? 'file was' : 'files were'} written to meanwhile: once more`);
    await sleep(roundMs);
    const again = await inBatches(carrying, item, 'export', ({ paths }) => {
      const numbers = paths.flatMap((path, index) => (changed.has(path) ? [String(index)] : []));
      return numbers.length > 0 ? [...words, ...numbers] : undefined;
    });
    remarks = [...remarks.filter(({ path }) => !changed.has(path)), ...again];
  }
}

/** Of each file: its stamp is the reason. */
async function stampsOf(machine: Machine, item: RrdItem): Promise<RrdRemark[]> {
  const remarks: RrdRemark[] = [];
  for (const batch of await batchesOf(machine, item)) remarks.push(...(await inBatch(machine, batch, ['stamps'])));
  return remarks;
}

async function writtenTo(machine: Machine, item: RrdItem): Promise<string[]> {
  return (await stampsOf(machine, item)).filter(({ word }) => word === 'changed').map(({ path }) => path);
}

async function stillWrittenTo(machine: Machine, changed: readonly string[]): Promise<DataTrouble> {
  const users = (await jobsOf(machine)).filter(({ usesRrd }) => usesRrd);
  return new DataTrouble('RRD files are written to, though the services that are known to do so are stopped', [
    `${changed.slice(0, 5).join(', ')}${changed.length > 5 ? ` and ${changed.length - 5} more` : ''}`,
    users.length > 0 ? `rrdtool’s library is used by ${describeJobs(users)}` : 'who does it does not run now',
  ]);
}

async function jobsOf(machine: Machine): Promise<Job[]> {
  const { stdout } = await machine.run(['sh', '-c', jobsScript]);
  return readJobs(stdout);
}

function describeJobs(jobs: readonly Job[]): string {
  return jobs
    .map(({ pid, command, unit }) => `${command} (pid ${pid}${unit === undefined ? '' : ` of ${unit}`})`)
    .join(', ');
}

/** A service that is stopped may leave to themselves the programs that it has started, as cron does. */
async function jobsHaveEnded({ machine, tell }: Carrying): Promise<void> {
  if (!(await hasSystemd(machine))) return;
  const begun = Date.now();
  for (let isTold = false; ; isTold = true) {
    const jobs = leftByRrdWriters(await jobsOf(machine));
    const writers = jobs.filter(({ usesRrd }) => usesRrd);
    if (jobs.length === 0) return;
    if (Date.now() - begun > (writers.length > 0 ? writerLimitMs : otherLimitMs)) {
      if (writers.length === 0) return;
      throw new DataTrouble('programs that may write RRD files do not end', [describeJobs(writers)]);
    }
    if (!isTold) tell(`waiting for programs of stopped services: ${describeJobs(jobs)}`);
    await sleep(roundMs);
  }
}

/** @returns what somebody has to do for files that are as they were; for all but the first ones a file says it */
async function leftByHand(machine: Machine, item: RrdItem, failed: readonly RrdRemark[]): Promise<string> {
  const places = new Map(
    (await batchesOf(machine, item)).flatMap(({ folder, paths }) =>
      paths.map((path, index): [string, string] => [path, `${folder}/${index}.xml.gz`]),
    ),
  );
  const file: RootPath = `${exportsFolder}/rrd-failed.txt`;
  const lines = failed.map(({ path, why }) => `${path}: ${why}; its export: ${places.get(path)}`);
  await machine.write(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return (
    `${failed.length} of ${item.files} could not be made anew, and are as they were (all: ${file}): ` +
    `${lines.slice(0, 3).join('; ')}. By hand: zcat EXPORT | rrdtool restore -f - FILE`
  );
}
