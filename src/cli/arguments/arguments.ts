import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import { nearest } from '../../base/nearest.ts';
import type { RootPath } from '../../base/root.ts';
import { architecturePairs } from '../../debian/architecture.ts';
import type { CommandName, CommandSpec, OptionName, OptionSpec, Registry, UntilPhase } from './command-registry.ts';
import { registry as offered } from './command-registry.ts';

export interface CommonOptions {
  /** Absolute. */
  readonly root: string;
  /** Undefined: where the system's own architecture leads. */
  readonly target: string | undefined;
  readonly output: 'text' | 'json';
  /** false: the user said `--no-color`; NO_COLOR is for the views. */
  readonly color: boolean;
  readonly verbose: boolean;
}

export interface RunOptions {
  readonly yes: boolean;
  readonly answers: string | undefined;
  readonly until: UntilPhase | undefined;
  /** Of `run` alone: an older list of automatically installed packages. */
  readonly marksFrom?: string | undefined;
}

/** What the user wants. Files are as written; `-` is stdout. */
export type Command =
  /** `crossgrade` alone: the guided run. */
  | ({ readonly name: 'guided' } & CommonOptions)
  | ({
      readonly name: 'check';
      readonly json: string | undefined;
      readonly html: string | undefined;
      readonly answersTemplate: string | undefined;
      /** Folders inside the root; empty for nowhere, absent for the usual ones. */
      readonly scan: readonly RootPath[] | undefined;
      readonly answers: string | undefined;
      /** Package names. */
      readonly why: readonly string[];
      readonly offline: boolean;
    } & CommonOptions)
  | ({ readonly name: 'run' | 'resume' } & RunOptions & CommonOptions)
  | ({
      readonly name: 'rehearse';
      readonly yes: boolean;
      readonly answers: string | undefined;
      readonly json: string | undefined;
    } & CommonOptions)
  | ({ readonly name: 'status'; readonly json: boolean; readonly watch: boolean } & CommonOptions)
  | ({ readonly name: 'rollback' | 'rescue'; readonly yes: boolean } & CommonOptions)
  | ({ readonly name: 'verify'; readonly json: string | undefined; readonly html: string | undefined } & CommonOptions)
  | ({ readonly name: 'explain'; readonly id: string | undefined } & CommonOptions)
  | ({
      readonly name: 'sandbox';
      /** Absolute. */
      readonly directory: string;
      readonly suite: string | undefined;
      readonly packages: readonly string[];
      readonly profile: string | undefined;
      readonly mirror: string | undefined;
      readonly architecture: string | undefined;
    } & CommonOptions)
  | ({ readonly name: 'engine' } & CommonOptions)
  | { readonly name: 'help'; readonly topic: CommandName | undefined }
  | { readonly name: 'version' };

/**
 * @param words the command line without the program's own name
 * @throws {CrossgradeError} CG0001, exit code 2: unknown or missing command, option or value
 */
export function parseArguments(words: readonly string[], registry: Registry = offered): Command {
  // For crossgrade.service alone, and so in no help text.
  if (words.length === 1 && words[0] === 'engine') return { name: 'engine', ...readCommon(new Map()) };
  const { command, operands, values, help, version } = readWords(words, registry);
  if (version) return { name: 'version' };
  if (help) return { name: 'help', topic: command?.name };
  const spec = command;
  const common = readCommon(values);
  if (spec === undefined) return { name: 'guided', ...common };
  const operand = readOperand(spec, operands);
  return buildCommand(spec.name, operand, values, common);
}

type Values = ReadonlyMap<OptionName, readonly string[]>;

function readWords(words: readonly string[], registry: Registry) {
  const tokens = tokensOf(words, registry);
  const first = tokens.find(({ kind }) => kind !== 'option');
  const name = first?.kind === 'positional' ? first.value : undefined;
  const command = name === undefined || name === 'help' ? undefined : findSpec(name, registry);
  const asksFor = (shown: ReadonlySet<string>): boolean =>
    tokens.some(({ kind, word }) => kind === 'option' && shown.has(word));
  const queue = tokens.filter(
    (token) =>
      token !== first && !(token.kind === 'option' && (helpWords.has(token.word) || versionWords.has(token.word))),
  );
  const operands: string[] = [];
  const values = new Map<OptionName, string[]>();

  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const option = findOption(token.word.replace(/=.*/s, ''), registry, command);
    const given = [...(values.get(option.name) ?? []), readValue(option, token, queue, command)];
    checkTwice(option, given);
    values.set(option.name, given);
  }
  const topic = name === 'help' && operands[0] !== undefined ? findSpec(operands[0], registry) : command;
  return {
    command: topic,
    operands,
    values,
    help: name === 'help' || asksFor(helpWords),
    version: asksFor(versionWords),
  };
}

