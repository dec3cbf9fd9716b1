/** What became of some RRD files; all others are well. */
export interface RrdReport {
  readonly bad: readonly { readonly path: string; readonly why: string }[];
  /** Written to between export and import. */
  readonly changed: readonly string[];
}

/** @param text records ended by zero bytes: `bad`, a path and a reason, or `changed` and a path, with tabs between */
export function readRrdReport(text: string): RrdReport {
  const records = text.split('\0').filter((record) => record !== '');
  const bad: { path: string; why: string }[] = [];
  const changed: string[] = [];
  for (const record of records) {
    const [word, ...rest] = record.split('\t');
    if (word === 'changed') changed.push(rest.join('\t'));
    else bad.push({ path: rest.slice(0, -1).join('\t'), why: rest.at(-1) ?? '' });
  }
  return { bad, changed };
}
