import { BoundedCache } from '../base/bounded-cache.ts';
import { CrossgradeError } from '../base/error.ts';
import type { Dependency, Provide, Relation, RelationOperator } from './package.ts';

/** Says where a field stands, for messages: `/var/lib/dpkg/status, line 12, field Depends`. Asked only on an error. */
export type Locate = () => string;

const operators: Readonly<Record<string, RelationOperator>> = {
  '<<': '<<',
  '<=': '<=',
  '=': '=',
  '>=': '>=',
  '>>': '>>',
  // Obsolete, and not what they look like.
  '<': '<=',
  '>': '>=',
  // dpkg takes a version alone as an exact one.
  '': '=',
};

/**
 * Reads `Depends`, `Pre-Depends`, `Recommends` and the like. Architecture lists (`[i386]`) and restriction lists
 * (`<!nocheck>`) have no meaning in binary packages and are passed over, and so are empty items, as apt does.
 *
 * @param text the field's value; may be empty and may be folded
 * @throws {CrossgradeError} CG0103
 * @see deb-control(5); dpkg's lib/dpkg/fields.c, `f_dependency`
 */
export function parseDependencies(text: string, locate: Locate = unknownPlace): readonly Dependency[] {
  return read.getOrMake(text, () => new Scanner(text, locate).dependencies());
}

/** Builds of a package for two architectures say mostly the same, and it takes long to read. */
const read = new BoundedCache<string, readonly Dependency[]>(10_000);

/**
 * Reads `Conflicts`, `Breaks` and `Replaces`: like {@link parseDependencies}, but alternatives are an error.
 *
 * @throws {CrossgradeError} CG0103
 */
export function parseRelations(text: string, locate: Locate = unknownPlace): Relation[] {
  return parseDependencies(text, locate).map((alternatives) => onlyOne(alternatives, text, locate));
}

/**
 * Reads `Provides`; a version counts only with `=`, as dpkg has it.
 *
 * @throws {CrossgradeError} CG0103
 */
export function parseProvides(text: string, locate: Locate = unknownPlace): Provide[] {
  return parseRelations(text, locate).map(({ name, qualifier, operator, version }) => ({
    name,
    ...(operator === '=' && version !== undefined && { version }),
    ...(qualifier !== undefined && { qualifier }),
  }));
}

/** @returns `name:qualifier (operator version)`, as dpkg writes it */
export function formatRelation(relation: Relation): string {
  const name = relation.qualifier === undefined ? relation.name : `${relation.name}:${relation.qualifier}`;
  return relation.operator === undefined ? name : `${name} (${relation.operator} ${relation.version})`;
}

/** @returns its alternatives, joined by ` | ` */
export function formatDependency(dependency: Dependency): string {
  return dependency.map(formatRelation).join(' | ');
}

function onlyOne(alternatives: Dependency, text: string, locate: Locate): Relation {
  const [relation, second] = alternatives;
  if (relation === undefined || second !== undefined)
    throw unreadable('alternatives are not allowed here', text, locate);
  return relation;
}

function unreadable(reason: string, text: string, locate: Locate): CrossgradeError {
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return new CrossgradeError(`${locate()}: ${reason}`, {
    code: 'CG0103',
    hint: 'Repair or remove the package that this field belongs to, then start again.',
    details: [shown.replace(/\s+/g, ' ')],
  });
}

function unknownPlace(): string {
  return 'A relation of a package can not be read';
}

/** One pass over the characters: an index has a million relations. */
class Scanner {
  readonly #text: string;
  readonly #locate: Locate;
  #at = 0;

  constructor(text: string, locate: Locate) {
    this.#text = text;
    this.#locate = locate;
  }

  dependencies(): Dependency[] {
    const dependencies: Dependency[] = [];
    this.#skipBlanks();
    while (this.#at < this.#text.length) {
      if (!this.#take(',')) dependencies.push(this.#alternatives());
      this.#skipBlanks();
    }
    return dependencies;
  }

  #alternatives(): Dependency {
    const alternatives = [this.#relation()];
    while (this.#take('|')) alternatives.push(this.#relation());
    if (this.#at < this.#text.length && this.#peek() !== ',') {
      throw this.#error(`after ${alternatives.at(-1)?.name} stands "${this.#peek()}" where a comma was expected`);
    }
    return alternatives;
  }

  #relation(): Relation {
    this.#skipBlanks();
    const name = this.#word().toLowerCase();
    if (!isPackageName(name)) {
      throw this.#error(name === '' ? 'a package name is missing' : `"${name}" is no package name`);
    }
    const qualifier = this.#take(':') ? this.#word() : undefined;
    if (qualifier === '') throw this.#error(`after "${name}:" an architecture is missing`);
    this.#skipBlanks();
    const version = this.#take('(') ? this.#version(name) : undefined;
    this.#skipLists();
    return { name, ...(qualifier !== undefined && { qualifier }), ...version };
  }

  #version(name: string): Pick<Required<Relation>, 'operator' | 'version'> {
    const end = this.#text.indexOf(')', this.#at);
    if (end < 0) throw this.#error(`the version of ${name} has no closing bracket`);
    const inside = this.#text.slice(this.#at, end).trim();
    this.#at = end + 1;
    let length = 0;
    while (length < 2 && '<=>'.includes(inside.charAt(length)) && length < inside.length) length += 1;
    const operator = operators[inside.slice(0, length)];
    const version = inside.slice(length).trim();
    if (operator === undefined || version === '' || /[\s(<=>]/.test(version)) {
      throw this.#error(`"(${inside})" is no version relation`);
    }
    this.#skipBlanks();
    return { operator, version };
  }

  #skipLists(): void {
    this.#skipList('[', ']');
    this.#skipList('<', '>');
  }

  #skipList(open: string, close: string): void {
    while (this.#peek() === open) {
      const end = this.#text.indexOf(close, this.#at);
      if (end < 0) throw this.#error(`"${open}" is not closed`);
      this.#at = end + 1;
      this.#skipBlanks();
    }
  }

  /** Up to what can not be part of a name or an architecture. */
  #word(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !endsWord(this.#text.charCodeAt(this.#at))) this.#at += 1;
    return this.#text.slice(start, this.#at);
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipBlanks(): void {
    while (this.#at < this.#text.length && isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #error(reason: string): CrossgradeError {
    return unreadable(reason, this.#text, this.#locate);
  }
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Blanks and `: ( , | [ <`. */
function endsWord(code: number): boolean {
  return isSpace(code) || code === 58 || code === 40 || code === 44 || code === 124 || code === 91 || code === 60;
}

/** `_` and capitals are no longer allowed in new packages, but dpkg takes them. */
function isPackageName(name: string): boolean {
  return /^[a-z0-9][-+._a-z0-9]*$/.test(name);
}