const helpWords: ReadonlySet<string> = new Set(['--help', '-h']);
const versionWords: ReadonlySet<string> = new Set(['--version', '-V']);

type Token = ReturnType<typeof tokensOf>[number];

function tokensOf(words: readonly string[], { commonOptions, commands }: Registry) {
  const specs = [...commonOptions, ...commands.flatMap((command) => command.options)];
  const types = specs.map((spec) => [spec.name, { type: takesNext(spec) ? 'string' : 'boolean' }] as const);
  const options = Object.fromEntries(types);
  // Strict, Node would say less: which command an option belongs to, and what was probably meant.
  const { tokens } = parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true });
  // As it was typed: of `-root`, which is no option, Node makes four.
  return tokens.map((token) => ({ ...token, word: words[token.index] ?? '' }));
}

function takesNext({ value, optional }: OptionSpec): boolean {
  return value !== undefined && optional !== true;
}

/** @param queue what comes after it; a value that may be left out is taken off */
function readValue(
  option: OptionSpec,
  { value: written, inlineValue }: Extract<Token, { kind: 'option' }>,
  queue: Token[],
  command: CommandSpec | undefined,
): string {
  const name = `--${option.name}`;
  if (option.value === undefined) {
    if (written !== undefined) throw usage(`${name} takes no value.`, helpHint(command));
    return '';
  }
  const [next] = queue;
  const isNext = option.optional === true && written === undefined && next?.kind === 'positional';
  if (isNext) queue.shift();
  const value = isNext ? next.value : written;
  // Node would take the next option for the value.
  const isOption = inlineValue === false && /^-./.test(written);
  if (isOption || value === '' || (value === undefined && option.optional !== true)) {
    throw usage(`${name} needs a value: ${name} ${option.value}.`, helpHint(command));
  }
  if (value !== undefined) checkChoice(name, value, option);
  return value ?? '-';
}

function findSpec(name: string, { commands }: Registry): CommandSpec {
  const spec = commands.find((command) => command.name === name);
  if (spec !== undefined) return spec;
  const names = [...commands.map((command) => command.name), 'help'];
  const guess = nearest(name, names);
  const hint = guess === undefined ? `Commands are: ${names.join(', ')}.` : `Did you mean \`crossgrade ${guess}\`?`;
  throw usage(`There is no command '${name}'.`, hint);
}

function findOption(name: string, registry: Registry, command: CommandSpec | undefined): OptionSpec {
  const options = [...registry.commonOptions, ...(command?.options ?? [])];
  const option = options.find((candidate) => `--${candidate.name}` === name);
  if (option !== undefined) return option;
  const where = command === undefined ? 'crossgrade' : `crossgrade ${command.name}`;
  const owner = registry.commands.find((other) => other.options.some((candidate) => `--${candidate.name}` === name));
  const guess = nearest(name, [...options.map((candidate) => `--${candidate.name}`), '--help', '--version']);
  const hint =
    owner !== undefined
      ? `It belongs to \`crossgrade ${owner.name}\`.`
      : guess !== undefined
        ? `Did you mean \`${guess}\`?`
        : helpHint(command);
  throw usage(`\`${where}\` has no option ${name}.`, hint);
}

function checkTwice(option: OptionSpec, [first, second]: readonly string[]): void {
  if (second === undefined || option.value === undefined || option.repeatable === true) return;
  const both = first === second ? '' : `, as '${first}' and as '${second}'`;
  throw usage(`--${option.name} is given twice${both}; it takes one value.`, 'Leave one of them out.');
}

