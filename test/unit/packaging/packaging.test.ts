import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unitsPausedFile } from '../../../src/base/own-paths.ts';
import { registry } from '../../../src/cli/arguments/command-registry.ts';
import { packageUnits } from '../../../src/debian/package-units.ts';

const read = (name: string) => readFileSync(`packaging/${name}`, 'utf8');
const manualPage = read('crossgrade.8').replaceAll('\\-', '-');
const completion = read('crossgrade.bash-completion');

describe.each(registry.commands.map((command) => [command.name, command] as const))('%s', (name, { options }) => {
  it('is in the manual page, with its options', () => {
    const described =
      manualPage.match(new RegExp(`^\\.TP\\n\\.B[IR]? "?${name}\\b[^]*?(?=^\\.(TP|SH)$)`, 'm'))?.[0] ?? '';
    // What is said of `run` holds for `resume`.
    const text = name === 'resume' ? `${described}${manualPage}` : described;
    expect(described).not.toBe('');
    expect(options.filter((option) => !text.includes(`--${option.name}`))).toEqual([]);
  });

  it('is completed, with its options', () => {
    const words = completion.match(new RegExp(`^ +(?:\\w+ \\| )?${name}(?: \\| \\w+)?\\) words=(.*)$`, 'm'))?.[1] ?? '';
    expect(completion).toMatch(new RegExp(`\\b${name}\\b`));
    expect(options.filter((option) => !words.includes(`--${option.name}`))).toEqual([]);
  });
});

it('the options of all commands are in the manual page and completed', () => {
  for (const { name } of registry.commonOptions) {
    expect(manualPage).toContain(`--${name}`);
    expect(completion).toContain(`--${name}`);
  }
});

it('files and ids are completed where they belong', () => {
  const complete = (...words: string[]): string => {
    const last = words.length - 1;
    // Stands for the installed program.
    const program = `crossgrade() { printf '%s\\n' 'Errors' '  CG0201   apt cannot use' '           a repository'; }`;
    const typed = words.map((word) => `'${word}'`).join(' ');
    const show = `COMP_WORDS=(${typed}); COMP_CWORD=${last}; _crossgrade; echo "\${COMPREPLY[*]}"`;
    return execFileSync(
      'bash',
      ['-c', `complete() { :; }; . packaging/crossgrade.bash-completion; ${program}; ${show}`],
      {
        encoding: 'utf8',
      },
    ).trim();
  };
  expect(complete('crossgrade', 'check', '--html', 'packa')).toContain('package.json');
  expect(complete('crossgrade', 'check', '--json', 'package.')).toBe('package.json');
  expect(complete('crossgrade', 'verify', '--json', '--ht')).toBe('--html');
  expect(complete('crossgrade', 'status', '--json', '--wa')).toBe('--watch');
  expect(complete('crossgrade', 'explain', 'CG')).toBe('CG0201');
});

it('the first entry of the changelog is of the version in package.json', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(read('changelog')).toMatch(`crossgrade (${version}) `);
});

it('the package keeps each unit that a run pauses from starting, in each boot', () => {
  const script = readFileSync('scripts/deb.sh', 'utf8');
  for (const unit of packageUnits) expect(script).toMatch(new RegExp(`[ \\n]${unit.replaceAll('.', '\\.')}[ ;\\n]`));
  expect(read('paused.conf')).toContain(`ConditionPathExists=!${unitsPausedFile}\n`);
});
