import * as z from 'zod';
import { exportsFile, exportsFolder } from '../base/own-paths.ts';
import type { RootPath } from '../base/root.ts';
import { parseStored } from '../base/stored-json.ts';

const path = z.custom<RootPath>((value) => typeof value === 'string' && value.startsWith('/'));
const ids = { uid: z.int().nonnegative(), gid: z.int().nonnegative() };

const common = {
  /** Also its folder's name below the exports: `postgresql-15-main`. */
  id: z.string().regex(/^[\w.-]+$/),
  /** What its own tools call it; '' where they have no name for it. */
  name: z.string(),
  path,
  /** On disk, before. */
  bytes: z.number().nonnegative(),
  files: z.int().nonnegative(),
  /** `exported`: complete, with the sums of what is in it; the original may be in its place or aside. */
  state: z.enum(['found', 'exported', 'imported', 'failed']),
  /** Changes when somebody writes to the original; '' before the export. */
  stamp: z.string(),
  /** Why it failed. */
  trouble: z.string().exactOptional(),
  /** After the import: what is not as it was, and nobody knows why. */
  differences: z.array(z.string()),
  /** What the administrator should know. */
  notes: z.array(z.string()),
};

const database = z.strictObject({
  name: z.string(),
  /** Folder and file names of its dump and its checksums. */
  file: z.string(),
});

/** A PostgreSQL cluster. */
const postgresql = z.strictObject({
  kind: z.literal('postgresql'),
  ...common,
  /** After the import: views and tables that have another content, since it was computed anew. */
  computed: z.array(z.string()).exactOptional(),
  ...ids,
  /** Major version. */
  version: z.string(),
  mode: z.int(),
  /** Where postgresql.conf is; the data directory itself, where it was not Debian's tools that made the cluster. */
  configuration: path,
  superuser: z.string(),
  databases: z.array(database),
  /** As `initdb` wants it: encoding, locale and so on. */
  initdb: z.array(z.string()),
  /** Folders that are renamed with the cluster: in each tablespace, and a separate one for the write-ahead log. */
  elsewhere: z.array(path),
  /** The folder of the write-ahead log, where it is not in the data directory. */
  wal: path.exactOptional(),
});

/** A database of slapd. */
const slapd = z.strictObject({
  kind: z.literal('slapd'),
  ...common,
  ...ids,
  /** `-F /etc/ldap/slapd.d` or `-f /etc/ldap/slapd.conf`. */
  configuration: z.array(z.string()),
  entries: z.int().nonnegative(),
});

/** All RRD files of a system; their list is a file of its own. */
const rrd = z.strictObject({ kind: z.literal('rrd'), ...common });

const item = z.discriminatedUnion('kind', [postgresql, slapd, rrd]);

/** A unit of systemd that must not run while its data is between two formats. */
const hold = z.strictObject({
  unit: z.string(),
  wasActive: z.boolean(),
  /** Whose import it waits for. */
  items: z.array(z.string()),
});

export const exportsSchema = z.strictObject({
  version: z.literal(1),
  /** Everything is exported, and the originals are where no program writes to them. */
  complete: z.boolean(),
  changedAt: z.string(),
  holds: z.array(hold),
  items: z.array(item),
});

/** What was exported, and how far it is: it cannot be derived again. */
export type Exports = z.infer<typeof exportsSchema>;
export type ExportItem = z.infer<typeof item>;
export type ExportKind = ExportItem['kind'];
export type ItemOf<Kind extends ExportKind> = Extract<ExportItem, { readonly kind: Kind }>;
export type PostgresqlItem = ItemOf<'postgresql'>;
export type SlapdItem = ItemOf<'slapd'>;
export type RrdItem = ItemOf<'rrd'>;
export type Hold = z.infer<typeof hold>;

/** @throws {CrossgradeError} CG0280 */
export function readExports(text: string): Exports {
  return parseStored(exportsFile, text, exportsSchema, {
    code: 'CG0280',
    hint: 'Nothing was changed. Go on with the crossgrade that began this run, or put the file back from a backup.',
  });
}

/** Where an item's export lies. */
export function itemFolder({ id }: Pick<ExportItem, 'id'>): RootPath {
  return `${exportsFolder}/${id}`;
}

/** How a title names it. */
export function describeItem(item: ExportItem): string {
  switch (item.kind) {
    case 'postgresql':
      return item.name === '' ? `the PostgreSQL cluster in ${item.path}` : `PostgreSQL cluster ${item.name}`;
    case 'slapd':
      return `slapd’s database ${item.name} in ${item.path}`;
    case 'rrd':
      return `${item.files} RRD ${item.files === 1 ? 'file' : 'files'}`;
  }
}

/** Items that still wait for their import. */
export function waiting(exports: Exports | undefined): readonly ExportItem[] {
  return exports?.items.filter((one) => one.state === 'exported') ?? [];
}

/** Units that still wait for the import of an item. */
export function openHolds(exports: Exports | undefined): readonly Hold[] {
  return exports?.holds.filter((hold) => isOpen(exports, hold)) ?? [];
}

/** Units that nothing keeps from running any more: whoever imported what they waited for was killed before it let them. */
export function idleHolds(exports: Exports | undefined): readonly Hold[] {
  return exports?.holds.filter((hold) => !isOpen(exports, hold)) ?? [];
}

function isOpen({ items }: Exports, hold: Hold): boolean {
  return items.some(({ id, state }) => state !== 'imported' && hold.items.includes(id));
}

/** What an original is called after it was renamed. */
export function asideName(original: RootPath, architecture: string): RootPath {
  return `${original}.crossgrade-${architecture}`;
}
