import { describe, expect, test } from 'vitest';
import { CrossgradeError } from '../../../src/base/error.ts';
import { nearest } from '../../../src/base/nearest.ts';
import { parseArguments } from '../../../src/cli/arguments/arguments.ts';
import { everything, registry, withoutUnfinished } from '../../../src/cli/arguments/command-registry.ts';
import { formatHelp } from '../../../src/cli/arguments/help.ts';

function parse(line: string) {
  return parseArguments(
    line.split(' ').filter((word) => word !== ''),
    everything,
  );
}

function failure(line: string, offered = everything): CrossgradeError {
  try {
    parseArguments(line.split(' '), offered);
  } catch (error) {
    if (error instanceof CrossgradeError) return error;
    throw error;
  }
  throw new Error(`accepted: ${line}`);
}

const common = { root: '/', target: undefined, output: 'text', color: true, verbose: false };

describe('the command line', () => {
  test('nothing at all is the guided run', () => {
    expect(parse('')).toEqual({ name: 'guided', ...common });
  });

  test('options may stand before and after the command', () => {
    const expected = {
      name: 'run',
      yes: true,
      answers: 'a.json',
      until: 'core',
      ...common,
      root: '/srv/try',
      verbose: true,
    };
    expect(parse('--root /srv/try run --yes --answers a.json --until=core --verbose')).toEqual(expected);
    expect(parse('--answers a.json --yes --verbose run --until core --root=/srv/try/')).toEqual(expected);
  });

  test('a value that may be left out is stdout', () => {
    expect(parse('check --json')).toMatchObject({ json: '-', html: undefined });
    expect(parse('check --json --html report.html')).toMatchObject({ json: '-', html: 'report.html' });
    expect(parse('check --json report.json')).toMatchObject({ json: 'report.json' });
    expect(parse('check')).toMatchObject({ json: undefined });
  });

  test('an id may be left out, and a package be asked for more than once', () => {
    expect(parse('explain')).toEqual({ name: 'explain', id: undefined, ...common });
    expect(parse('explain CG0202')).toMatchObject({ id: 'CG0202' });
    expect(parse('check --why perl --why libc6 --answers a.json')).toMatchObject({
      why: ['perl', 'libc6'],
      answers: 'a.json',
    });
    expect(formatHelp(undefined, everything)).toContain('explain [ID]');
  });

  test('switches and lists may be given more than once', () => {
    expect(parse('check --offline --offline --scan /opt --scan=/srv,/home')).toMatchObject({
      offline: true,
      scan: ['/opt', '/srv', '/home'],
    });
  });

  test('packages are separated by commas or spaces', () => {
    const command = parseArguments(['sandbox', '/srv/try', '--packages', 'nginx, postgresql', '--packages=vim']);
    expect(command).toMatchObject({ directory: '/srv/try', packages: ['nginx', 'postgresql', 'vim'] });
  });

  test('help is found in every way it is asked for', () => {
    for (const line of ['help run', 'run --help', 'run -h --until core', '--help run']) {
      expect(parse(line)).toEqual({ name: 'help', topic: 'run' });
    }
    for (const line of ['help', '--help', '-h']) expect(parse(line)).toEqual({ name: 'help', topic: undefined });
    expect(parse('--version')).toEqual({ name: 'version' });
  });

  test.each([
    ['chekc', "There is no command 'chekc'.", 'Did you mean `crossgrade check`?'],
    ['roll', "There is no command 'roll'.", 'Did you mean `crossgrade rollback`?'],
    ['frobnicate', "There is no command 'frobnicate'.", /^Commands are: check, /],
    ['run --yess', '`crossgrade run` has no option --yess.', 'Did you mean `--yes`?'],
    ['run --watch', '`crossgrade run` has no option --watch.', 'It belongs to `crossgrade status`.'],
    ['run --until librarys', "--until can't be 'librarys'.", 'Did you mean `--until libraries`?'],
    ['run --until', '--until needs a value: --until PHASE.', 'See `crossgrade run --help`.'],
    ['check --json=', '--json needs a value: --json FILE.', 'See `crossgrade check --help`.'],
    ['run --answers --yes', '--answers needs a value: --answers FILE.', 'See `crossgrade run --help`.'],
    ['run --yes=no', '--yes takes no value.', 'See `crossgrade run --help`.'],
    ['run now', "`crossgrade run` doesn't know what to do with 'now'.", 'See `crossgrade run --help`.'],
    ['check --json x --json y', "--json is given twice, as 'x' and as 'y'; it takes one value.", /^Leave one/],
    ['check --json --json=-', '--json is given twice; it takes one value.', /^Leave one/],
    ['run --root /a --root=/b', "--root is given twice, as '/a' and as '/b'; it takes one value.", /^Leave one/],
    ['sandbox', '`crossgrade sandbox` needs DIR.', /^For example: `crossgrade sandbox /],
    ['explain a b', "`crossgrade explain` doesn't know what to do with 'b'.", 'See `crossgrade explain --help`.'],
    ['check --target amd46', "--target can't be 'amd46'.", 'Did you mean `--target amd64`?'],
    ['--output xml check', "--output can't be 'xml'.", 'It takes one of: text, json.'],
  ])('`crossgrade %s` is wrong usage and says what was probably meant', (line, message, hint) => {
    const error = failure(line);
    expect(error).toMatchObject({ code: 'CG0001', exitCode: 2, message });
    expect(error.hint).toMatch(hint);
  });

  test('a command or option that is not finished is neither accepted nor in the help', () => {
    const smaller = withoutUnfinished(everything, new Set(['explain', 'check --html']));
    expect(failure('explain CG0001', smaller).code).toBe('CG0001');
    expect(failure('check --html x', smaller).code).toBe('CG0001');
    expect(formatHelp(undefined, smaller)).not.toContain('explain ');
    expect(formatHelp('check', smaller)).not.toContain('--html');
    expect(formatHelp('check', smaller)).toContain('--json');
  });
});

describe('the help text', () => {
  const topics = [undefined, ...registry.commands.map(({ name }) => name)];

  test.each(topics)('fits 80 columns and ends with the exit codes (%s)', (topic) => {
    const lines = formatHelp(topic).trimEnd().split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.at(-1)).toBe('  130  interrupted');
  });

  test('has an example for each command, and each example is accepted', () => {
    for (const { name, example } of registry.commands) {
      expect(formatHelp(undefined)).toContain(example);
      expect(parse(example.replace(/^crossgrade /, ''))).toMatchObject({ name });
    }
  });

  test('of a command has all of its options', () => {
    for (const { name, options } of registry.commands) {
      for (const option of options) expect(formatHelp(name)).toContain(`--${option.name}`);
    }
  });
});

test('the nearest word is near, or there is none', () => {
  expect(nearest('chcek', ['check', 'verify'])).toBe('check');
  expect(nearest('verfy', ['check', 'verify'])).toBe('verify');
  expect(nearest('dance', ['check', 'verify'])).toBeUndefined();
});
