import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { RootPath } from '../../base/root.ts';
import type { ChangedPath } from '../../rehearsal/attribute.ts';
import type { Layer } from './make-view.ts';

/** Larger ones are taken for changed when they were written. */
const mostBytesCompared = 64 * 2 ** 20;

/** @returns what is not as it is in the root, in the order of the layers; of a folder that came, all that is in it */
export function* changedPaths(layers: readonly Layer[]): Generator<ChangedPath> {
  for (const layer of layers) yield* changedIn(layer, '');
}

/** @param inside of the layer, as `/lib/x`; '' for its top */
function* changedIn(layer: Layer, inside: string): Generator<ChangedPath> {
  const isFolder = statOf(join(layer.lower, inside))?.isDirectory() === true;
  if (isFolder) yield* deletedIn(layer, inside);
  for (const name of readdirSync(join(layer.upper, inside))) {
    const path = `${inside}/${name}`;
    const after = statOf(join(layer.merged, path));
    // What stands for a deleted file is seen in the overlay itself alone.
    if (!after) continue;
    const before = isFolder ? statOf(join(layer.lower, path)) : undefined;
    const kind = before === undefined ? 'created' : kindOf(layer, path, before, after);
    if (kind !== undefined) yield { path: pathOf(layer, path), kind };
    // The root folder's own entries have layers of their own.
    if (after.isDirectory() && (layer.path !== '/' || before === undefined)) yield* changedIn(layer, path);
  }
}

function* deletedIn(layer: Layer, inside: string): Generator<ChangedPath> {
  const there = new Set(readdirSync(join(layer.merged, inside)));
  for (const name of readdirSync(join(layer.lower, inside))) {
    const path = pathOf(layer, `${inside}/${name}`);
    if (!there.has(name) && layer.neverThere?.has(path) !== true) yield { path, kind: 'deleted' };
  }
}

function kindOf(layer: Layer, path: string, before: Stats, after: Stats): ChangedPath['kind'] | undefined {
  const hasChanged =
    before.mode !== after.mode ||
    before.uid !== after.uid ||
    before.gid !== after.gid ||
    !sameContent(layer, path, before, after);
  if (hasChanged) return 'changed';
  return after.isFile() ? 'written-anew' : undefined;
}

function sameContent(layer: Layer, path: string, before: Stats, after: Stats): boolean {
  const [from, to] = [join(layer.lower, path), join(layer.merged, path)];
  if (after.isSymbolicLink()) return before.isSymbolicLink() && readlinkSync(from) === readlinkSync(to);
  if (!after.isFile()) return before.isDirectory() === after.isDirectory();
  return before.isFile() && before.size === after.size && after.size <= mostBytesCompared && sameBytes(from, to);
}

function sameBytes(one: string, other: string): boolean {
  const files = [openSync(one, 'r'), openSync(other, 'r')];
  const parts = [Buffer.alloc(2 ** 16), Buffer.alloc(2 ** 16)] as const;
  try {
    for (;;) {
      const [first = 0, second = 0] = files.map((file, index) => readSync(file, parts[index === 0 ? 0 : 1]));
      if (first !== second || !parts[0].subarray(0, first).equals(parts[1].subarray(0, second))) return false;
      if (first === 0) return true;
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function pathOf({ path }: Layer, inside: string): RootPath {
  return (path === '/' ? inside : `${path}${inside}`) as RootPath;
}
