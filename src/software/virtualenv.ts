import * as z from 'zod';
import { virtualenvListsFolder } from '../base/own-paths.ts';
import type { RootPath } from '../base/root.ts';
import { shellWord, shellWords } from '../base/shell-word.ts';
import type { Frozen, RecordedVirtualenv } from './local-software.ts';

const inventorySchema = z.strictObject({
  base: z.string(),
  packages: z.array(z.strictObject({ name: z.string(), version: z.string(), compiled: z.boolean() })),
  modules: z.array(z.string()),
  strange: z.array(z.string()),
});

export type VirtualenvInventory = z.infer<typeof inventorySchema>;

/** @returns undefined when it is not what the script prints */
export function readInventoryOf(text: string): VirtualenvInventory | undefined {
  return readJson(text, inventorySchema);
}

/** @returns names of modules; undefined when the Python did not come to its end */
export function readImportable(text: string): string[] | undefined {
  return readJson(text, z.array(z.string()));
}

function readJson<Value>(text: string, schema: z.ZodType<Value>): Value | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * @param freeze what `pip freeze` prints; absent where there is no pip
 * @param importable modules that could be imported
 */
export function freezeOf(
  { base, packages, strange }: VirtualenvInventory,
  freeze: string | undefined,
  importable: readonly string[],
): Frozen {
  const exact = (one: VirtualenvInventory['packages'][number]): string => `${one.name}==${one.version}`;
  const lines = (freeze ?? packages.map(exact).join('\n'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const compiled = packages
    .filter((one) => one.compiled)
    .map((one) => {
      const line = lines.find((other) => normalName(nameIn(other)) === normalName(one.name));
      // An archive that was built for the source is of no use any more.
      return line === undefined || /\.whl(#\S*)?$/.test(line) ? exact(one) : line;
    });
  return {
    base,
    requirements: [...lines].sort(),
    compiled: compiled.sort(),
    modules: [...importable].sort(),
    // The interpreter itself, where it is a copy, is made anew.
    strange: strange.filter((path) => !/\/bin\/python[\d.]*$/.test(path)),
  };
}

/** @param line a requirement: `spam==1.0`, `spam @ file:///srv/spam`, `-e git+https://…#egg=spam` */
function nameIn(line: string): string {
  return /#egg=([\w.-]+)/.exec(line)?.[1] ?? /^([\w.-]+)/.exec(line)?.[1] ?? '';
}

/** Source: PEP 503, normalized names. */
function normalName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** @returns arguments for `python -m pip` that install the compiled packages anew, and nothing else */
export function pipArguments({ compiled }: Pick<Frozen, 'compiled'>): string[] {
  return [
    ...['install', '--disable-pip-version-check', '--no-input', '--force-reinstall', '--no-deps'],
    ...compiled.flatMap((line) => (line.startsWith('-e ') ? ['-e', line.slice(3).trim()] : [line])),
  ];
}

/** @returns what an administrator would type to do by hand what was not done */
export function repeatCommand({ path, uid, gid, owner, frozen }: RecordedVirtualenv): string | undefined {
  if (frozen === undefined || frozen.compiled.length === 0) return undefined;
  const words = pipArguments(frozen).filter((word) => word !== '--disable-pip-version-check' && word !== '--no-input');
  const pip = shellWords([`${path}/bin/python`, '-m', 'pip', ...words]);
  if (uid === 0) return pip;
  return owner === `${uid}`
    ? `setpriv --reuid=${uid} --regid=${gid} --clear-groups -- ${pip}`
    : `runuser -u ${shellWord(owner)} -- ${pip}`;
}

/**
 * @returns where the list of a virtualenv's packages is kept: each has its own, and `/a/b` is another one than `/a_b`.
 * Nothing but people reads it: a run that an earlier version has begun goes on with the names that it gave.
 */
export function virtualenvList(path: RootPath): RootPath {
  const name = path.slice(1).replaceAll('%', '%25').replaceAll('_', '%5f').replaceAll('/', '_');
  return `${virtualenvListsFolder}/${name}.txt`;
}
