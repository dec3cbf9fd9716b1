import type { ExitCodeName } from '../../base/exit-codes.ts';
import { exitCodeMeanings, exitCodes } from '../../base/exit-codes.ts';
import { joinLines, type Printable, printable } from '../../base/printable.ts';
import { hang } from '../words/text.ts';
import type { CommandName, CommandSpec, OptionSpec, Registry } from './command-registry.ts';
import { registry as offered } from './command-registry.ts';

const columns = 80;

/** @returns the help text, of the whole program or of one command; fits 80 columns */
export function formatHelp(topic: CommandName | undefined, registry: Registry = offered): Printable {
  const command = registry.commands.find(({ name }) => name === topic);
  const lines = command === undefined ? programHelp(registry) : commandHelp(command, registry);
  return joinLines(lines.map(printable));
}

function programHelp({ commands, commonOptions }: Registry): string[] {
  const heads = commands.map((command) => `${command.name}${operandOf(command)}`);
  const width = Math.max(...heads.map((head) => head.length));
  return [
    'crossgrade: turn an installed 32-bit Debian system into 64 bit, in place',
    '',
    'Usage: crossgrade [COMMAND] [OPTION...]',
    '       Alone, on a terminal: the same as run.',
    '',
    'Commands, in order of use:',
    ...commands.flatMap(({ purpose, example }, index) => [
      ...hang(`  ${(heads[index] ?? '').padEnd(width)}  `, purpose, columns),
      `${' '.repeat(width + 4)}  ${example}`,
    ]),
    '',
    'Options of all commands (`crossgrade COMMAND --help` has its own):',
    ...optionLines(commonOptions),
    ...helpLines,
    '',
    ...exitCodeLines(),
  ];
}

function operandOf({ operand, operandOptional }: CommandSpec): string {
  if (operand === undefined) return '';
  return operandOptional === true ? ` [${operand}]` : ` ${operand}`;
}

function commandHelp(command: CommandSpec, registry: Registry): string[] {
  const { name, purpose, more, example, options } = command;
  return [
    ...hang(`crossgrade ${name}: `, purpose, columns),
    ...(more === undefined ? [] : hang('', more, columns)),
    '',
    `Usage: crossgrade ${name}${operandOf(command)} [OPTION...]`,
    `Example: ${example}`,
    '',
    ...(options.length === 0 ? [] : ['Options:', ...optionLines(options), '']),
    'Options of all commands:',
    ...optionLines(registry.commonOptions),
    ...helpLines,
    '',
    ...exitCodeLines(),
  ];
}

const optionColumn = 26;
const helpLines = [
  `  ${'-h, --help'.padEnd(optionColumn - 4)}  this text`,
  `  ${'-V, --version'.padEnd(optionColumn - 4)}  the version`,
];

function optionLines(options: readonly OptionSpec[]): string[] {
  return options.flatMap(({ name, value, optional, choices, help }) => {
    const shown = value === undefined ? '' : optional === true ? ` [${value}]` : ` ${value}`;
    const head = `  --${name}${shown}`.padEnd(optionColumn - 2);
    const text = choices === undefined || value === undefined ? help : `${help} (${value}: ${choices.join(', ')})`;
    return hang(`${head}  `, text, columns);
  });
}

function exitCodeLines(): string[] {
  const names = Object.keys(exitCodes) as ExitCodeName[];
  return ['Exit codes:', ...names.map((name) => `  ${String(exitCodes[name]).padStart(3)}  ${exitCodeMeanings[name]}`)];
}
