import { brokenLine, eachStanza, type Place, type Stanza, type TextSpan } from '../debian/deb822.ts';
import type { SourceEntry } from '../debian/inventory.ts';

/** Two architectures, in Debian's names. */
export interface SourceArchitectures {
  readonly source: string;
  readonly target: string;
}

/**
 * Reads a file of apt's sources, in the one-line format or, when its name ends in `.sources`, in the deb822 format.
 *
 * @returns enabled entries in their order, deb-src ones included. `architectures` is there only for a plain restriction:
 *   `arch+=`, `arch-=`, `Architectures-Add` and `Architectures-Remove` change apt's default set and are left out
 * @throws {CrossgradeError} CG0101 for what apt refuses to read
 * @see sources.list(5)
 */
export function readSources(text: string, fileName: string): SourceEntry[] {
  return isDeb822(fileName) ? readStanzas(text, fileName) : readLines(text, fileName);
}

/**
 * Lets entries that are restricted to the source architecture offer the target as well: the target is added to each
 * list that names the source (`[arch=…]`, `[arch+=…]`, `Architectures`, `Architectures-Add`), and taken out of a list of
 * excluded ones (`[arch-=…]`, `Architectures-Remove`) that spares the source. Entries without a list are offered in
 * every architecture that dpkg has, and stay as they are.
 *
 * @returns the text, byte for byte the same everywhere else; entries in comments are not touched
 * @throws {CrossgradeError} CG0101
 */
export function offerArchitecture(text: string, fileName: string, architectures: SourceArchitectures): string {
  const { source, target } = architectures;
  return editLists(text, fileName, (list) => {
    const hasTarget = list.words.includes(target);
    if (list.kind === 'remove') {
      return hasTarget && !list.words.includes(source) ? without(list, target) : undefined;
    }
    if (hasTarget || !list.words.includes(source)) return undefined;
    return addAfter(list, source, target);
  });
}

/**
 * Takes the source architecture out of each list that names it and the target. An entry that is for the source alone
 * keeps its list: without it, it would suddenly be for all architectures.
 *
 * @returns the text, byte for byte the same everywhere else
 * @throws {CrossgradeError} CG0101
 */
export function dropArchitecture(text: string, fileName: string, architectures: SourceArchitectures): string {
  const { source, target } = architectures;
  return editLists(text, fileName, (list) => {
    if (list.kind === 'remove') return undefined;
    return list.words.includes(source) && list.words.includes(target) ? without(list, source) : undefined;
  });
}

/** A list of architectures in a file's text. */
interface ArchitectureList {
  readonly kind: 'set' | 'add' | 'remove';
  readonly words: readonly string[];
  /** Where each word stands. */
  readonly spans: readonly TextSpan[];
  /** The whole option or field, with the blanks or the newline that follow: what goes when the list gets empty. */
  readonly whole: TextSpan;
  readonly separator: string;
}

interface Edit extends TextSpan {
  readonly replacement: string;
}

interface Word extends TextSpan {
  readonly text: string;
}

const optionKinds: Readonly<Record<string, ArchitectureList['kind']>> = {
  arch: 'set',
  'arch+': 'add',
  'arch-': 'remove',
};
const fieldKinds: Readonly<Record<string, ArchitectureList['kind']>> = {
  Architectures: 'set',
  'Architectures-Add': 'add',
  'Architectures-Remove': 'remove',
};
const types: readonly string[] = ['deb', 'deb-src'];
const noWords: readonly string[] = ['no', 'false', 'without', 'off', 'disable', '0'];

function isDeb822(fileName: string): boolean {
  return fileName.endsWith('.sources');
}

function editLists(text: string, fileName: string, edit: (list: ArchitectureList) => Edit | undefined): string {
  const lists = isDeb822(fileName) ? fieldLists(text, fileName) : optionLists(text, fileName);
  let result = text;
  // From the end, so that earlier offsets stay true.
  for (const list of lists.reverse()) {
    const change = edit(list);
    if (change !== undefined) result = result.slice(0, change.start) + change.replacement + result.slice(change.end);
  }
  return result;
}

