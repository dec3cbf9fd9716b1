/** Commands and options as data: the parser and the help text both read this and nothing else. */

import { architecturePairs, knownWays } from '../../debian/architecture.ts';

export type CommandName =
  | 'check'
  | 'explain'
  | 'rehearse'
  | 'run'
  | 'status'
  | 'resume'
  | 'verify'
  | 'rollback'
  | 'rescue'
  | 'sandbox';

export type OptionName =
  | 'root'
  | 'target'
  | 'output'
  | 'no-color'
  | 'verbose'
  | 'yes'
  | 'answers'
  | 'marks-from'
  | 'until'
  | 'json'
  | 'html'
  | 'answers-template'
  | 'scan'
  | 'why'
  | 'offline'
  | 'watch'
  | 'suite'
  | 'packages'
  | 'profile'
  | 'architecture'
  | 'mirror';

export interface OptionSpec {
  readonly name: OptionName;
  /** What stands for its value in the help text; absent for a switch. */
  readonly value?: string;
  /** The value may be left out. */
  readonly optional?: boolean;
  /** Every value counts when it is given more than once; else that is wrong usage. */
  readonly repeatable?: boolean;
  /** The only values it takes. */
  readonly choices?: readonly string[];
  readonly help: string;
}

export interface CommandSpec {
  readonly name: CommandName;
  /** Name of the one operand it takes. */
  readonly operand?: string;
  /** The operand may be left out. */
  readonly operandOptional?: boolean;
  /** One line: what it does. */
  readonly purpose: string;
  /** What the one line leaves out. */
  readonly more?: string;
  /** Works as it is written here. */
  readonly example: string;
  readonly options: readonly OptionSpec[];
}

export interface Registry {
  readonly commonOptions: readonly OptionSpec[];
  /** In order of use. */
  readonly commands: readonly CommandSpec[];
}

/** Phases that a run can stop after, in their order. */
export const untilPhases = ['prepare', 'kernel', 'libraries', 'core', 'rest', 'finish'] as const;

export type UntilPhase = (typeof untilPhases)[number];

/** Not offered yet: names of commands, or `command --option`. They are unknown to the parser as well. */
const unfinished: ReadonlySet<string> = new Set<string>([]);

const runOptions: readonly OptionSpec[] = [
  { name: 'yes', help: 'ask nothing; needs an answer to every decision' },
  { name: 'answers', value: 'FILE', help: 'take decisions from this file' },
  { name: 'until', value: 'PHASE', choices: untilPhases, help: 'stop after this phase' },
];

const sources = architecturePairs.map(({ source }) => source.name);

