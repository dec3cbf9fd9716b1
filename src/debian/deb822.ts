import { CrossgradeError } from '../base/error.ts';

/** How strictly a file is read. */
export interface StanzaOptions {
  /**
   * Lines that begin with `#` are comments: true for apt's sources only. dpkg and apt know none in status files and
   * indexes, where such a line is damage. Absent: false.
   */
  readonly comments?: boolean;
  /**
   * Nothing vouches for the file (an index has a checksum, dpkg's own files have none): NUL bytes and a last line
   * without its newline are errors, as after a power cut, and so is a carriage return alone on a line. dpkg refuses the
   * latter two, too. Absent: false.
   */
  readonly mayBeDamaged?: boolean;
}

/** Where something stands in a text: offsets in UTF-16 units, end exclusive. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** A line's place and what is wrong with it, for messages. */
export interface Place {
  readonly fileName: string;
  /** From 1. */
  readonly line: number;
}

/** Name start, colon and value end of each field: offsets, three numbers a field. */
type FieldOffsets = readonly number[];

const newline = 10;
const carriageReturn = 13;
const space = 32;
const tab = 9;
const hash = 35;
const hyphen = 45;
const colon = 58;
const lastPrintable = 126;
/** Real ones have about 30; the bound keeps junk from costing time. */
const mostFields = 1000;

/**
 * One stanza of a control file. It keeps offsets into the file's text and cuts values out when they are asked for:
 * an index of 60,000 packages is walked through without copying it.
 *
 * @see deb822(5)
 */
export class Stanza {
  readonly fileName: string;
  /** Line of its first field, from 1. */
  readonly line: number;
  readonly #text: string;
  readonly #offsets: FieldOffsets;
  readonly #comments: boolean;

  constructor(text: string, place: Place, offsets: FieldOffsets, comments: boolean) {
    this.#text = text;
    this.fileName = place.fileName;
    this.line = place.line;
    this.#offsets = offsets;
    this.#comments = comments;
  }

  /**
   * @param name field name, in any case
   * @returns the value without surrounding blanks, undefined when there is no such field. Further lines are kept with
   *   their newline and leading blank, so a value that begins on the second line begins with a newline, as in dpkg.
   */
  get(name: string): string | undefined {
    const field = this.#find(name);
    return field < 0 ? undefined : this.#value(field);
  }

  has(name: string): boolean {
    return this.#find(name) >= 0;
  }

