import copyEntries from '#guest/postgresql/copy-entries.sh';
import leaveOutLines from '#guest/postgresql/leave-out-lines.sh';
import lendFolder from '#guest/postgresql/lend.sh';
import libraryQuery from '#guest/postgresql/libraries.sql';
import settingsOfAllQuery from '#guest/postgresql/settings-of-all.sql';
import takeBackFolder from '#guest/postgresql/take-back.sh';
import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { DataTrouble, must } from '../../base/system/must.ts';
import { asUser, asUserWith, lentPath, othersFolder } from '../../base/system/others-folder.ts';
import { asideName, itemFolder, type PostgresqlItem } from '../exports.ts';
import {
  administratorsEntries,
  type ClusterOverview,
  exportNotes,
  initdbArguments,
  libraryFile,
  overviewQuery,
  readOverview,
  refusals,
} from '../postgresql.ts';
import {
  emptiedTables,
  type FingerprintDifference,
  readFingerprintDiff,
  readRestoreErrors,
  tableNamesQuery,
} from '../postgresql-comparison.ts';
import { clusterFingerprint, databaseFingerprint, trialQuery } from '../postgresql-fingerprint.ts';
import { linesOfSuperuser } from '../postgresql-server-options.ts';
import { type Carrying, checkSums, type DataAdapter, processorCount, writeSums } from './adapter.ts';
import { lookAtCluster } from './postgresql-cluster.ts';
import {
  ask,
  type Connection,
  client,
  connectionString,
  programs,
  psql,
  type ServedCluster,
  stopOwnServer,
  stopServer,
  withServer,
} from './postgresql-server.ts';

/**
 * A cluster is dumped, one folder a database, by a private server of the old word size, and read by one of the new, into
 * a data directory that takes the old one's place when it has been compared with it.
 */
