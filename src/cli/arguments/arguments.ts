import { resolve } from 'node:path';
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
  readonly target: string;
  readonly output: 'text' | 'json';
  /** false: the user said `--no-color`; NO_COLOR is for the views. */
  readonly color: boolean;
  readonly verbose: boolean;
}

export interface RunOptions {
  readonly yes: boolean;
  readonly answers: string | undefined;
  readonly until: UntilPhase | undefined;
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

interface Words {
  readonly command: CommandSpec | undefined;
  readonly operands: readonly string[];
  readonly values: Values;
  readonly help: boolean;
  readonly version: boolean;
}

function readWords(words: readonly string[], registry: Registry): Words {
  // The command may stand after options, so it is looked for first: what is an option depends on it.
  const at = findCommand(words, registry);
  const first = at === undefined ? undefined : words[at];
  const asksForHelp = first === 'help';
  const command = first === undefined || asksForHelp ? undefined : findSpec(first, registry);
  const rest = words.filter((_word, index) => index !== at);
  const end = rest.includes('--') ? rest.indexOf('--') : rest.length;
  const operands = rest.slice(end + 1);
  const before = rest.slice(0, end);
  // No value begins with a dash, so these can't be one.
  const help = asksForHelp || before.some((word) => helpWords.has(word));
  const version = before.some((word) => versionWords.has(word));
  const queue = before.filter((word) => !helpWords.has(word) && !versionWords.has(word));
  const values = new Map<OptionName, string[]>();

  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (isOption(word)) {
      const { option, value } = readOption(word, queue, command, registry);
      const earlier = values.get(option.name) ?? [];
      checkTwice(option, [...earlier, value]);
      values.set(option.name, [...earlier, value]);
    } else operands.push(word);
  }
  const topic = asksForHelp && operands[0] !== undefined ? findSpec(operands[0], registry) : command;
  return { command: topic, operands, values, help, version };
}

const helpWords: ReadonlySet<string> = new Set(['--help', '-h']);
const versionWords: ReadonlySet<string> = new Set(['--version', '-V']);

function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-';
}

/** @param queue the words after it; its value is taken off */
function readOption(
  word: string,
  queue: string[],
  command: CommandSpec | undefined,
  registry: Registry,
): { readonly option: OptionSpec; readonly value: string } {
  const [name, written] = splitOption(word);
  const option = findOption(name, registry, command);
  if (option.value === undefined) {
    if (written !== undefined) throw usage(`${name} takes no value.`, helpHint(command));
    return { option, value: '' };
  }
  const next = queue[0];
  const value = written ?? (next !== undefined && !isOption(next) ? queue.shift() : undefined);
  if (written === '' || (value === undefined && option.optional !== true)) {
    throw usage(`${name} needs a value: ${name} ${option.value}.`, helpHint(command));
  }
  if (value !== undefined) checkChoice(name, value, option);
  return { option, value: value ?? '-' };
}

/** @returns where the first word stands that is neither an option nor an option's value */
function findCommand(words: readonly string[], { commonOptions, commands }: Registry): number | undefined {
  const options = [...commonOptions, ...commands.flatMap((command) => command.options)];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') return undefined;
    if (!word.startsWith('-')) return index;
    const own = options.find((option) => word === `--${option.name}`);
    if (own?.value !== undefined && own.optional !== true) index += 1;
  }
  return undefined;
}

function splitOption(word: string): [string, string | undefined] {
  const at = word.indexOf('=');
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
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
  const target = lastOf(values, 'target') ?? 'amd64';
  checkChoice('--target', target, { name: 'target', choices: targets, help: '' });
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
      return { name, yes: values.has('yes'), answers: lastOf(values, 'answers'), until, ...common };
    }
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
