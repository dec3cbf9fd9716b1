import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { guestText } from '../../../scripts/guest-text.mjs';
import { commandsOfShell } from '../screens/shell-commands.ts';

/** A program that a source file runs; `name` is undefined where the scan cannot tell which one. */
export interface ProgramRun {
  readonly name: string | undefined;
  readonly where: string;
}

/** Stands for what only the running program knows. */
const hole = '\0';

/** They run what comes after their own options. */
const wrappers: ReadonlySet<string> = new Set([
  'env',
  'nsenter',
  'setpriv',
  'systemd-inhibit',
  'systemd-run',
  'timeout',
  'unshare',
  'xargs',
]);

/** They make roots, or read a host that was recorded: nothing of theirs runs in a root that is crossgraded. */
const noRoot = /\/src\/(sandbox\/|machine\/recorded-host[.]ts$)/;

const methods: ReadonlySet<string> = new Set(['run', 'start']);
const starters: ReadonlySet<string> = new Set(['execa', 'execFileSync', 'execFile', 'spawn', 'spawnSync']);

/**
 * Which programs the sources run: what is handed to `Machine.run`, `Machine.start`, and to Node's own ways to start a
 * program is followed through the sources, with the scripts that shells and perl get.
 */
export function programsRun(top: string): ProgramRun[] {
  const files = ['src', 'steps'].flatMap((folder) => filesBelow(join(top, folder)));
  const scan = new Scan(top, files);
  return [...scan.all(), ...packagedScripts(top)];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !noRoot.test(path));
}

/** `const { execa } = await import('execa')` */
function isLateImport(declaration: ts.Node): boolean {
  if (!ts.isVariableDeclaration(declaration) || !declaration.initializer) return false;
  const { initializer } = declaration;
  return /^await import\('[^.']/.test(initializer.getText()) || initializer.getText() === 'loaded';
}

