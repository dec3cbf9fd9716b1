import { mapTexts } from './map-texts.ts';
import { withoutPasswords } from './passwords.ts';

declare const isPrintable: unique symbol;

/**
 * Text that may be printed: on a terminal, into report.txt, in what logins are told. Whatever it was made of, it moves
 * no cursor, changes no writing direction, hides nothing and tells no password. The writers take nothing else, and
 * only the functions here and `printLines` of the screens make it, so the compiler finds what was forgotten.
 */
export type Printable = string & { readonly [isPrintable]: true };

/**
 * What a terminal acts on or does not show: controls, changes of the writing direction, characters without a width,
 * line ends, halves of characters.
 */
export const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5/gu;

/** As nearly all texts are: there is nothing to look for. */
const plain = /^[ -?A-~]*$/;

const shortNames: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** @returns one line, in which the unprintable can be seen: `\x1b`, `\u202e` */
export function printable(text: string): Printable {
  if (plain.test(text)) return text as Printable;
  return withoutPasswords(text).replace(unprintable, visible) as Printable;
}

function visible(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const hex = point.toString(16);
  return (
    shortNames[character] ??
    (point <= 0xff ? `\\x${hex.padStart(2, '0')}` : point <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`)
  );
}

/** @returns the lines of a text that may have some, as programs print it; a tab is a blank there */
export function printableLines(text: string): Printable[] {
  return text.split(/\r?\n/).map((line) => printable(line.replaceAll('\t', ' ')));
}

/** What may stand between the words of ours. */
type Part = Printable | number;

/** @returns our own words, with what is printable between them */
export function text(fixed: TemplateStringsArray, ...parts: readonly Part[]): Printable {
  return fixed.map((words, index) => words + (index < parts.length ? String(parts[index]) : '')).join('') as Printable;
}

/** @returns the lines, each with its end */
export function joinLines(lines: readonly Printable[]): Printable {
  return lines.map((line) => `${line}\n`).join('') as Printable;
}

/**
 * @param indent blanks; absent: all in one line
 * @returns JSON that means the same, whatever reads it, and is harmless where a terminal shows it
 */
export function printableJson(value: unknown, indent?: number): Printable {
  const json = JSON.stringify(value, undefined, indent);
  // Its own controls are escaped already; only line ends of its own are left.
  return json.replace(/[^\n -~]/gu, (character) =>
    character.search(unprintable) < 0 ? character : units(character),
  ) as Printable;
}

function units(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}

/** @returns the same value, each text in it printable: what a view shows is as wide as the view thinks */
export function printableIn<Value>(value: Value): Value {
  return mapTexts(value, printable);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that our views put there
const styleCode = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/;

/**
 * @param hasStyles whether our own codes of styles may be in it; else they are as foreign as any other
 * @returns a line that a view has made
 */
export function printableLine(line: string, hasStyles: boolean): Printable {
  if (!hasStyles) return printable(line);
  return line
    .split(styleCode)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('') as Printable;
}
