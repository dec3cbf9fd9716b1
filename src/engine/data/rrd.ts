import { itemFolder, type RrdItem } from '../../core/data/exports.ts';
import { type RrdReport, readRrdReport } from '../../core/data/rrd.ts';
import type { Machine, RootPath } from '../../core/machine.ts';
import { exportsFolder } from '../../core/paths.ts';
import type { DataFiles } from '../survey/data.ts';
import { type Carrying, checkSums, type DataAdapter, DataTrouble, must, processorCount, writeSums } from './adapter.ts';
import { rrdScript } from './rrd-script.ts';

/** Few enough that a processor is not idle at the end, many enough that rrdtool's start does not count. */
const filesOfABatch = 100;
const listFile: RootPath = `${exportsFolder}/rrd-files.json`;

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
    const folder = itemFolder(item);
    const { bad } = await inBatches(carrying, item, 'export', ['dump']);
    await writeSums(carrying.machine, folder);
    const notes = bad.map(
      ({ path, why }) => `${path} cannot be read by the old program either, and stays as it is: ${why}`,
    );
    return { ...item, files: item.files - bad.length, notes };
  },

  // Nobody who is held writes to them; a single file that was written to is told after the import.
  stamp: async () => '',
  setAside: async () => undefined,
  putBack: async () => undefined,

  async importItem(carrying, item) {
    const { machine, pair } = carrying;
    await checkSums(machine, itemFolder(item));
    const { bad, changed } = await inBatches(carrying, item, 'import', ['restore', `.crossgrade-${pair.source.name}`]);
    if (bad.length > 0) {
      const lines = bad.slice(0, 5).map(({ path, why }) => `${path}: ${why}`);
      throw new DataTrouble(`${bad.length} of ${item.files} files could not be made anew, and are as they were`, lines);
    }
    const late = changed.length === 0 ? [] : [`written to since the export, which is lost: ${changed.join(', ')}`];
    return { ...item, differences: [...item.differences, ...late] };
  },
};

async function inBatches(
  { machine, progress }: Carrying,
  item: RrdItem,
  activity: 'export' | 'import',
  words: readonly string[],
): Promise<RrdReport> {
  const paths = JSON.parse(await machine.readText(listFile)) as string[];
  const batches = Array.from({ length: Math.ceil(paths.length / filesOfABatch) }, (_, index) => ({
    folder: `${itemFolder(item)}/${index}` as RootPath,
    paths: paths.slice(index * filesOfABatch, (index + 1) * filesOfABatch),
  }));
  const report: { bad: RrdReport['bad'][number][]; changed: string[] } = { bad: [], changed: [] };
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      await machine.makeDirectory(batch.folder, 0o700);
      const said = await must(
        machine,
        'the RRD files cannot be worked through',
        ['perl', '-e', rrdScript, '--', ...words],
        {
          input: batch.paths.map((path) => `${path}\0`).join(''),
          workingDirectory: batch.folder,
        },
      );
      const { bad, changed } = readRrdReport(said);
      report.bad.push(...bad);
      report.changed.push(...changed);
      done += batch.paths.length;
      progress(activity, done, paths.length);
    }
  };
  await Promise.all(Array.from({ length: await processorCount(machine) }, worker));
  return report;
}
