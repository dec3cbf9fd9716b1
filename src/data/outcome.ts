import type { ComparisonRow, Difference, PartComparison } from '../base/difference.ts';
import { asideName, describeItem, type ExportItem, type Exports, idleHolds, itemFolder } from './exports.ts';

const titles = { postgresql: 'PostgreSQL clusters', slapd: 'slapd databases', rrd: 'RRD files' } as const;

/**
 * What became of the data, for the comparison at the end of a run.
 *
 * @param source architecture whose name the originals have got
 */
export function compareData(exports: Exports | undefined, source: string): PartComparison {
  const items = exports?.items ?? [];
  const rows = Object.entries(titles).flatMap(([kind, label]): ComparisonRow[] => {
    const ours = items.filter((one) => one.kind === kind);
    if (ours.length === 0) return [];
    const count = (some: readonly ExportItem[]) => String(some.reduce((sum, one) => sum + one.files, 0));
    return [{ label, before: count(ours), after: count(ours.filter(({ state }) => state === 'imported')) }];
  });
  return { rows, differences: items.flatMap((item) => differencesOf(item, source)) };
}

function differencesOf(item: ExportItem, source: string): Difference[] {
  const what = describeItem(item);
  const be = item.kind === 'rrd' && item.files !== 1 ? 'were' : 'was';
  // A file that nobody could read, or that somebody took away; of databases somebody has to know.
  const explanation = item.kind === 'rrd' ? 'the run has not changed it' : null;
  const notes = item.notes.map((note): Difference => ({ what: `${what}: ${note}`, explanation }));
  switch (item.state) {
    case 'imported':
      return [
        {
          what: `${what} ${be} made anew by the new program`,
          explanation: `the content was compared; when all is well, remove the original (${originalsOf(item, source)}) and the export (${itemFolder(item)})`,
        },
        ...computedAnew(item),
        ...item.differences.map((difference) => ({ what: `${what}: ${difference}`, explanation: null })),
        ...notes,
      ];
    case 'failed':
      return [
        {
          what:
            `${what} ${be} NOT imported: ${item.trouble ?? ''}. The export is in ${itemFolder(item)}; the original: ` +
            `${item.kind === 'rrd' ? 'in its place' : originalsOf(item, source)}. ` +
            'Mend the cause and type crossgrade resume: it is tried again',
          explanation: null,
        },
        ...notes,
      ];
    default:
      return [{ what: `${what} waits for its import (${itemFolder(item)})`, explanation: null }];
  }
}

/** Sources: CREATE MATERIALIZED VIEW, CREATE TABLE and pg_dump in PostgreSQL’s manual. */
function computedAnew(item: ExportItem): Difference[] {
  if (item.kind !== 'postgresql' || item.computed === undefined || item.computed.length === 0) return [];
  return [
    {
      what: `${describeItem(item)}: content that PostgreSQL computes is another one: ${item.computed.join(', ')}`,
      explanation:
        'a restore computes materialized views and generated columns anew; they were out of date, or rounded otherwise',
    },
  ];
}

/** Where the original of an item is after its import, in words that can be copied. */
function originalsOf(item: ExportItem, source: string): string {
  switch (item.kind) {
    case 'postgresql':
      return [item.path, ...item.elsewhere].map((path) => asideName(path, source)).join(' ');
    case 'slapd':
      return `${item.path}/crossgrade-${source}`;
    case 'rrd':
      return `beside each file, as NAME.rrd.crossgrade-${source}`;
  }
}

/** Items of a complete export that are not imported: they could not be, or wait for it. */
export function unimported(exports: Exports | undefined): readonly ExportItem[] {
  return exports?.complete ? exports.items.filter(({ state }) => state !== 'imported') : [];
}

/** A run that has come to its end has something to do again: to import what it could not, or to let a unit run. */
export function hasDataLeft(exports: Exports | undefined): boolean {
  return unimported(exports).length > 0 || idleHolds(exports).length > 0;
}