function checkChoice(name: string, value: string, { choices }: OptionSpec): void {
  if (choices === undefined || choices.includes(value)) return;
  const guess = nearest(value, choices);
  const hint = guess === undefined ? `It takes one of: ${choices.join(', ')}.` : `Did you mean \`${name} ${guess}\`?`;
  throw usage(`${name} can't be '${value}'.`, hint);
}

function readOperand(spec: CommandSpec, operands: readonly string[]): string {
  const [operand, extra] = operands;
  const unexpected = spec.operand === undefined ? operand : extra;
  if (unexpected !== undefined)
    throw usage(`\`crossgrade ${spec.name}\` doesn't know what to do with '${unexpected}'.`, helpHint(spec));
  if (spec.operand !== undefined && spec.operandOptional !== true && operand === undefined) {
    throw usage(`\`crossgrade ${spec.name}\` needs ${spec.operand}.`, `For example: \`${spec.example}\``);
  }
  return operand ?? '';
}

function readCommon(values: Values): CommonOptions {
  const root = lastOf(values, 'root') ?? '/';
  if (root === '') throw usage('--root needs a value: --root DIR.', helpHint(undefined));
  const targets = architecturePairs.map((pair) => pair.target.name);
  const target = lastOf(values, 'target');
  if (target !== undefined) checkChoice('--target', target, { name: 'target', choices: targets, help: '' });
  return {
    root: resolve(root),
    target,
    output: lastOf(values, 'output') === 'json' ? 'json' : 'text',
    color: !values.has('no-color'),
    verbose: values.has('verbose'),
  };
}

function buildCommand(name: CommandName, operand: string, values: Values, common: CommonOptions): Command {
  switch (name) {
    case 'check':
      return {
        name,
        json: lastOf(values, 'json'),
        html: lastOf(values, 'html'),
        answersTemplate: lastOf(values, 'answers-template'),
        scan: readScan(values.get('scan')),
        answers: lastOf(values, 'answers'),
        why: values.get('why') ?? [],
        offline: values.has('offline'),
        ...common,
      };
    case 'run':
    case 'resume': {
      const until = lastOf(values, 'until') as UntilPhase | undefined;
      const marksFrom = lastOf(values, 'marks-from');
      return { name, yes: values.has('yes'), answers: lastOf(values, 'answers'), until, marksFrom, ...common };
    }
    case 'rehearse':
      return {
        name,
        yes: values.has('yes'),
        answers: lastOf(values, 'answers'),
        json: lastOf(values, 'json'),
        ...common,
      };
    case 'status':
      return { name, json: values.has('json'), watch: values.has('watch'), ...common };
    case 'rollback':
    case 'rescue':
      return { name, yes: values.has('yes'), ...common };
    case 'verify':
      return { name, json: lastOf(values, 'json'), html: lastOf(values, 'html'), ...common };
    case 'explain':
      return { name, id: operand === '' ? undefined : operand, ...common };
    case 'sandbox':
      return {
        name,
        directory: resolve(operand),
        suite: lastOf(values, 'suite'),
        packages: (values.get('packages') ?? []).flatMap((list) => list.split(/[,\s]+/)).filter((word) => word !== ''),
        profile: lastOf(values, 'profile'),
        mirror: lastOf(values, 'mirror'),
        architecture: lastOf(values, 'architecture'),
        ...common,
      };
  }
}

function readScan(lists: readonly string[] | undefined): RootPath[] | undefined {
  const words = lists?.flatMap((list) => list.split(',')).filter((word) => word !== '' && word !== 'none');
  const isPath = (word: string): word is RootPath => word.startsWith('/');
  const wrong = words?.find((word) => !isPath(word));
  if (wrong !== undefined)
    throw usage(`--scan needs absolute paths, not '${wrong}'.`, 'For example: `--scan /opt,/srv`');
  return words?.filter(isPath);
}

function lastOf(values: Values, name: OptionName): string | undefined {
  return values.get(name)?.at(-1);
}

function helpHint(command: CommandSpec | undefined): string {
  return `See \`crossgrade${command === undefined ? '' : ` ${command.name}`} --help\`.`;
}

function usage(message: string, hint: string): CrossgradeError {
  return new CrossgradeError(message, { code: 'CG0001', hint, exitCode: exitCodes.usage });
}