function addAfter(list: ArchitectureList, word: string, added: string): Edit | undefined {
  const span = list.spans[list.words.indexOf(word)];
  return span && { start: span.end, end: span.end, replacement: `${list.separator}${added}` };
}

function without(list: ArchitectureList, word: string): Edit | undefined {
  const index = list.words.indexOf(word);
  const span = list.spans[index];
  if (span === undefined) return undefined;
  if (list.words.every((one) => one === word)) return { ...list.whole, replacement: '' };
  const previous = list.spans[index - 1];
  const next = list.spans[index + 1];
  if (next !== undefined) return { start: span.start, end: next.start, replacement: '' };
  return { start: previous?.end ?? span.start, end: span.end, replacement: '' };
}

function readStanzas(text: string, fileName: string): SourceEntry[] {
  const entries: SourceEntry[] = [];
  for (const stanza of eachStanza(text, fileName, { comments: true })) {
    if (noWords.includes((stanza.get('Enabled') ?? 'yes').toLowerCase())) continue;
    const architectures = words(stanza.get('Architectures'));
    entries.push({
      file: fileName,
      line: stanza.line,
      types: stanzaTypes(stanza),
      uris: requiredWords(stanza, 'URIs'),
      suites: requiredWords(stanza, 'Suites'),
      components: words(stanza.get('Components')),
      ...(architectures.length > 0 && { architectures }),
    });
  }
  return entries;
}

function stanzaTypes(stanza: Stanza): string[] {
  const found = requiredWords(stanza, 'Types');
  const unknown = found.find((type) => !types.includes(type));
  if (unknown === undefined) return found;
  throw brokenLine({ fileName: stanza.fileName, line: stanza.lineOf('Types') }, `apt knows no type "${unknown}"`);
}

function requiredWords(stanza: Stanza, field: string): string[] {
  const found = words(stanza.get(field));
  if (found.length > 0) return found;
  throw brokenLine({ fileName: stanza.fileName, line: stanza.line }, `this source has no ${field}`);
}

/** apt turns blanks into commas, and so takes both. */
function words(value: string | undefined): string[] {
  return (value ?? '').split(/[\s,]+/).filter((word) => word !== '');
}

function fieldLists(text: string, fileName: string): ArchitectureList[] {
  const lists: ArchitectureList[] = [];
  for (const stanza of eachStanza(text, fileName, { comments: true })) {
    for (const [field, kind] of Object.entries(fieldKinds)) {
      const value = stanza.valueSpan(field);
      if (value === undefined) continue;
      const found = wordsIn(text, value);
      const start = text.lastIndexOf('\n', value.start) + 1;
      lists.push({
        kind,
        words: found.map((word) => word.text),
        spans: found,
        whole: { start, end: Math.min(value.end + 1, text.length) },
        separator: ' ',
      });
    }
  }
  return lists.sort((a, b) => a.whole.start - b.whole.start);
}

/** Words between two offsets; lines that are comments have none. */
function wordsIn(text: string, { start, end }: TextSpan): Word[] {
  const found: Word[] = [];
  const pattern = /(?<=\n)#[^\n]*|[^\s,]+/g;
  pattern.lastIndex = start;
  for (let match = pattern.exec(text); match !== null && match.index < end; match = pattern.exec(text)) {
    if (!match[0].startsWith('#')) found.push({ text: match[0], start: match.index, end: pattern.lastIndex });
  }
  return found;
}

/** A line of the one-line format, taken apart. */
interface SourceLine {
  readonly place: Place;
  readonly type: Word;
  /** `name=value` words between the brackets. */
  readonly options: readonly Word[];
  /** From the opening to the closing bracket and the blanks behind it. */
  readonly brackets?: TextSpan;
  /** URI, suite, components. */
  readonly rest: readonly Word[];
}

