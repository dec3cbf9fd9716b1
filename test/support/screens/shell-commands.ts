/** Words of a shell's own, and what comes after which a command begins. */
const keywords: ReadonlySet<string> = new Set(['!', '{', 'do', 'elif', 'else', 'if', 'then', 'until', 'while']);
const ends: ReadonlySet<string> = new Set(['}', 'done', 'esac', 'fi']);
const builtIn: ReadonlySet<string> = new Set(
  ': . [ alias break cd command continue echo eval exit export false getopts hash kill local printf pwd read readonly return set shift test times trap true type ulimit umask unset wait'.split(
    ' ',
  ),
);

/**
 * The commands that a script for sh has, as lists of words; builtins and its own functions are left out. Good for plain
 * scripts: quotes keep words together, and what is quoted is not looked into.
 *
 * @param script `\0` stands for what is not known
 */
export function commandsOfShell(script: string): string[][] {
  const functions = new Set([...script.matchAll(/^\s*([a-z_]+)\(\)/gm)].map(([, name]) => name));
  const commands: string[][] = [];
  for (const part of parts(withPrograms(script))) {
    const words = withoutLeading(part);
    const [first = ''] = words;
    if (first === '' || ends.has(first) || /^["'$]|^\d*[<>]/.test(first)) continue;
    const plain = words.map((word) => word.replaceAll(/^["']|["']$/g, ''));
    if (!builtIn.has(first) && !functions.has(first) && !/\(\)$/.test(first)) commands.push(plain);
  }
  return commands;
}

/** A program that has a variable of its own is written where the variable is. */
function withPrograms(script: string): string {
  const places = [...script.matchAll(/^([a-z_]+)=(\/\S+)$/gm)];
  return places.reduce(
    (text, [, name = '', path = '']) => text.replaceAll(new RegExp(`\\$${name}\\b`, 'g'), path),
    script,
  );
}

/** Keywords, assignments and redirections before a command's name. */
function withoutLeading(words: readonly string[]): string[] {
  let rest = [...words];
  for (;;) {
    const [first = ''] = rest;
    if (keywords.has(first) || first === 'exec' || /^[A-Za-z_]\w*=/.test(first)) rest = rest.slice(1);
    else if (first === 'for') return [];
    else return rest;
  }
}

/** What is in quotes, a sum, the start of a substitution, a comment, ends of commands, white space, one character. */
const token =
  /'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\$\(\(|\$\(|(?<comment>(?<=^|[\s;&|(])#[^\n]*)|(?<end>(?<![<>])[;\n&|]+)|(?<space>[^\S\n]+)|[\s\S]/g;

/** Simple commands as words, at the shell's own separators; what is substituted is a command as well. */
function parts(script: string): string[][] {
  const text = script.replaceAll(/<<(\w+)\n[\s\S]*?\n\1$/gm, '').replaceAll(/\\\n/g, ' ');
  const substituted: string[][] = [];
  const commands = new Commands();
  let after = 0;
  for (const { 0: found, index, groups } of text.matchAll(token)) {
    if (index < after || groups?.comment) continue;
    if (groups?.end) commands.end(found);
    else if (groups?.space) commands.endWord();
    else commands.add(found.startsWith('$(') ? '$' : found);
    if (found.startsWith('$(')) after = closing(text, index + 1) + 1;
    if (found === '$(' || found.startsWith('"')) substituted.push(...substitution(text, index, found));
  }
  return [...substituted, ...commands.all()];
}

/** Lists of words as they come in, without patterns of `case WORD in PATTERN) … ;; esac`, and without parentheses. */
class Commands {
  readonly #done: string[][] = [];
  #words: string[] = [];
  #word = '';
  #subshells = 0;
  #cases = 0;
  #isPattern = false;

  add(found: string): void {
    if (found === ')' && this.#isPattern) {
      this.#word = '';
      this.#isPattern = false;
    } else if (found === '(' && this.#word === '') {
      this.#subshells += this.#isPattern ? 0 : 1;
      this.end(found);
    } else if (found === ')' && this.#subshells > 0 && !this.#word.endsWith('(')) {
      this.#subshells -= 1;
      this.end(found);
    } else this.#word += found;
  }

  endWord(): void {
    const word = this.#word;
    this.#word = '';
    const begins = word === 'in' && this.#words.at(-2) === 'case';
    const ends = word === 'esac' && this.#cases > 0 && this.#words.length === 0;
    if (begins || ends) {
      this.#cases += begins ? 1 : -1;
      this.#words = [];
      this.#isPattern = begins;
    } else if (word !== '' && !this.#isPattern) this.#words.push(word);
  }

  end(separator: string): void {
    this.endWord();
    if (this.#words.length > 0) this.#done.push(this.#words);
    this.#words = [];
    if (separator.startsWith(';;')) this.#isPattern = this.#cases > 0;
  }

  all(): string[][] {
    this.end('');
    return this.#done;
  }
}

/** The commands of the first `$(…)` in a token. */
function substitution(text: string, index: number, found: string): string[][] {
  const start = found.indexOf('$(');
  return start === -1 ? [] : parts(text.slice(index + start + 2, closing(text, index + start + 1)));
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}
