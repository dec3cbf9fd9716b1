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
  for (const part of parts(script)) {
    const words = withoutLeading(part);
    const [first = ''] = words;
    if (first === '' || ends.has(first) || /^["'$]|^\d*[<>]/.test(first)) continue;
    const plain = words.map((word) => word.replaceAll(/^["']|["']$/g, ''));
    if (!builtIn.has(first) && !functions.has(first) && !/\(\)$/.test(first)) commands.push(plain);
  }
  return commands;
}

/** Keywords, assignments and redirections before a command's name. */
function withoutLeading(words: readonly string[]): string[] {
  let rest = [...words];
  for (;;) {
    const [first = ''] = rest;
    if (keywords.has(first) || first === 'exec' || /^[A-Za-z_]\w*=/.test(first)) rest = rest.slice(1);
    else if (first === 'for') return [];
    else if (first === 'case') rest = rest.slice(rest.indexOf('in') + 1);
    else if (first.startsWith('*') || first.endsWith(')')) rest = rest.slice(1);
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
  const commands: string[][] = [[]];
  let word = '';
  let after = 0;
  const endWord = () => {
    if (word !== '') commands.at(-1)?.push(word);
    word = '';
  };
  for (const { 0: found, index, groups } of text.matchAll(token)) {
    if (index < after || groups?.comment) continue;
    if (groups?.end || groups?.space) endWord();
    else word += found.startsWith('$(') ? '$' : found;
    if (groups?.end) commands.push([]);
    if (found.startsWith('$(')) after = closing(text, index + 1) + 1;
    if (found === '$(' || found.startsWith('"')) substituted.push(...substitution(text, index, found));
  }
  endWord();
  return [...substituted, ...commands.filter((words) => words.length > 0)];
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