function readLines(text: string, fileName: string): SourceEntry[] {
  return sourceLines(text, fileName).map(({ place, type, options, rest }) => {
    const [uri, suite, ...components] = rest.map((word) => word.text.replaceAll('"', ''));
    if (uri === undefined || suite === undefined) throw brokenLine(place, 'it needs a URI and a suite');
    if (!uri.includes(':')) throw brokenLine(place, `"${uri}" is no URI`);
    if (components.length === 0 && !suite.endsWith('/')) throw brokenLine(place, 'it names no component');
    const architectures = options.flatMap(({ text: option }) =>
      option.startsWith('arch=') ? words(option.slice('arch='.length).replaceAll('"', '')) : [],
    );
    return {
      file: place.fileName,
      line: place.line,
      types: [type.text],
      uris: [uri],
      suites: [suite],
      components,
      ...(architectures.length > 0 && { architectures }),
    };
  });
}

function optionLists(text: string, fileName: string): ArchitectureList[] {
  return sourceLines(text, fileName).flatMap(({ options, brackets }) =>
    options.flatMap((option, index): ArchitectureList[] => {
      const equals = option.text.indexOf('=');
      const kind = optionKinds[option.text.slice(0, equals)];
      if (kind === undefined) return [];
      const found = architectureWords(option, equals + 1);
      const onlyOption = options.length === 1 && brackets !== undefined;
      const end = options[index + 1]?.start ?? option.end;
      const start =
        index > 0 && index === options.length - 1 ? (options[index - 1]?.end ?? option.start) : option.start;
      return [
        {
          kind,
          words: found.map((word) => word.text),
          spans: found,
          whole: onlyOption ? brackets : { start, end },
          separator: ',',
        },
      ];
    }),
  );
}

function architectureWords(option: Word, from: number): Word[] {
  const found: Word[] = [];
  for (const match of option.text.slice(from).matchAll(/[^,"]+/g)) {
    const start = option.start + from + match.index;
    found.push({ text: match[0], start, end: start + match[0].length });
  }
  return found;
}

function sourceLines(text: string, fileName: string): SourceLine[] {
  const lines: SourceLine[] = [];
  let start = 0;
  text.split('\n').forEach((content, index) => {
    const line = sourceLine(content, start, { fileName, line: index + 1 });
    if (line !== undefined) lines.push(line);
    start += content.length + 1;
  });
  return lines;
}

function sourceLine(content: string, offset: number, place: Place): SourceLine | undefined {
  const end = commentStart(content);
  const type = /^\s*([^\s[]+)\s*/.exec(content.slice(0, end));
  if (type === null) return undefined;
  const [before, name = ''] = type;
  if (!types.includes(name))
    throw brokenLine(place, `apt knows no type "${name.replace(/[^\x20-\x7e]/g, '?').slice(0, 40)}"`);

  const typeStart = offset + content.indexOf(name);
  const typeWord = { text: name, start: typeStart, end: typeStart + name.length };
  if (content[before.length] !== '[') {
    return { place, type: typeWord, options: [], rest: quotedWords(content, before.length, end, offset) };
  }
  const close = content.indexOf(']', before.length);
  if (close < 0 || close >= end) throw brokenLine(place, 'its options have no closing bracket');
  const restStart = close + 1 + (/^\s*/.exec(content.slice(close + 1))?.[0].length ?? 0);
  return {
    place,
    type: typeWord,
    options: quotedWords(content, before.length + 1, close, offset),
    brackets: { start: offset + before.length, end: offset + restStart },
    rest: quotedWords(content, restStart, end, offset),
  };
}

/** A `#` between brackets begins no comment: CD names have some. */
function commentStart(content: string): number {
  for (let at = 0; at < content.length; at += 1) {
    if (content[at] === '#') return at;
    if (content[at] === '[') {
      const close = content.indexOf(']', at);
      if (close > 0) at = close;
    }
  }
  return content.length;
}

/** Words as apt takes them: blanks within `"…"` and `[…]` belong to the word (`cdrom:[Debian GNU/Linux 12]/`). */
function quotedWords(content: string, start: number, end: number, offset: number): Word[] {
  const found: Word[] = [];
  const pattern = /(?:"[^"]*"|\[[^\]]*\]|[^\s"[]|["[])+/g;
  for (const match of content.slice(start, end).matchAll(pattern)) {
    const wordStart = offset + start + match.index;
    found.push({ text: match[0], start: wordStart, end: wordStart + match[0].length });
  }
  return found;
}
