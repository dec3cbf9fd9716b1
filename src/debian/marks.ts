import { formatStanza, parseStanzas, type Stanza } from './deb822.ts';
import type { InstanceKey } from './package.ts';

/** The architectures of a crossgrade: native before and native after. */
export interface MarkArchitectures {
  readonly source: string;
  readonly target: string;
}

/** What happens to the packages, as far as it matters to apt's marks. */
export interface MarkChange extends MarkArchitectures {
  /** Instances before; arch:all ones as `name:all` or under the source architecture. */
  readonly before: Iterable<InstanceKey>;
  /** Instances after, as in a plan's `endState`; arch:all ones as `name:all` or under the target architecture. */
  readonly after: Iterable<InstanceKey>;
  /** Names that came only as dependencies and that nobody asked for. */
  readonly added: ReadonlySet<string>;
  /** Old name to new name: kernels, triplets. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/**
 * Reads apt's extended_states.
 *
 * @param fileName for messages
 * @param nativeArchitecture where apt files arch:all packages, and stanzas of old times, which name no architecture
 * @returns the automatically installed instances; arch:all ones under the native architecture
 * @throws {CrossgradeError} CG0101
 * @see apt-mark(8)
 */
export function readMarks(text: string, fileName: string, nativeArchitecture: string): Set<InstanceKey> {
  const automatic = new Set<InstanceKey>();
  for (const stanza of parseStanzas(text, fileName)) {
    const key = stanzaKey(stanza, nativeArchitecture);
    if (key !== undefined && isAutomatic(stanza)) automatic.add(key);
  }
  return automatic;
}

/**
 * Foretells the marks after the crossgrade. An instance stays automatic when all instances it takes the place of were:
 * a package that was wanted in either architecture stays wanted. One that takes no place is automatic when it was added
 * as a dependency.
 *
 * @param automatic marks before, from {@link readMarks}
 * @returns marks after, arch:all packages under the target architecture
 */
export function carryMarks(automatic: ReadonlySet<InstanceKey>, change: MarkChange): Set<InstanceKey> {
  const before = underNative(change.before, change.source);
  const oldNames = oldNamesByNew(change.renamed ?? {});
  const marks = new Set<InstanceKey>();
  for (const key of underNative(change.after, change.target)) {
    const [name, architecture] = splitKey(key);
    const architectures = architecture === change.target ? [change.source, change.target] : [architecture];
    const predecessors = [name, ...(oldNames.get(name) ?? [])]
      .flatMap((oldName) => architectures.map((one): InstanceKey => `${oldName}:${one}`))
      .filter((predecessor) => before.has(predecessor));
    const marked =
      predecessors.length === 0
        ? change.added.has(name)
        : predecessors.every((predecessor) => automatic.has(predecessor));
    if (marked) marks.add(key);
  }
  return marks;
}

/**
 * Writes marks into the text of extended_states. Stanzas of the source architecture become those of the target, stanzas
 * of packages that are gone are dropped, marks without a stanza get one at the end. Fields we do not know, and stanzas
 * that name no package, are kept. Doing it twice changes nothing.
 *
 * @param text the file as it is; '' when there is none
 * @param fileName for messages
 * @param wanted `after`: all instances that are installed; `automatic`: those to be marked, from {@link carryMarks}
 * @returns the new text
 * @throws {CrossgradeError} CG0101
 */
export function rewriteMarks(
  text: string,
  fileName: string,
  wanted: MarkArchitectures & {
    readonly after: Iterable<InstanceKey>;
    readonly automatic: ReadonlySet<InstanceKey>;
  },
): string {
  const after = underNative(wanted.after, wanted.target);
  const stanzas = parseStanzas(text, fileName);
  const originalKeys = new Set(stanzas.map((stanza) => stanzaKey(stanza, wanted.source)));
  const written = new Set<InstanceKey>();
  const output: string[] = [];

  for (const stanza of stanzas) {
    const key = newKey(stanzaKey(stanza, wanted.source), wanted, after, originalKeys);
    if (key === undefined) {
      if (!stanza.has('Package')) output.push(formatStanza(stanza.entries()));
      continue;
    }
    const marked = wanted.automatic.has(key);
    if (!after.has(key) || written.has(key) || (!marked && saysNothingElse(stanza))) continue;
    written.add(key);
    output.push(formatStanza(withMark(stanza, key, marked)));
  }
  for (const key of [...wanted.automatic].filter((one) => after.has(one) && !written.has(one)).sort()) {
    const [name, architecture] = splitKey(key);
    output.push(markStanza(name, architecture));
  }
  // apt ends each stanza with an empty line, the last one as well.
  return output.map((stanza) => `${stanza}\n`).join('');
}

/** The key that a stanza gets; a stanza that the target has already is not overwritten by the source's. */
function newKey(
  key: InstanceKey | undefined,
  { source, target }: MarkArchitectures,
  after: ReadonlySet<InstanceKey>,
  originalKeys: ReadonlySet<InstanceKey | undefined>,
): InstanceKey | undefined {
  if (key === undefined) return undefined;
  const [name, architecture] = splitKey(key);
  const crossgraded: InstanceKey = `${name}:${target}`;
  const moves = architecture === source && after.has(crossgraded) && !originalKeys.has(crossgraded);
  return moves && !after.has(key) ? crossgraded : key;
}

function withMark(stanza: Stanza, key: InstanceKey, automatic: boolean): [string, string][] {
  const [name, architecture] = splitKey(key);
  const known = ['package', 'architecture', 'auto-installed'];
  const others = stanza.entries().filter(([field]) => !known.includes(field.toLowerCase()));
  return [['Package', name], ['Architecture', architecture], ['Auto-Installed', automatic ? '1' : '0'], ...others];
}

function markStanza(name: string, architecture: string): string {
  return formatStanza([
    ['Package', name],
    ['Architecture', architecture],
    ['Auto-Installed', '1'],
  ]);
}

/** apt drops such a stanza as well once the package is manual. */
function saysNothingElse(stanza: Stanza): boolean {
  return stanza.names().every((name) => ['package', 'architecture', 'auto-installed'].includes(name.toLowerCase()));
}

function isAutomatic(stanza: Stanza): boolean {
  return Number.parseInt(stanza.get('Auto-Installed') ?? '0', 10) > 0;
}

function stanzaKey(stanza: Stanza, nativeArchitecture: string): InstanceKey | undefined {
  const name = stanza.get('Package');
  if (name === undefined || name === '') return undefined;
  return `${name}:${nativeOr(stanza.get('Architecture') ?? '', nativeArchitecture)}`;
}

function underNative(keys: Iterable<InstanceKey>, nativeArchitecture: string): Set<InstanceKey> {
  const result = new Set<InstanceKey>();
  for (const key of keys) {
    const [name, architecture] = splitKey(key);
    result.add(`${name}:${nativeOr(architecture, nativeArchitecture)}`);
  }
  return result;
}

function nativeOr(architecture: string, nativeArchitecture: string): string {
  return ['', 'all', 'any', 'native'].includes(architecture) ? nativeArchitecture : architecture;
}

function oldNamesByNew(renamed: Readonly<Record<string, string>>): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const [oldName, newName] of Object.entries(renamed)) {
    result.set(newName, [...(result.get(newName) ?? []), oldName]);
  }
  return result;
}

function splitKey(key: InstanceKey): [name: string, architecture: string] {
  const colon = key.lastIndexOf(':');
  return [key.slice(0, colon), key.slice(colon + 1)];
}