export const postgresqlAdapter: DataAdapter<'postgresql'> = {
  async exportItem(carrying, item) {
    const { machine } = carrying;
    const look = await lookAtCluster(machine, item.name, item.path);
    if ('what' in look) throw new DataTrouble(look.text);
    const folder = itemFolder(item);
    const superuser = await guessSuperuser(machine, look.uid);
    return withServer(machine, { ...look, superuser }, false, async (guessed) => {
      const known = await firstAnswer(machine, look.version, guessed, superuser);
      const overview = await readOverview(
        await ask(machine, look.version, known, 'template1', overviewQuery(look.version)),
      );
      const connection = withUser(known, overview.superuser);
      const reasons = refusals(overview);
      if (reasons.length > 0) throw new DataTrouble(reasons.join('; '));
      const databases = overview.databases
        .filter((one) => one.connectable)
        .map(({ name }, index) => ({ name, file: `database-${index + 1}` }));
      const exported: PostgresqlItem = {
        ...item,
        version: look.version,
        path: look.dataDirectory,
        configuration: look.configuration,
        uid: look.uid,
        gid: look.gid,
        mode: look.mode,
        superuser: overview.superuser,
        databases,
        initdb: initdbArguments(look.version, overview, look.control, look.mode),
        elsewhere: [...look.elsewhere],
        ...(look.wal !== undefined && { wal: look.wal }),
        notes: exportNotes(overview),
      };
      await assertLibraries(carrying, exported, overview, connection);
      for (const { name } of databases) {
        const trial = psql(look.version, name, ['-o', '/dev/null', '-f', '-']);
        const what =
          `no restore could load the rows of the database ${name}: a function that a check or a generated column calls ` +
          'does not find its tables without a search path (ALTER FUNCTION … SET search_path = …)';
        await client(machine, what, connection, trial, { input: trialQuery });
      }
      await together([
        dump(machine, exported, connection, folder),
        fingerprint(machine, exported, connection, `${folder}/before`),
      ]);
      await stopServer(machine, look);
      await writeSums(machine, folder);
      return exported;
    });
  },

  stamp: async (machine, { path }) => {
    const control: RootPath = `${path}/global/pg_control`;
    return (await machine.exists(control)) ? machine.hash(control, 'sha256') : '';
  },

  async setAside(machine, item, { source }) {
    for (const place of [...item.elsewhere, item.path])
      await setOneAside(machine, item, place, asideName(place, source.name));
  },

  async putBack(machine, item, { source }) {
    await stopOwnServer(machine, { ...item, dataDirectory: item.path });
    for (const place of [item.path, ...item.elsewhere]) {
      const aside = asideName(place, source.name);
      if (await machine.info(aside)) await othersFolder(machine, item).rename(aside, place);
    }
  },

  async importItem(carrying, item) {
    const { machine, pair } = carrying;
    const folder = itemFolder(item);
    const fresh: RootPath = `${item.path}.crossgrade-new`;
    const compared: RootPath = `${folder}/compared.json`;
    const aside = asideName(item.path, pair.source.name);
    const server: ServedCluster = { ...item, dataDirectory: fresh };
    if (!(await machine.exists(compared))) {
      await checkSums(machine, folder);
      await stopServer(machine, server);
      await clearAttempt(machine, item, fresh, pair.source.name);
      const uncopied = await makeCluster(machine, item, fresh, aside);
      const result = await withServer(machine, server, true, async (connection) => {
        const refused = await load(machine, item, connection, folder);
        try {
          await together([
            analyze(machine, item, connection),
            fingerprint(machine, item, connection, `${folder}/after`),
          ]);
          if (await loadAgain(machine, item, connection, folder))
            await fingerprint(machine, item, connection, `${folder}/after`);
        } catch (error) {
          throw refused.length === 0 ? error : new DataTrouble('it cannot be imported', refused.slice(0, 6));
        }
        return { ...(await compare(machine, `${folder}/before`, `${folder}/after`)), refused, uncopied };
      });
      if (result.content.length > 0) {
        throw new DataTrouble('its content is not what it was', [
          ...result.refused.slice(0, 6),
          ...result.content.slice(0, 6),
        ]);
      }
      // What was written without care for power cuts.
      await must(
        machine,
        'the new cluster cannot be made durable',
        asUser(item, [`${programs(item.version)}/initdb`, '--sync-only', '-D', fresh]),
      );
      await machine.write(compared, JSON.stringify(result), { mode: 0o600 });
    }
    const {
      refused,
      catalogue,
      versions,
      computed,
      uncopied = [],
    } = JSON.parse(await machine.readText(compared)) as Loaded;
    if (await machine.info(fresh)) await othersFolder(machine, item).rename(fresh, item.path);
    return {
      ...item,
      differences: [...refused.slice(0, 20), ...catalogue.slice(0, 20)],
      computed,
      notes: [
        ...item.notes,
        ...uncopied.map((text) => `not copied from ${aside}: ${text}`),
        ...(versions.length > 0 ? [`extensions have another version now: ${versions.join('; ')}`] : []),
      ],
    };
  },
};

/** How a new cluster differs from the old one, and what pg_restore could not do. */
interface Loaded extends FingerprintDifference {
  readonly refused: readonly string[];
  /** Files that only root may read, and the server never did. */
  readonly uncopied?: readonly string[];
}

function withUser({ owner, environment }: Connection, name: string): Connection {
  return { owner, environment: { ...environment, PGUSER: name } };
}

/** The bootstrap superuser mostly has the name of the user whom the cluster belongs to. */
async function guessSuperuser(machine: Machine, uid: number): Promise<string> {
  const { stdout } = await machine.run(['id', '--name', '--user', String(uid)]);
  return stdout.trim() || 'postgres';
}

async function firstAnswer(
  machine: Machine,
  version: string,
  connection: Connection,
  superuser: string,
): Promise<Connection> {
  for (const name of [...new Set([superuser, 'postgres'])]) {
    const named = withUser(connection, name);
    const { exitCode } = await machine.run(asUser(named.owner, psql(version, 'template1', ['-c', 'SELECT 1'])), named);
    if (exitCode === 0) return named;
  }
  throw new DataTrouble(`the server knows neither a role ${superuser} nor postgres`);
}