/** What there is and what is still to come. */
export const everything: Registry = {
  commonOptions: [
    { name: 'root', value: 'DIR', help: 'the Debian tree to work on (default /)' },
    { name: 'target', value: 'ARCH', help: `the architecture to go to (default: ${knownWays})` },
    {
      name: 'output',
      value: 'FORMAT',
      choices: ['text', 'json'],
      help: 'text: plain lines, on a terminal too; json: one event per line',
    },
    { name: 'no-color', help: 'no colours; NO_COLOR in the environment does the same' },
    { name: 'verbose', help: 'show everything' },
  ],
  commands: [
    {
      name: 'check',
      purpose: 'report what blocks or endangers the crossgrade; changes nothing',
      example: 'crossgrade check --json report.json',
      options: [
        { name: 'json', value: 'FILE', optional: true, help: 'write the report as JSON (without FILE: to stdout)' },
        { name: 'html', value: 'FILE', help: 'write the report as a web page' },
        { name: 'answers-template', value: 'FILE', help: 'write a new file with all decisions, to be filled in' },
        {
          name: 'scan',
          value: 'DIR,…|none',
          repeatable: true,
          help: 'where to look for programs and data outside packages',
        },
        { name: 'answers', value: 'FILE', help: 'show the report as it would be with these decisions' },
        {
          name: 'why',
          value: 'PACKAGE',
          repeatable: true,
          help: 'say why a package comes, goes or stays, and when; can be repeated',
        },
        { name: 'offline', help: 'use the package lists that are there, and no network' },
      ],
    },
    {
      name: 'explain',
      operand: 'ID',
      operandOptional: true,
      purpose: 'say what a finding, check, decision, step, wave or error code means',
      more: 'Without ID: lists everything that can be explained.',
      example: 'crossgrade explain CG0202',
      options: [],
    },
    {
      name: 'rehearse',
      purpose: 'perform the whole crossgrade on a view of the system, tell what came of it, throw it away',
      more: 'The system stays as it is. What is downloaded is kept, and a run takes it.',
      example: 'crossgrade rehearse --json rehearsal.json',
      options: [
        { name: 'yes', help: 'ask nothing; needs an answer to every decision' },
        { name: 'answers', value: 'FILE', help: 'take decisions from this file' },
        { name: 'json', value: 'FILE', optional: true, help: 'write the report as JSON (without FILE: to stdout)' },
      ],
    },
    {
      name: 'run',
      purpose: 'crossgrade the system',
      more: 'Everything is asked and downloaded before the first change. It can be interrupted at any time.',
      example: 'crossgrade run --root /srv/try',
      options: [
        ...runOptions,
        { name: 'marks-from', value: 'FILE', help: 'marks that were lost: an older list of automatic packages' },
      ],
    },
    {
      name: 'status',
      purpose: 'say where the crossgrade is and what comes next',
      example: 'crossgrade status --root /srv/try',
      options: [
        { name: 'json', help: 'as JSON' },
        { name: 'watch', help: 'keep showing it until the run ends' },
      ],
    },
    {
      name: 'resume',
      purpose: 'go on: after a reboot, an interruption, a failure',
      example: 'crossgrade resume --root /srv/try',
      options: runOptions,
    },
    {
      name: 'verify',
      purpose: 'compare the system with the plan and with what was before',
      example: 'crossgrade verify --html after.html',
      options: [
        { name: 'json', value: 'FILE', optional: true, help: 'write it as JSON (without FILE: to stdout)' },
        { name: 'html', value: 'FILE', help: 'write it as a web page' },
      ],
    },
    {
      name: 'rollback',
      purpose: 'take everything back, up to the point of no return',
      example: 'crossgrade rollback --root /srv/try',
      options: [{ name: 'yes', help: 'ask nothing' }],
    },
    {
      name: 'rescue',
      purpose: 'put back a lost shell, dpkg or libc, in the middle of a crossgrade',
      more: 'Needs no other program: if no shell starts, type /usr/lib/crossgrade/busybox sh first.',
      example: 'crossgrade rescue',
      options: [{ name: 'yes', help: 'ask nothing' }],
    },
    {
      name: 'sandbox',
      operand: 'DIR',
      purpose: 'make a 32-bit Debian root to try all this on',
      more: 'Then use it with --root DIR.',
      example: 'crossgrade sandbox /srv/try --packages nginx,postgresql',
      options: [
        { name: 'suite', value: 'SUITE', help: 'release to install, such as bookworm' },
        {
          name: 'packages',
          value: 'LIST',
          repeatable: true,
          help: 'packages to install, separated by commas or spaces',
        },
        { name: 'profile', value: 'NAME', help: 'a ready-made list: minimal, server, services or desktop' },
        { name: 'architecture', value: 'ARCH', choices: sources, help: 'the 32-bit architecture it shall have' },
        { name: 'mirror', value: 'URL', help: 'where to download from' },
      ],
    },
  ],
};

/** What this version offers. */
export const registry: Registry = withoutUnfinished(everything, unfinished);

/** @param names of commands, or `command --option` */
export function withoutUnfinished(full: Registry, names: ReadonlySet<string>): Registry {
  return {
    commonOptions: full.commonOptions,
    commands: full.commands
      .filter((command) => !names.has(command.name))
      .map((command) => ({
        ...command,
        options: command.options.filter((option) => !names.has(`${command.name} --${option.name}`)),
      })),
  };
}