  /** @returns field names as written, in their order */
  names(): string[] {
    const names: string[] = [];
    for (let field = 0; field < this.#offsets.length; field += 3) names.push(this.#name(field));
    return names;
  }

  /** @returns name and value of each field, in their order: what {@link formatStanza} takes */
  entries(): [string, string][] {
    const entries: [string, string][] = [];
    for (let field = 0; field < this.#offsets.length; field += 3) entries.push([this.#name(field), this.#value(field)]);
    return entries;
  }

  /** @returns the line on which a field begins; the stanza's line when there is no such field */
  lineOf(name: string): number {
    const field = this.#find(name);
    if (field < 0) return this.line;
    return this.line + countNewlines(this.#text, this.#at(0), this.#at(field));
  }

  /** @returns where a field's value stands in the file's text, from the colon to the line's end, comments included */
  valueSpan(name: string): TextSpan | undefined {
    const field = this.#find(name);
    return field < 0 ? undefined : { start: this.#at(field + 1) + 1, end: this.#at(field + 2) };
  }

  #at(index: number): number {
    return this.#offsets[index] as number;
  }

  #name(field: number): string {
    return this.#text.slice(this.#at(field), this.#at(field + 1)).trimEnd();
  }

  #find(name: string): number {
    const first = name.charCodeAt(0) | 32;
    for (let field = 0; field < this.#offsets.length; field += 3) {
      const start = this.#at(field);
      if ((this.#text.charCodeAt(start) | 32) !== first) continue;
      if (sameName(this.#name(field), name)) return field;
    }
    return -1;
  }

  #value(field: number): string {
    const end = this.#at(field + 2);
    let start = this.#at(field + 1) + 1;
    while (start < end && isBlank(this.#text.charCodeAt(start))) start += 1;
    const value = this.#text.slice(start, end);
    return (this.#comments ? withoutComments(value) : value).trimEnd();
  }
}

/**
 * Reads stanza by stanza, so that a big index need not hold all of them at once.
 *
 * A line of blanks alone separates nothing: dpkg and apt take it as part of the field.
 *
 * @param text the whole file
 * @param fileName for messages
 * @throws {CrossgradeError} CG0101 with file and line, for what is neither field nor continuation, for a field that is
 *   there twice, and for damage (see {@link StanzaOptions})
 * @see deb822(5); dpkg's lib/dpkg/parse.c, `parse_stanza`
 */
export function* eachStanza(text: string, fileName: string, options: StanzaOptions = {}): Generator<Stanza> {
  const comments = options.comments ?? false;
  if (options.mayBeDamaged) rejectDamage(text, fileName);

  let offsets: number[] = [];
  let firstLine = 0;
  let line = 0;
  for (let start = 0; start < text.length; ) {
    line += 1;
    const end = lineEnd(text, start);
    switch (lineKind(text, start, end, comments)) {
      case 'empty':
        if (offsets.length > 0) yield newStanza(text, { fileName, line: firstLine }, offsets, comments);
        offsets = [];
        break;
      case 'continuation':
        continueField(text, { start, end }, { fileName, line }, offsets);
        break;
      case 'field':
        if (offsets.length === 0) firstLine = line;
        if (offsets.length === mostFields * 3) throw brokenLine({ fileName, line }, 'no paragraph has so many fields');
        offsets.push(start, findColon(text, start, end, { fileName, line }), end);
        break;
      case 'comment':
        break;
    }
    start = end + 1;
  }
  if (offsets.length > 0) yield newStanza(text, { fileName, line: firstLine }, offsets, comments);
}

/**
 * All stanzas of a file; see {@link eachStanza}.
 *
 * @throws {CrossgradeError} CG0101
 */
export function parseStanzas(text: string, fileName: string, options: StanzaOptions = {}): Stanza[] {
  return [...eachStanza(text, fileName, options)];
}

/**
 * The reverse of reading: names and values, as {@link Stanza.entries} gives them, back to text.
 *
 * @param fields further lines of a value may lack their leading blank; an empty one becomes ` .`
 * @returns lines that each end in a newline, without the empty line that separates stanzas
 */
export function formatStanza(fields: Iterable<readonly [string, string]>): string {
  let text = '';
  for (const [name, value] of fields) {
    const [first = '', ...more] = value.split('\n');
    text += first === '' ? `${name}:\n` : `${name}: ${first}\n`;
    for (const line of more) text += `${continuation(line)}\n`;
  }
  return text;
}

/**
 * The error for a line that can't be read, the same for all of dpkg's and apt's files.
 *
 * @param reason completes "is broken: …"
 * @returns CG0101, to be thrown
 */
export function brokenLine(place: Place, reason: string): CrossgradeError {
  const copies = place.fileName.startsWith('/etc/')
    ? ''
    : ' (dpkg keeps some as /var/lib/dpkg/*-old and in /var/backups)';
  return new CrossgradeError(`${place.fileName}, line ${place.line}, is broken: ${reason}`, {
    code: 'CG0101',
    hint: `Repair ${place.fileName} or put an older copy in its place${copies}, then start again.`,
  });
}

function lineEnd(text: string, start: number): number {
  const found = text.indexOf('\n', start);
  return found < 0 ? text.length : found;
}

function lineKind(
  text: string,
  start: number,
  end: number,
  comments: boolean,
): 'empty' | 'comment' | 'continuation' | 'field' {
  const code = text.charCodeAt(start);
  if (start === end || (code === carriageReturn && end === start + 1)) return 'empty';
  if (comments && code === hash) return 'comment';
  return isBlank(code) ? 'continuation' : 'field';
}

/** A line of blanks between stanzas is no harm. */
function continueField(text: string, { start, end }: TextSpan, place: Place, offsets: number[]): void {
  if (offsets.length > 0) offsets[offsets.length - 1] = end;
  else if (text.slice(start, end).trim() !== '') {
    throw brokenLine(place, `it continues a field, but none has begun: ${excerpt(text, start, end)}`);
  }
}

function newStanza(text: string, place: Place, offsets: FieldOffsets, comments: boolean): Stanza {
  const repeated = repeatedField(text, offsets);
  if (repeated === undefined) return new Stanza(text, place, offsets, comments);
  const line = place.line + countNewlines(text, offsets[0] as number, repeated.start);
  const name = text.slice(repeated.start, repeated.end);
  throw brokenLine({ fileName: place.fileName, line }, `the field ${name} is there twice in one paragraph`);
}

/** Compares without cutting names out first: this runs for each field of an index. */
function repeatedField(text: string, offsets: FieldOffsets): TextSpan | undefined {
  for (let field = 3; field < offsets.length; field += 3) {
    const start = offsets[field] as number;
    const end = offsets[field + 1] as number;
    const first = text.charCodeAt(start) | 32;
    for (let earlier = 0; earlier < field; earlier += 3) {
      const otherStart = offsets[earlier] as number;
      const otherEnd = offsets[earlier + 1] as number;
      if (otherEnd - otherStart !== end - start || (text.charCodeAt(otherStart) | 32) !== first) continue;
      if (sameName(text.slice(start, end), text.slice(otherStart, otherEnd))) return { start, end };
    }
  }
  return undefined;
}

function findColon(text: string, start: number, end: number, place: Place): number {
  const first = text.charCodeAt(start);
  let at = start;
  if (first !== hash && first !== hyphen) {
    while (at < end && isNameCharacter(text.charCodeAt(at))) at += 1;
    const nameEnd = at;
    // dpkg and apt both allow it, deb822(5) does not.
    while (at < end && isBlank(text.charCodeAt(at))) at += 1;
    if (nameEnd > start && at < end && text.charCodeAt(at) === colon) return at;
  }
  throw brokenLine(place, `expected "Field: value", found ${excerpt(text, start, end)}`);
}

function rejectDamage(text: string, fileName: string): void {
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const line = countNewlines(text, 0, nul) + 1;
    throw brokenLine({ fileName, line }, 'it has NUL bytes, as after a power cut, or the file is not a text file');
  }
  const carriage = `\n${text}`.indexOf('\n\r\n');
  if (carriage >= 0) {
    const line = countNewlines(text, 0, carriage) + 1;
    const why = 'it has a carriage return, as Windows programs write them; dpkg does not take it for an empty line';
    throw brokenLine({ fileName, line }, why);
  }
  if (text !== '' && text.charCodeAt(text.length - 1) !== newline) {
    const line = countNewlines(text, 0, text.length) + 1;
    throw brokenLine({ fileName, line }, 'the file ends in the middle of it: the file was cut off');
  }
}

/** A few characters in quotes, fit for any terminal. */
function excerpt(text: string, start: number, end: number): string {
  const shown = text.slice(start, Math.min(end, start + 40)).replace(/[^\x20-\x7e]/g, '?');
  return `"${shown}${end > start + 40 ? '…' : ''}"`;
}

function continuation(line: string): string {
  if (line.trim() === '') return ' .';
  return isBlank(line.charCodeAt(0)) ? line : ` ${line}`;
}

function withoutComments(value: string): string {
  if (!value.includes('\n#')) return value;
  return value
    .split('\n')
    .filter((line, index) => index === 0 || !line.startsWith('#'))
    .join('\n');
}

function sameName(one: string, other: string): boolean {
  return one === other || (one.length === other.length && one.toLowerCase() === other.toLowerCase());
}

function isNameCharacter(code: number): boolean {
  return code > space && code <= lastPrintable && code !== colon;
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}

function countNewlines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
