import ldifSum from '#guest/data/ldif-sum.sh';
import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { DataTrouble, must } from '../../base/system/must.ts';
import { asUser, asUserWith, type Owner, othersFolder } from '../../base/system/others-folder.ts';
import { itemFolder, type SlapdItem } from '../exports.ts';
import { checkSums, type DataAdapter, writeSums } from './adapter.ts';
import { slapdConfiguration, slapdOwner } from './survey-data.ts';

/** One database, as slapcat writes it and slapadd reads it. Its files go into a folder beside the new ones. */
export const slapdAdapter: DataAdapter<'slapd'> = {
  async exportItem({ machine }, item) {
    const { option, path } = await slapdConfiguration(machine);
    const owner = await slapdOwner(machine, item.path);
    if ('what' in owner) throw new DataTrouble(owner.text);
    const known: SlapdItem = { ...item, ...owner, configuration: [option, path] };
    const folder = itemFolder(item);
    await slapcat(machine, known, ldifOf(folder));
    const counted = await machine.run(['grep', '--count', '^dn:', ldifOf(folder)]);
    await writeSums(machine, folder);
    return { ...known, entries: Number(counted.stdout) || 0 };
  },

  stamp: async (machine, item) => {
    for (const name of ['data.mdb', 'id2entry.bdb'] as const) {
      const info = await machine.info(`${item.path}/${name}`);
      if (info) return `${info.bytes} ${info.mtimeMs}`;
    }
    return '';
  },

  async setAside(machine, item, { source }) {
    const aside: RootPath = `${item.path}/crossgrade-${source.name}`;
    if ((await machine.list(aside)).some(isDatabase)) return;
    const hands = othersFolder(machine, item);
    await hands.makeFolder(aside, 0o700);
    // The database itself last: as long as it is not there, this is not done.
    const names = (await filesIn(machine, item.path)).sort((a, b) => Number(isDatabase(a)) - Number(isDatabase(b)));
    for (const name of names) await hands.moveInto(aside, `${item.path}/${name}`);
    if (names.includes('DB_CONFIG')) {
      const copy = ['cp', '--archive', '--no-target-directory', `${aside}/DB_CONFIG`, `${item.path}/DB_CONFIG`];
      await must(machine, 'DB_CONFIG cannot be copied', asUser(item, copy));
    }
  },

  async putBack(machine, item, { source }) {
    const aside: RootPath = `${item.path}/crossgrade-${source.name}`;
    if (!(await machine.info(aside))) return;
    const hands = othersFolder(machine, item);
    for (const name of await machine.list(aside)) await hands.moveInto(item.path, `${aside}/${name}`);
    await hands.remove(aside);
  },

  async importItem({ machine, pair }, item) {
    const folder = itemFolder(item);
    const aside: RootPath = `${item.path}/crossgrade-${pair.source.name}`;
    if (!(await machine.list(aside)).some(isDatabase))
      throw new DataTrouble(`${aside}, the original, is not there any more`);
    await checkSums(machine, folder);
    // As long as it is there, a database in the folder is ours, of an attempt that was killed.
    const importing: RootPath = `${folder}/importing`;
    if (await machine.exists(importing)) {
      await clearAttempt(machine, item);
    } else if ((await filesIn(machine, item.path)).some(isDatabase)) {
      throw new DataTrouble(
        `somebody has made a database in ${item.path} meanwhile, and it stays: ` +
          'stop slapd, move its files to another folder, and the export can be imported there',
      );
    }
    await machine.write(importing, '', { mode: 0o600 });
    try {
      await load(machine, item, folder);
    } catch (error) {
      await clearAttempt(machine, item);
      await machine.remove(importing);
      throw error;
    }
    return item;
  },
};

async function load(machine: Machine, item: SlapdItem, folder: RootPath): Promise<void> {
  // Entries that are there were good enough for slapd, whatever its schema says today.
  const words = ['/usr/sbin/slapadd', ...item.configuration, '-n', item.name, '-q', '-s'];
  await must(machine, 'slapadd does not take the entries', asUserWith(item, { file: ldifOf(folder) }, words));
  const after: RootPath = `${folder}/after.ldif`;
  await slapcat(machine, item, after);
  const [before, now] = [await canonicalSum(machine, ldifOf(folder)), await canonicalSum(machine, after)];
  if (before !== now)
    throw new DataTrouble('its entries are not what they were: compare the two files', [ldifOf(folder), after]);
  await machine.remove(after);
  await must(machine, 'the new database cannot be made durable', ['sync', '--file-system', item.path]);
}

/** What an import has made in the folder of a database. */
async function clearAttempt(machine: Machine, item: SlapdItem): Promise<void> {
  const hands = othersFolder(machine, item);
  for (const name of await filesIn(machine, item.path)) {
    if (name !== 'DB_CONFIG') await hands.remove(`${item.path}/${name}`);
  }
}

function ldifOf(folder: RootPath): RootPath {
  return `${folder}/database.ldif`;
}

function isDatabase(name: string): boolean {
  return name === 'data.mdb' || name === 'id2entry.bdb';
}

async function filesIn(machine: Machine, folder: RootPath): Promise<string[]> {
  const names: string[] = [];
  for (const name of await machine.list(folder)) {
    if ((await machine.info(`${folder}/${name}`))?.type === 'file') names.push(name);
  }
  return names;
}

/** As the user who owns the files: a lock file of root's would keep slapd from starting. */
async function slapcat(
  machine: Machine,
  item: Pick<SlapdItem, 'configuration' | 'name'> & Owner,
  file: RootPath,
): Promise<void> {
  const words = ['/usr/sbin/slapcat', ...item.configuration, '-n', item.name, '-g', '-o', 'ldif-wrap=no'];
  await must(machine, 'slapcat cannot read it', asUserWith(item, { output: file }, words));
}

/** The same for the same entries, in whatever order. */
async function canonicalSum(machine: Machine, file: RootPath): Promise<string> {
  return must(machine, `${file} cannot be summed up`, ['sh', '-ec', ldifSum, 'sh', file]);
}