/** What the package itself has dpkg and systemd run. */
function packagedScripts(top: string): ProgramRun[] {
  const folder = join(top, 'packaging');
  return readdirSync(folder).flatMap((name) => {
    const where = `packaging/${name}`;
    const text = readFileSync(join(folder, name), 'utf8');
    if (name.endsWith('.service')) {
      const lines = [...text.matchAll(/^Exec\w*=[-@:+!]*(.*)$/gm)].map(([, line = '']) => line);
      return lines.flatMap((line) => programsIn(line.split(' '), where));
    }
    if (!/\.sh$|^(pre|post)(inst|rm)$/.test(name)) return [];
    const [, interpreter] = /^#!(\S+)/.exec(text) ?? [];
    const own = interpreter === undefined ? [] : [{ name: nameOf(interpreter), where }];
    return [...own, ...shellPrograms(text, where)];
  });
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function shellPrograms(script: string, where: string): ProgramRun[] {
  return commandsOfShell(script).flatMap((words) => programsIn(words, where));
}

/** perl's own ways to run something, as the one script that is written in it has them. */
function perlPrograms(script: string, where: string): ProgramRun[] {
  const names = [
    ...script.matchAll(
      /(?:\brun|(?<!\$0 )= |\? \(\) : |return |system)\(?\('([a-z]\S*?)'|\brun\('([a-z]\S*?)'|@owner, '([a-z]+)'/g,
    ),
  ];
  const shells = [...script.matchAll(/'sh', '-c', '(.*?)', 'sh'/g)].flatMap(([, text = '']) =>
    shellPrograms(text, where),
  );
  return [...names.map((match) => ({ name: match[1] ?? match[2] ?? match[3], where })), ...shells];
}

/** @param words of a command line, with holes */
function programsIn(words: readonly string[], where: string): ProgramRun[] {
  const [program = hole, ...rest] = words;
  const name = nameOf(program);
  const own = { name: name.includes(hole) || name === '' ? undefined : name, where };
  const isShell = name === 'sh' || name === 'bash';
  if (isShell) return [own, ...givenToShell(rest, where)];
  if (name === 'perl' && rest[0] === '-e') {
    const script = rest[1] ?? '';
    const handed = /\bsystem \{ \$ARGV\[0\] \} @ARGV/.test(script) ? rest.slice(2 + shifted(script)) : [];
    return [own, ...perlPrograms(script, where), ...(handed.length > 0 ? programsIn(handed, where) : [])];
  }
  const inner = innerCommand(name, rest);
  return inner.length === 0 ? [own] : [own, ...programsIn(inner, where)];
}

function givenToShell(words: readonly string[], where: string): ProgramRun[] {
  const option = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (option === -1) return [];
  const script = words[option + 1] ?? '';
  const [, before] = /^([\s\S]*?(?:^|[;&|\n]|\bexec))\s*"\$@"/.exec(script) ?? [];
  if (before === undefined) return shellPrograms(script, where);
  const rest = words.slice(option + 3 + shifted(before));
  // A list of words before it may have any length.
  const start = rest[0]?.startsWith(hole) ? rest.findIndex((word) => /^[a-z]+$/.test(word)) : 0;
  return [...shellPrograms(script, where), ...(start === -1 ? [] : programsIn(rest.slice(start), where))];
}

/** How many words a script has taken away. */
function shifted(script: string): number {
  return [...script.matchAll(/\bshift\b *(\d*)/g)].reduce((sum, [, count]) => sum + Number(count || 1), 0);
}

/** What a program is told to run. */
function innerCommand(name: string, words: readonly string[]): readonly string[] {
  if (name === 'find') return words.includes('-exec') ? words.slice(words.indexOf('-exec') + 1) : [];
  if (!wrappers.has(name)) return [];
  // After how long.
  if (name === 'timeout') return words.slice(words.findIndex((word) => !word.startsWith('-')) + 1);
  if (words.includes('--')) return words.slice(words.indexOf('--') + 1);
  const start = words.findIndex((word) => /^\/?[a-z]/.test(word) || (word !== hole && word.startsWith(hole)));
  return start === -1 ? [] : words.slice(start);
}

/** How many steps from a call to the words: sources may be circular. */
const deepest = 24;

type Environment = ReadonlyMap<ts.Symbol, { readonly value: ts.Expression; readonly within: Environment }>;
interface Returned {
  readonly value: ts.Expression;
  readonly within: Environment;
}
const nowhere: Environment = new Map();

class Scan {
  readonly #top: string;
  readonly #checker: ts.TypeChecker;
  readonly #files: readonly ts.SourceFile[];
  readonly #calls = new Map<ts.Symbol, ts.CallExpression[]>();
  /** Functions to the parameters that they are given as. */
  readonly #handedTo = new Map<ts.Symbol, ts.Symbol[]>();
  readonly #made = new Map<ts.Symbol, ts.NewExpression[]>();
  readonly #knownLists = new Map<ts.Node, string[][]>();
  readonly #knownTexts = new Map<ts.Node, string[]>();
  readonly #properties = new Map<string, ts.Expression[]>();

  constructor(top: string, files: readonly string[]) {
    this.#top = top;
    const { config } = ts.readConfigFile(join(top, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, top);
    // Names in our own sources are all that is asked for.
    const program = ts.createProgram([...files], { ...options, noResolve: true, noLib: true, types: [] });
    this.#checker = program.getTypeChecker();
    this.#files = program.getSourceFiles().filter((file) => files.includes(file.fileName));
    for (const file of this.#files) this.#index(file);
  }

  all(): ProgramRun[] {
    const found: ProgramRun[] = [];
    for (const calls of this.#calls.values()) {
      for (const call of calls) {
        const where = this.#place(call);
        for (const words of this.#commandLines(call)) found.push(...programsIn(words, where));
      }
    }
    return found;
  }

  #place(node: ts.Node): string {
    const file = node.getSourceFile();
    return `${relative(this.#top, file.fileName)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  }

  #index(node: ts.Node): void {
    if (ts.isCallExpression(node)) {
      const symbol = this.#symbolOf(node.expression);
      if (symbol) this.#calls.set(symbol, [...(this.#calls.get(symbol) ?? []), node]);
      if (symbol) this.#noteHanded(symbol, node.arguments);
    }
    if (ts.isNewExpression(node)) {
      const symbol = this.#symbolOf(node.expression);
      if (symbol) this.#made.set(symbol, [...(this.#made.get(symbol) ?? []), node]);
    }
    if (isFieldSet(node)) this.#note(node.left.name.text, node.right);
    if (ts.isPropertyAssignment(node)) this.#note(node.name.getText(), node.initializer);
    if (ts.isShorthandPropertyAssignment(node)) this.#note(node.name.text, node.name);
    ts.forEachChild(node, (child) => this.#index(child));
  }

  #noteHanded(called: ts.Symbol, given: readonly ts.Expression[]): void {
    const declaration = called.valueDeclaration;
    if (!declaration || !ts.isFunctionDeclaration(declaration)) return;
    for (const [index, one] of given.entries()) {
      const parameter = declaration.parameters[index];
      const handed = ts.isIdentifier(one) && parameter && this.#symbolOf(one);
      const name = parameter && ts.isIdentifier(parameter.name) && this.#symbolOf(parameter.name);
      if (handed && name) this.#handedTo.set(handed, [...(this.#handedTo.get(handed) ?? []), name]);
    }
  }

  #note(name: string, value: ts.Expression): void {
    this.#properties.set(name, [...(this.#properties.get(name) ?? []), value]);
  }

  #symbolOf(node: ts.Node): ts.Symbol | undefined {
    const symbol = this.#checker.getSymbolAtLocation(node);
    if (!symbol || !(symbol.flags & ts.SymbolFlags.Alias)) return symbol;
    const aliased = this.#checker.getAliasedSymbol(symbol);
    return aliased.declarations ? aliased : symbol;
  }

  /** Empty for a call that starts no program. */
  #commandLines(call: ts.CallExpression): string[][] {
    const symbol = this.#symbolOf(call.expression);
    const [first, second] = call.arguments;
    if (!symbol || !first) return [];
    if (methods.has(symbol.name) && ts.isPropertyAccessExpression(call.expression)) {
      return ts.isObjectLiteralExpression(first) ? this.#argvOf(first) : this.#lists(first, nowhere);
    }
    if (!ts.isIdentifier(call.expression) || !starters.has(call.expression.text) || !this.#isImported(call)) return [];
    const whole = second && this.#takenApart(first, second);
    if (whole) return this.#lists(whole, nowhere);
    const names = this.#texts(first, nowhere);
    const rest = second && !ts.isObjectLiteralExpression(second) ? this.#lists(second, nowhere) : [[]];
    return combined(names, rest, (name, words) => [name, ...words]);
  }

  /** What `const [file, ...words] = argv` has taken apart. */
  #takenApart(first: ts.Expression, second: ts.Expression): ts.Expression | undefined {
    const [file, words] = [first, second].map((one) => this.#symbolOf(one)?.valueDeclaration);
    if (!file || !words || !ts.isBindingElement(file) || file.parent !== words.parent) return undefined;
    const whole = file.parent.parent;
    return ts.isVariableDeclaration(whole) ? whole.initializer : undefined;
  }

  /** From another place than our own sources. */
  #isImported(call: ts.CallExpression): boolean {
    const declaration = this.#checker.getSymbolAtLocation(call.expression)?.declarations?.[0];
    if (!declaration) return false;
    if (ts.isBindingElement(declaration)) return isLateImport(declaration.parent.parent);
    if (!ts.isImportSpecifier(declaration)) return false;
    const { moduleSpecifier } = declaration.parent.parent.parent;
    return ts.isStringLiteral(moduleSpecifier) && !moduleSpecifier.text.startsWith('.');
  }

  #argvOf(options: ts.ObjectLiteralExpression): string[][] {
    for (const property of options.properties) {
      if (property.name?.getText() !== 'argv') continue;
      if (ts.isPropertyAssignment(property)) return this.#lists(property.initializer, nowhere);
      if (ts.isShorthandPropertyAssignment(property)) {
        const value = this.#checker.getShorthandAssignmentValueSymbol(property);
        return value ? this.#listsOfSymbol(value, nowhere) : [];
      }
    }
    return [];
  }

  /** What has been found for an expression, or, while it is being looked at, nothing: sources may be circular. */
  #once<Value>(
    known: Map<ts.Node, Value[]>,
    [node, within]: readonly [ts.Node, Environment],
    unknown: Value,
    look: () => Value[],
  ): Value[] {
    const orUnknown = (values: Value[]) => (values.length === 0 ? [unknown] : distinct(values));
    if (within !== nowhere) return orUnknown(look());
    const found = known.get(node);
    if (found) return found;
    known.set(node, []);
    const values = orUnknown(look());
    known.set(node, values);
    return values;
  }

  /** Everything that an expression for an array of words may be. */
  #lists(node: ts.Expression, within: Environment, depth = 0): string[][] {
    return this.#once(this.#knownLists, [node, within], [hole], () => this.#lookForLists(node, within, depth));
  }

  #lookForLists(node: ts.Expression, within: Environment, depth: number): string[][] {
    const again = (inner: ts.Expression, other = within) => this.#lists(inner, other, depth + 1);
    if (depth > deepest) return [[hole]];
    if (isWrapped(node)) return again(node.expression);
    if (ts.isArrayLiteralExpression(node)) return this.#listsOfElements(node, within, depth);
    if (ts.isConditionalExpression(node)) return [...again(node.whenTrue), ...again(node.whenFalse)];
    if (ts.isBinaryExpression(node)) return [...again(node.left), ...again(node.right)];
    if (ts.isIdentifier(node)) {
      const symbol = this.#symbolOf(node);
      return symbol ? this.#listsOfSymbol(symbol, within, depth + 1) : [[hole]];
    }
    if (ts.isPropertyAccessExpression(node)) {
      return (this.#properties.get(node.name.text) ?? []).flatMap((value) => again(value, nowhere));
    }
    return ts.isCallExpression(node) ? this.#listsOfCall(node, within, depth) : [[hole]];
  }

  #listsOfElements({ elements }: ts.ArrayLiteralExpression, within: Environment, depth: number): string[][] {
    let lists: string[][] = [[]];
    for (const element of elements) {
      const more = ts.isSpreadElement(element)
        ? this.#lists(element.expression, within, depth + 1)
        : this.#texts(element, within, depth + 1).map((text) => [text]);
      lists = combined(lists, more, (list, words) => [...list, ...words]);
    }
    return lists;
  }

  #listsOfCall(node: ts.CallExpression, within: Environment, depth: number): string[][] {
    const { expression } = node;
    if (ts.isPropertyAccessExpression(expression) && expression.name.text === 'concat') {
      const [more] = node.arguments;
      const ends = more ? this.#lists(more, within, depth + 1) : [[]];
      const starts = this.#lists(expression.expression, within, depth + 1);
      return combined(starts, ends, (list, end) => [...list, ...end]);
    }
    return this.#returned(node, within).flatMap(({ value, within: inner }) => this.#lists(value, inner, depth + 1));
  }

  #listsOfSymbol(symbol: ts.Symbol, within: Environment, depth = 0): string[][] {
    const bound = within.get(symbol);
    if (bound) return this.#lists(bound.value, bound.within, depth + 1);
    const declaration = symbol.valueDeclaration;
    if (!declaration || depth > deepest) return [[hole]];
    if (ts.isVariableDeclaration(declaration)) {
      return this.#valuesOf(declaration).flatMap((value) => this.#lists(value, within, depth + 1));
    }
    if (ts.isBindingElement(declaration)) return this.#listsOfBinding(declaration, within, depth + 1);
    if (ts.isParameter(declaration)) {
      const isRest = declaration.dotDotDotToken !== undefined;
      return this.#argumentsFor(declaration).flatMap((given) =>
        isRest
          ? [
              given.flatMap((one) =>
                ts.isSpreadElement(one) ? [hole] : (this.#texts(one, nowhere, depth + 1)[0] ?? hole),
              ),
            ]
          : given.slice(0, 1).flatMap((one) => this.#lists(one, nowhere, depth + 1)),
      );
    }
    return [[hole]];
  }

  /** `const [program, ...rest] = argv` */
  #listsOfBinding(declaration: ts.BindingElement, within: Environment, depth: number): string[][] {
    const pattern = declaration.parent;
    const whole = pattern.parent;
    if (ts.isArrayBindingPattern(pattern) && ts.isVariableDeclaration(whole) && whole.initializer) {
      const index = pattern.elements.indexOf(declaration);
      return this.#lists(whole.initializer, within, depth).map((words) => words.slice(index));
    }
    if (ts.isObjectBindingPattern(pattern)) {
      const name = (declaration.propertyName ?? declaration.name).getText();
      return (this.#properties.get(name) ?? []).flatMap((value) => this.#lists(value, nowhere, depth));
    }
    return [[hole]];
  }

  /** Everything that an expression for one word may be. */
  #texts(node: ts.Expression, within: Environment, depth = 0): string[] {
    return this.#once(this.#knownTexts, [node, within], hole, () => this.#lookForTexts(node, within, depth));
  }

  #lookForTexts(node: ts.Expression, within: Environment, depth: number): string[] {
    const again = (inner: ts.Expression, other = within) => this.#texts(inner, other, depth + 1);
    if (depth > deepest) return [hole];
    if (isWrapped(node)) return again(node.expression);
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isTemplateExpression(node)) return this.#textsOfTemplate(node, within, depth);
    if (ts.isTaggedTemplateExpression(node)) return again(node.template as ts.Expression);
    if (ts.isConditionalExpression(node)) return [...again(node.whenTrue), ...again(node.whenFalse)];
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return combined(again(node.left), again(node.right), (left, right) => left + right);
    }
    if (ts.isBinaryExpression(node)) return [...again(node.left), ...again(node.right)];
    if (ts.isIdentifier(node)) return this.#textsOfName(node, within, depth + 1);
    if (isField(node)) {
      return (this.#properties.get(node.name.text) ?? []).flatMap((value) => again(value, nowhere));
    }
    return ts.isCallExpression(node) ? this.#textsOfCall(node, within, depth) : [hole];
  }

  #textsOfTemplate({ head, templateSpans }: ts.TemplateExpression, within: Environment, depth: number): string[] {
    let texts = [head.text];
    for (const { expression, literal } of templateSpans) {
      const filled = this.#texts(expression, within, depth + 1);
      texts = combined(texts, filled, (text, more) => `${text}${more}${literal.text}`);
    }
    return texts;
  }

  #textsOfCall(node: ts.CallExpression, within: Environment, depth: number): string[] {
    const { expression } = node;
    if (ts.isPropertyAccessExpression(expression) && expression.name.text === 'join') {
      const [by] = node.arguments;
      const [separator = hole] = by ? this.#texts(by, within, depth + 1) : [','];
      return this.#lists(expression.expression, within, depth + 1).map((words) => words.join(separator));
    }
    return this.#returned(node, within).flatMap(({ value, within: inner }) => this.#texts(value, inner, depth + 1));
  }

  #textsOfName(node: ts.Identifier, within: Environment, depth: number): string[] {
    const symbol = this.#symbolOf(node);
    const bound = symbol && within.get(symbol);
    if (bound) return this.#texts(bound.value, bound.within, depth + 1);
    const script = this.#scriptOf(symbol);
    if (script !== undefined) return [script];
    const declaration = symbol?.valueDeclaration;
    if (!declaration || depth > deepest) return [hole];
    if (ts.isVariableDeclaration(declaration)) {
      return this.#valuesOf(declaration).flatMap((value) => this.#texts(value, within, depth + 1));
    }
    if (ts.isParameter(declaration)) {
      return this.#argumentsFor(declaration).flatMap(([one]) => (one ? this.#texts(one, nowhere, depth + 1) : []));
    }
    return ts.isBindingElement(declaration) ? this.#textsOfBinding(declaration, within, depth) : [hole];
  }

  /** Of `import name from '#guest/…'` */
  #scriptOf(symbol: ts.Symbol | undefined): string | undefined {
    const declaration = symbol?.declarations?.[0];
    if (!declaration || !ts.isImportClause(declaration)) return undefined;
    const { moduleSpecifier } = declaration.parent;
    const [, path] = ts.isStringLiteral(moduleSpecifier) ? (/^#(guest\/.*)/.exec(moduleSpecifier.text) ?? []) : [];
    return path === undefined ? undefined : guestText(join(this.#top, path));
  }

  /** `const [tool] = words`, `for (const [tool, file] of pairs)` */
  #textsOfBinding(declaration: ts.BindingElement, within: Environment, depth: number): string[] {
    const pattern = declaration.parent;
    if (!ts.isArrayBindingPattern(pattern) || !ts.isVariableDeclaration(pattern.parent)) return [hole];
    const index = pattern.elements.indexOf(declaration);
    const rows = this.#valuesOf(pattern.parent).flatMap((value) => this.#lists(value, within, depth + 1));
    return rows.map((words) => words[index] ?? hole);
  }

  /** What a variable may be: its initial value, or each one of a loop. */
  #valuesOf({ initializer, parent }: ts.VariableDeclaration): ts.Expression[] {
    if (initializer) return [initializer];
    const loop = parent.parent;
    return ts.isForOfStatement(loop) ? this.#elements(loop.expression) : [];
  }

  /** The parts of an array, as far as they are written down. */
  #elements(node: ts.Expression): ts.Expression[] {
    if (isWrapped(node)) return this.#elements(node.expression);
    if (ts.isArrayLiteralExpression(node)) return [...node.elements];
    if (ts.isPropertyAccessExpression(node)) return this.#elementsOfProperty(node.name.text);
    if (ts.isCallExpression(node)) return mapped(node);
    const declaration = ts.isIdentifier(node) ? this.#symbolOf(node)?.valueDeclaration : undefined;
    if (!declaration) return [];
    if (ts.isBindingElement(declaration) && ts.isObjectBindingPattern(declaration.parent)) {
      return this.#elementsOfProperty((declaration.propertyName ?? declaration.name).getText());
    }
    return ts.isVariableDeclaration(declaration) && declaration.initializer
      ? this.#elements(declaration.initializer)
      : [];
  }

  #elementsOfProperty(name: string): ts.Expression[] {
    return (this.#properties.get(name) ?? []).flatMap((value) => this.#elements(value));
  }

  /** What each call in the sources gives for a parameter; of one that takes the rest, all of it. */
  #argumentsFor(parameter: ts.ParameterDeclaration): ts.Expression[][] {
    const owner = parameter.parent;
    const index = owner.parameters.indexOf(parameter as never);
    return this.#callsOf(owner)
      .map((call) => (call.arguments ?? []).slice(index))
      .map((given) => (given.length === 0 && parameter.initializer ? [parameter.initializer] : given))
      .filter((given) => given.length > 0);
  }

  #callsOf(owner: ts.SignatureDeclaration): readonly (ts.CallExpression | ts.NewExpression)[] {
    if (ts.isConstructorDeclaration(owner)) {
      const made = owner.parent.name && this.#symbolOf(owner.parent.name);
      return (made && this.#made.get(made)) ?? [];
    }
    const named = ts.isVariableDeclaration(owner.parent) ? owner.parent : owner;
    const symbol = named.name && this.#symbolOf(named.name);
    return symbol ? this.#callsOfSymbol(symbol, new Set()) : [];
  }

  /** Its own calls, and those by each function that it is handed to under another name. */
  #callsOfSymbol(symbol: ts.Symbol, seen: Set<ts.Symbol>): ts.CallExpression[] {
    if (seen.has(symbol)) return [];
    seen.add(symbol);
    const others = this.#handedTo.get(symbol) ?? [];
    return [...(this.#calls.get(symbol) ?? []), ...others.flatMap((other) => this.#callsOfSymbol(other, seen))];
  }

  /** What a function of ours gives back, with the words that this call has given to it. */
  #returned(call: ts.CallExpression, within: Environment): Returned[] {
    const declaration = this.#symbolOf(call.expression)?.valueDeclaration;
    const called =
      declaration && ts.isVariableDeclaration(declaration) && declaration.initializer
        ? declaration.initializer
        : declaration;
    if (called && ts.isMethodSignature(called)) {
      const named = this.#properties.get(called.name.getText()) ?? [];
      return named.flatMap((one) => this.#returnedBy(one, call, within));
    }
    return called ? this.#returnedBy(called, call, within) : [];
  }

  #returnedBy(called: ts.Node, call: ts.CallExpression, within: Environment): Returned[] {
    if (!(ts.isFunctionDeclaration(called) || ts.isArrowFunction(called) || ts.isFunctionExpression(called))) {
      return [];
    }
    const bound = new Map<ts.Symbol, { value: ts.Expression; within: Environment }>();
    for (const [index, parameter] of called.parameters.entries()) {
      const symbol = ts.isIdentifier(parameter.name) ? this.#symbolOf(parameter.name) : undefined;
      const given = call.arguments[index];
      if (symbol && given && !parameter.dotDotDotToken) bound.set(symbol, { value: given, within });
    }
    const { body } = called;
    if (body && !ts.isBlock(body)) return [{ value: body, within: bound }];
    const values: Returned[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node)) return;
      if (ts.isReturnStatement(node) && node.expression) values.push({ value: node.expression, within: bound });
      ts.forEachChild(node, visit);
    };
    if (body) ts.forEachChild(body, visit);
    return values;
  }
}

function distinct<Value>(values: Value[]): Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** Each with each; where these are too many, each one at least once: a program that is left out would not be seen. */
function combined<Left, Right, Both>(lefts: Left[], rights: Right[], join: (left: Left, right: Right) => Both): Both[] {
  if (lefts.length * rights.length <= 64) {
    return distinct(lefts.flatMap((left) => rights.map((right) => join(left, right))));
  }
  const pairs = Array.from({ length: Math.max(lefts.length, rights.length) }, (_, index) =>
    join(lefts[index % lefts.length] as Left, rights[index % rights.length] as Right),
  );
  return distinct(pairs);
}

/** What `list.map((one) => …)` makes of each. */
function mapped({ expression, arguments: [each] }: ts.CallExpression): ts.Expression[] {
  const isMap = ts.isPropertyAccessExpression(expression) && expression.name.text === 'map';
  return isMap && each && ts.isArrowFunction(each) && !ts.isBlock(each.body) ? [each.body] : [];
}

/** `this.#name` */
function isField(node: ts.Node): node is ts.PropertyAccessExpression {
  return ts.isPropertyAccessExpression(node) && ts.isPrivateIdentifier(node.name);
}

/** `this.#name = value` */
function isFieldSet(node: ts.Node): node is ts.BinaryExpression & { readonly left: ts.PropertyAccessExpression } {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && isField(node.left);
}

function isWrapped(
  node: ts.Expression,
): node is
  | ts.ParenthesizedExpression
  | ts.AsExpression
  | ts.SatisfiesExpression
  | ts.NonNullExpression
  | ts.AwaitExpression {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAwaitExpression(node)
  );
}
