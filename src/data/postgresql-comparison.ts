/** Where a line about one of these differs, the import has failed. */
const contentKinds: ReadonlySet<string> = new Set(['rows', 'sequence', 'large object content']);
/** What two files of sums and properties have differently; lines begin with `before: ` or `after: `. */
export interface FingerprintDifference {
  /** Rows, sequences and large objects. */
  readonly content: string[];
  /** Of the catalogue. */
  readonly catalogue: string[];
  /** Extensions with another version. */
  readonly versions: string[];
  /** Names of tables and views whose content was computed anew, and is another one. */
  readonly computed: string[];
}

/** @param text what `diff` prints of two fingerprints */
export function readFingerprintDiff(text: string): FingerprintDifference {
  const lines = text.split('\n').filter((line) => /^[<>] /.test(line));
  const said = lines.map((line) => `${line.startsWith('<') ? 'before' : 'after'}: ${line.slice(2)}`);
  const kind = (line: string) => /^\w+: ([^|]*)\|/.exec(line)?.[1] ?? '';
  const computed = said.flatMap((line) => /^\w+: computed\|(.*)\|\d+\|-?\d+$/.exec(line)?.[1] ?? []);
  return {
    content: said.filter((line) => contentKinds.has(kind(line))),
    catalogue: said.filter(
      (line) => !contentKinds.has(kind(line)) && !['extension version', 'computed'].includes(kind(line)),
    ),
    versions: said.filter((line) => kind(line) === 'extension version'),
    computed: [...new Set(computed)],
  };
}

/**
 * @param text what pg_restore says while it goes on
 * @returns a line for each thing that it could not do: why, and the command
 */
export function readRestoreErrors(text: string): string[] {
  const errors: string[] = [];
  for (const line of text.split('\n')) {
    const error = /^pg_restore: error: (?:could not execute query: )?(?:ERROR: +)?(.*)$/.exec(line)?.[1];
    const command = /^Command was: (.*)$/.exec(line)?.[1];
    if (error !== undefined) errors.push(error.slice(0, 300));
    else if (command !== undefined && errors.length > 0) errors.push(`${errors.pop()} (${command.slice(0, 200)})`);
  }
  return errors.length > 0 ? errors : [lastLine(text)];
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.slice(0, 300) || 'pg_restore failed, and said nothing';
}

/**
 * @param content of a {@link FingerprintDifference}
 * @returns tables that had rows and have none, as SQL names them
 */
export function emptiedTables(content: readonly string[]): string[] {
  return content.flatMap((line) => /^after: rows\|(.*)\|0\|0$/.exec(line)?.[1] ?? []);
}

/** Schema and name of each, as the list of pg_restore has them, one a line. */
export function tableNamesQuery(tables: readonly string[]): string {
  const names = tables.map((table) => `('${table.replaceAll("'", "''")}')`).join(', ');
  return `SELECT n.nspname || ' ' || c.relname FROM (VALUES ${names}) AS t (name)
    JOIN pg_catalog.pg_class c ON c.oid = t.name::regclass JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;`;
}