/** Every library that is in use has a build for the target, or nothing could be restored that needs it. */
async function assertLibraries(
  { machine, plan, pair }: Carrying,
  item: PostgresqlItem,
  { preload }: ClusterOverview,
  connection: Connection,
): Promise<void> {
  const used = new Set(preload);
  for (const { name } of item.databases) {
    const answer = await ask(machine, item.version, connection, name, libraryQuery);
    for (const line of answer.split('\n')) if (line !== '') used.add(line);
  }
  const lost: string[] = [];
  for (const library of used) {
    const file = libraryFile(library, item.version);
    const { exitCode, stdout } = await machine.run(['dpkg-query', '--search', '--', file]);
    const owner = /^([^:,\s]+)/.exec(stdout)?.[1] ?? '';
    const stays = [pair.target.name, 'all'].some((architecture) => `${owner}:${architecture}` in plan.endState);
    if (exitCode !== 0 || !stays) lost.push(exitCode === 0 ? `${library} (package ${owner})` : library);
  }
  if (lost.length > 0) {
    throw new DataTrouble(`its databases need libraries without a build for ${pair.target.name}: ${lost.join(', ')}`);
  }
}

/** A plain dump of text may be larger than the table; the new data needs its space as well. */
const plentyFactor = 5;

/** Side by side; when one fails, the others are let come to their end. */
async function together(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function dump(machine: Machine, item: PostgresqlItem, connection: Connection, folder: RootPath): Promise<void> {
  const bin = programs(item.version);
  const roles = [`${bin}/pg_dumpall`, '--globals-only', '--database=template1'];
  await client(machine, 'the roles and tablespaces cannot be exported', connection, roles, {
    output: `${folder}/globals.sql`,
  });
  const quoted = await ask(
    machine,
    item.version,
    connection,
    'template1',
    'SELECT quote_ident(rolname) FROM pg_catalog.pg_roles WHERE oid = 10;',
  );
  const unwanted = linesOfSuperuser(item.superuser, quoted.trim()).flatMap((line) => ['-e', line]);
  await must(machine, 'the roles and tablespaces cannot be written', ['sh', '-ec', leaveOutLines, 'sh', ...unwanted], {
    workingDirectory: folder,
    environment: { LC_ALL: 'C' },
  });
  const ofAll = await ask(machine, item.version, connection, 'template1', settingsOfAllQuery);
  await machine.write(`${folder}/settings.sql`, ofAll, { mode: 0o600 });
  const jobs = await processorCount(machine);
  // gzip takes longer than all the rest: only where space is scarce.
  const { freeBytes } = await machine.filesystem(folder);
  const compress = freeBytes > item.bytes * plentyFactor ? 0 : 1;
  for (const { name, file } of item.databases) {
    const words = ['--format=directory', `--compress=${compress}`, `--jobs=${jobs}`, `--file=${lentPath}`];
    await machine.makeDirectory(`${folder}/${file}`, 0o700);
    await whileLent(machine, item, `${folder}/${file}`, (lent) =>
      client(
        machine,
        `the database ${name} cannot be exported`,
        connection,
        [`${bin}/pg_dump`, ...words, `--dbname=${connectionString(name)}`],
        { lent },
      ),
    );
  }
}

/**
 * A folder of an export belongs to the cluster's owner while his programs write to it, or read it; nobody can reach it by
 * its path, since only root may enter the folder that it is in. What is not a plain file afterwards would lead root elsewhere.
 */
async function whileLent<Value>(
  machine: Machine,
  { uid, gid }: PostgresqlItem,
  folder: RootPath,
  work: (lent: RootPath) => Promise<Value>,
): Promise<Value> {
  const what = 'the export cannot be given to the owner of the cluster';
  await must(machine, what, ['sh', '-ec', lendFolder, 'sh', folder, `${uid}:${gid}`]);
  const value = await work(folder).catch(async (error: unknown) => {
    await takeBack(machine, folder);
    throw error;
  });
  const strange = await takeBack(machine, folder);
  if (strange.length > 0) throw new DataTrouble('in the export is what is no plain file', strange.slice(0, 5));
  return value;
}

/** @returns what is no plain file, or is one elsewhere, too */
async function takeBack(machine: Machine, folder: RootPath): Promise<string[]> {
  const found = await must(machine, 'the export cannot be taken back', ['sh', '-ec', takeBackFolder, 'sh', folder]);
  return found.split('\n').filter((line) => line !== '');
}

/** One file a database, and one for the cluster. */
async function fingerprint(
  machine: Machine,
  item: PostgresqlItem,
  connection: Connection,
  folder: RootPath,
): Promise<void> {
  await machine.removeTree(folder);
  await machine.makeDirectory(folder, 0o700);
  const write = (database: string, file: string, sql: string) =>
    client(
      machine,
      `the content of the database ${database} cannot be summed up`,
      connection,
      psql(item.version, database, ['-f', '-']),
      { output: `${folder}/${file}`, input: sql },
    );
  await write('template1', 'cluster', clusterFingerprint(item.version));
  for (const { name, file } of item.databases) await write(name, file, databaseFingerprint(item.version));
}

async function compare(machine: Machine, before: RootPath, after: RootPath) {
  const { exitCode, stdout, stderr } = await machine.run([
    'diff',
    '--recursive',
    '--new-file',
    '--text',
    before,
    after,
  ]);
  if (exitCode > 1) throw new DataTrouble('before and after cannot be compared', [stderr.trim()]);
  return readFingerprintDiff(stdout);
}

/** What an attempt that was killed, or failed, has left. Only where the original is known to be safe. */
async function clearAttempt(machine: Machine, item: PostgresqlItem, fresh: RootPath, source: string): Promise<void> {
  for (const place of [item.path, ...item.elsewhere]) {
    if (!(await machine.info(asideName(place, source)))) {
      throw new DataTrouble(`${asideName(place, source)}, the original, is not there any more`);
    }
  }
  if (await machine.info(item.path)) {
    throw new DataTrouble(`somebody has made ${item.path} meanwhile: rename it, and the data can be imported there`);
  }
  const hands = othersFolder(machine, item);
  for (const place of [fresh, ...item.elsewhere]) await hands.remove(place);
}

/** @returns what could not be copied: files that only root may read, and that no server has read */
async function makeCluster(
  machine: Machine,
  item: PostgresqlItem,
  fresh: RootPath,
  aside: RootPath,
): Promise<string[]> {
  const hands = othersFolder(machine, item);
  await hands.makeFolder(fresh, item.mode);
  if (item.wal !== undefined) await hands.makeFolder(item.wal, 0o700);
  const words = [...item.initdb, ...(item.wal === undefined ? [] : [`--waldir=${item.wal}`]), '-D', fresh];
  const made = [`${programs(item.version)}/initdb`, ...words];
  await must(machine, 'the new cluster cannot be made', asUser(item, made));
  // Debian's tools keep them in /etc.
  for (const name of ['postgresql.conf', 'pg_hba.conf', 'pg_ident.conf']) await hands.remove(`${fresh}/${name}`);
  const entries = administratorsEntries(await machine.list(aside));
  if (entries.length === 0) return [];
  const { exitCode, stderr } = await machine.run(
    asUser(item, ['sh', '-c', copyEntries, 'sh', aside, fresh, ...entries]),
  );
  const lines = stderr.split('\n').filter((line) => line !== '');
  if (exitCode !== 0 && !lines.every((line) => /^cp: cannot (open|access) .*: Permission denied$/.test(line))) {
    throw new DataTrouble('configuration and certificates in the data directory cannot be copied', lines.slice(0, 6));
  }
  return lines.map((line) => line.slice('cp: '.length));
}

/**
 * A view that cannot be computed, or an index whose function cannot be found, keeps nobody from the rest; whether that is
 * complete, the comparison says.
 *
 * @returns what pg_restore said of what it could not do
 */
async function load(
  machine: Machine,
  item: PostgresqlItem,
  connection: Connection,
  folder: RootPath,
): Promise<string[]> {
  const bin = programs(item.version);
  const has = (name: string) => item.databases.some((one) => one.name === name);
  await client(
    machine,
    'the roles and tablespaces cannot be imported',
    connection,
    psql(item.version, 'template1', ['-f', '-']),
    { file: `${folder}/globals.sql` },
  );
  // Only with two or more does pg_restore copy into a table in a transaction that needs no log.
  const jobs = Math.max(2, await processorCount(machine));
  const refused: string[] = [];
  for (const { name, file } of item.databases) {
    // They are there already, as initdb makes them, and are made again as they were.
    const replaced = name === 'template1' || name === 'postgres';
    const words = ['--create', `--jobs=${jobs}`, ...(replaced ? ['--clean', '--if-exists'] : [])];
    const maintenance = name === 'template1' ? 'postgres' : 'template1';
    const argv = [`${bin}/pg_restore`, ...words, `--dbname=${maintenance}`, lentPath];
    const { exitCode, stderr } = await whileLent(machine, item, `${folder}/${file}`, (lent) =>
      machine.run(asUserWith(connection.owner, { lent }, argv), connection),
    );
    if (exitCode !== 0) refused.push(...readRestoreErrors(stderr).map((line) => `database ${name}: ${line}`));
  }
  await client(
    machine,
    'the settings of all roles cannot be imported',
    connection,
    psql(item.version, 'template1', ['-o', '/dev/null', '-f', '-']),
    { file: `${folder}/settings.sql` },
  );
  if (!has('postgres')) await ask(machine, item.version, connection, 'template1', 'DROP DATABASE postgres;');
  return refused;
}

/**
 * Rows that a check has refused because those of another table were not there yet: now they are.
 *
 * @returns whether there were such tables
 */
async function loadAgain(
  machine: Machine,
  item: PostgresqlItem,
  connection: Connection,
  folder: RootPath,
): Promise<boolean> {
  let isAgain = false;
  for (const { name, file } of item.databases) {
    const { content } = await compare(machine, `${folder}/before/${file}`, `${folder}/after/${file}`);
    const empty = emptiedTables(content);
    if (empty.length === 0) continue;
    isAgain = true;
    const tables = (await ask(machine, item.version, connection, name, tableNamesQuery(empty))).trimEnd().split('\n');
    const archive: RootPath = `${folder}/${file}`;
    const restore = [`${programs(item.version)}/pg_restore`, '--data-only'];
    const chosenFile: RootPath = `${archive}/again.list`;
    await machine.remove(chosenFile);
    const list = await whileLent(machine, item, archive, (lent) =>
      client(machine, 'the export cannot be read', connection, [...restore, '--list', lentPath], { lent }),
    );
    const chosen = list.split('\n').filter((line) => tables.some((table) => line.includes(` TABLE DATA ${table} `)));
    await machine.write(chosenFile, `${chosen.join('\n')}\n`, { mode: 0o600 });
    const words = [`--use-list=${lentPath}/again.list`, `--dbname=${connectionString(name)}`, lentPath];
    // What it could not do, the comparison finds.
    await whileLent(machine, item, archive, (lent) =>
      machine.run(asUserWith(connection.owner, { lent }, [...restore, ...words]), connection),
    );
    await machine.remove(chosenFile);
  }
  return isAgain;
}

/** Without it, queries are slow until the server has found the time. */
async function analyze(machine: Machine, item: PostgresqlItem, connection: Connection): Promise<void> {
  const jobs = await processorCount(machine);
  const words = ['--all', '--analyze-only', '--quiet', `--jobs=${jobs}`, '--maintenance-db=template1'];
  await machine.run(asUser(connection.owner, [`${programs(item.version)}/vacuumdb`, ...words]), connection);
}

async function setOneAside(machine: Machine, item: PostgresqlItem, place: RootPath, aside: RootPath): Promise<void> {
  if (await machine.info(aside)) return;
  await othersFolder(machine, item).rename(place, aside);
}
