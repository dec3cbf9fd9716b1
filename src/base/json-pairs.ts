/** A key of a JSON object and its text, with the line of the key. */
export interface JsonPair {
  readonly key: string;
  /** undefined where something else stands than a text in quotes: nothing was read after it. */
  readonly value: string | undefined;
  /** From 1. */
  readonly line: number;
}

/** What is wrong with a text that is not JSON. */
export interface JsonTrouble {
  /** From 1. */
  readonly line: number;
  /** `expected "," or "}", found "x"` */
  readonly what: string;
}

const string = /"(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/uy;

/**
 * Reads a JSON object of texts. `JSON.parse` would not say on which line it stumbles, and takes the last of two answers
 * to one question.
 *
 * @returns the pairs as they stand there, keys that are there twice included; 'no object' for JSON of another kind
 */
export function readJsonPairs(text: string): readonly JsonPair[] | 'no object' | JsonTrouble {
  const reader = new Reader(text);
  if (!reader.take('{')) return isJson(text) ? 'no object' : reader.trouble('"{"');
  const pairs: JsonPair[] = [];
  for (let more = !reader.take('}'); more; ) {
    const pair = reader.takePair();
    if ('what' in pair) return pair;
    pairs.push(pair);
    if (pair.value === undefined) return pairs;
    more = reader.take(',');
    if (!more && !reader.take('}')) return reader.trouble('"," or "}"');
  }
  return reader.isAtEnd() ? pairs : reader.trouble('nothing more');
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** With the blanks around it. */
  take(sign: string): boolean {
    this.#skipBlanks();
    if (this.#text.charAt(this.#at) !== sign) return false;
    this.#at += 1;
    this.#skipBlanks();
    return true;
  }

  takePair(): JsonPair | JsonTrouble {
    const line = this.#line();
    const key = this.#takeString();
    if (key === undefined) return this.trouble('a question in double quotes');
    if (!this.take(':')) return this.trouble('":"');
    const value = this.#takeString();
    const isOther = /[\d{[tfn-]/.test(this.#text.charAt(this.#at));
    return value === undefined && !isOther ? this.trouble('an answer in double quotes') : { key, value, line };
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  trouble(expected: string): JsonTrouble {
    const [rest = ''] = this.#text.slice(this.#at).split('\n', 1);
    const found = rest.slice(0, 20).replace(/[^\x20-\x7e]/g, '?');
    const words = this.isAtEnd() ? 'the end' : `"${found}"`;
    return { line: this.#line(), what: `expected ${expected}, found ${words}` };
  }

  #takeString(): string | undefined {
    string.lastIndex = this.#at;
    const [found] = string.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found === undefined ? undefined : (JSON.parse(found) as string);
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #line(): number {
    return this.#text.slice(0, this.#at).split('\n').length;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
