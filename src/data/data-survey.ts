import type { Architecture } from '../debian/architecture.ts';

/**
 * Kinds of data that programs of another word size can't read, each proven by documentation or by trial: see the check
 * of each. Not among them, because both word sizes read them: InnoDB and Aria (MariaDB, MySQL), Redis, SQLite, Berkeley
 * DB files (Postfix and sendmail maps), Samba's tdb, systemd's journal, utmp and wtmp, Kyoto Cabinet, Mnesia.
 */
export type DataKind = 'postgresql' | 'slapd' | 'lmdb' | 'rrd' | 'gdbm';

export interface DataStore {
  readonly kind: DataKind;
  /** What its own tools call it: a PostgreSQL cluster `15/main`, the number of a slapd database; '' without a name. */
  readonly name: string;
  /** A folder, or one file. */
  readonly path: string;
  readonly files: number;
  /** On disk; absent where we may not look. */
  readonly bytes?: number;
  /** Of a PostgreSQL cluster. */
  readonly cluster?: ClusterShares;
  /** Of a PostgreSQL cluster: those that are no part of PostgreSQL itself. */
  readonly libraries?: readonly ClusterLibrary[];
  /** Why it is not carried over; absent when it is. */
  readonly trouble?: DataObstacle;
}

/** A shared library that databases load. */
export interface ClusterLibrary {
  readonly file: string;
  /** Absent when it is in none. */
  readonly package?: string;
  /** null: nobody could be asked, since the server does not run. */
  readonly used: boolean | null;
}

/** What of a cluster's bytes is no content. */
export interface ClusterShares {
  readonly databases: number;
  /** The write-ahead log. */
  readonly logBytes: number;
  readonly logSegmentBytes: number;
}

export interface DataObstacle {
  /** `its file global/pg_control is damaged`. */
  readonly text: string;
  /**
   * `mend`: nothing may begin before. `rebuild`: it is a copy, which is made anew from its source. `idle`: no installed
   * program reads it, so nothing is lost that was not lost before.
   */
  readonly what: 'mend' | 'rebuild' | 'idle';
}

/** Formats that are known by the first bytes of a file. */
export type FileFormat = Extract<DataKind, 'lmdb' | 'rrd' | 'gdbm'>;

const lmdbMagic = 0xbeefc0de;
/** Without and with large files, in the standard and in the extended format. */
const gdbmMagics: ReadonlySet<number> = new Set([0x13579ace, 0x13579acd, 0x13579acf, 0x13579ad0, 0x13579ad1]);

/**
 * @param head the first bytes of a file, 20 or more
 * @param written the architecture whose programs wrote it
 * @see LMDB's mdb.c, `MDB_page` and `MDB_MAGIC`; RRDtool's rrd_format.h, `RRD_COOKIE`; GDBM's gdbmconst.h
 */
export function recogniseFormat(head: Uint8Array, written: Architecture): FileFormat | undefined {
  if (head.length < 20) return undefined;
  const [r, second, third, end, digit = 0] = head;
  if (r === 0x52 && second === 0x52 && third === 0x44 && end === 0 && digit >= 0x30 && digit <= 0x39) return 'rrd';
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (gdbmMagics.has(view.getUint32(0, true))) return 'gdbm';
  // A page begins with its number, as wide as a word; 8 bytes more, and then the magic number.
  const lmdbAt = written.elfBits / 8 + 8;
  return view.getUint32(lmdbAt, true) === lmdbMagic ? 'lmdb' : undefined;
}

/** @returns the last `data_directory` that a postgresql.conf sets */
export function readDataDirectory(text: string): string | undefined {
  const lines = text.matchAll(/^[ \t]*data_directory[ \t]*=?[ \t]*(?:'([^'\n]*)'|([^\s'#]+))/gim);
  const [, quoted, bare] = [...lines].at(-1) ?? [];
  return quoted ?? bare;
}

/** @returns what /etc/default/slapd sets as the configuration; undefined where it leaves that to slapd */
export function readSlapdDefault(text: string): string | undefined {
  const value = [...text.matchAll(/^[ \t]*SLAPD_CONF=["']?([^"'\s#]*)/gm)].at(-1)?.[1];
  return value === undefined || !value.startsWith('/') ? undefined : value;
}

export interface SlapdDatabase {
  /** As `slapcat -n` wants it. */
  readonly number: string;
  readonly directory: string;
}

/** Those that keep what depends on the word size; back-ldif has text. */
const slapdBackends = ['mdb', 'bdb', 'hdb'];

/**
 * @param fileName `olcDatabase={1}mdb.ldif`
 * @param text its LDIF
 * @returns undefined for a database without such files, as the configuration's own
 * @see slapd-config(5), slapd-mdb(5), slapd-ldif(5)
 */
export function readSlapdLdif(fileName: string, text: string): SlapdDatabase | undefined {
  const [, number, backend = ''] = /^olcDatabase=\{(\d+)\}(\w+)\./.exec(fileName) ?? [];
  if (!slapdBackends.includes(backend)) return undefined;
  const directory = /^olcDbDirectory:[ \t]*(\S.*)$/im.exec(text.replaceAll('\n ', ''))?.[1]?.trim();
  return number !== undefined && directory !== undefined ? { number, directory } : undefined;
}

/** @returns the databases of an slapd.conf(5) with such files; all are counted, from 1 */
export function readSlapdConf(text: string): SlapdDatabase[] {
  const databases: SlapdDatabase[] = [];
  let number = 0;
  let backend = '';
  for (const line of text.split('\n')) {
    const [, word = '', value = ''] = /^(\S+)[ \t]+"?([^"\s]+)"?/.exec(line) ?? [];
    if (word.toLowerCase() === 'database') {
      backend = value.toLowerCase();
      if (!['config', 'frontend'].includes(backend)) number += 1;
    }
    if (word.toLowerCase() === 'directory' && slapdBackends.includes(backend)) {
      databases.push({ number: `${number}`, directory: value });
    }
  }
  return databases;
}
