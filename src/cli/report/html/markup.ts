import { printable } from '../../../base/printable.ts';

/** HTML in which everything that is not ours is escaped, because there is no other way to put it in. */

/** Made by `html` alone. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly Part[];

/** Package names, descriptions and file names go in as text, never as markup. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    fixed.map((text, index) => text + (index < parts.length ? write(parts[index] ?? '') : '')).join(''),
  );
}

function write(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(write).join('');
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** HTML knows no control characters, and a page has no more use for the others than a terminal; line ends are blanks. */
function escaped(text: string): string {
  return text
    .split(/(\s+)/)
    .map((word, index) => (index % 2 === 1 ? word.replaceAll(/[^\n\t ]/g, ' ') : printable(word)))
    .join('')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
