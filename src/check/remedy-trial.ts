import type { Remedy } from '../base/finding.ts';
import type { CommandResult } from '../base/root.ts';

/** How a command can be tried without a change in the root. */
export type Trial =
  /** The same, and nothing is done. */
  | { readonly kind: 'simulate'; readonly argv: readonly string[]; readonly mustDo: boolean }
  /** It empties apt's cache of archives: of use only where something is in it. */
  | { readonly kind: 'cache' };

/** Words of the shell itself. */
const builtins: ReadonlySet<string> = new Set(['cd', 'export', 'umask', 'test', 'echo', 'for', 'do', 'done', '[']);

/** Programs that a remedy may name, and no system has to have: the package to install first. */
export const packageOfProgram: Readonly<Record<string, string>> = {
  chattr: 'e2fsprogs',
  gdbm_dump: 'gdbmtool',
  mdb_dump: 'lmdb-utils',
  mokutil: 'mokutil',
};

/** @returns the simple commands of a line, with what is quoted as one word `'…'` each */
function simpleCommands(line: string): string[][] {
  const plain = line.replaceAll(/\$?'(?:[^'\\]|\\.)*'|"[^"]*"/g, "'…'");
  // A loop is more than a program and its words.
  if (/(^|[;\s])(for|while|if) /.test(plain)) return [];
  return plain.split(/&&|\|\||[;|]/).map((one) => one.trim().split(/\s+/));
}

/** @returns programs that the line starts, each once; those that another program starts are not looked for */
export function programsOf(line: string): string[] {
  const named = simpleCommands(line).map((words) => words.find((word) => !/^\w+=/.test(word)) ?? '');
  return [...new Set(named)].filter((name) => name !== '' && !name.includes('…') && !builtins.has(name));
}

/** Even so apt would write down its cache of the package lists, and what it thinks; and dpkg the same in its log. */
const unwritten = ['Dir::Cache::pkgcache=', 'Dir::Cache::srcpkgcache=', 'Dir::Log::Planner=', 'Dir::Log::Solver='];
const simulating = ['apt-get', '-q', '--simulate', ...unwritten.flatMap((setting) => ['-o', setting])];

/** @returns how to try what the line does, before somebody types it; none where its programs have no such way */
export function trialsOf(line: string): Trial[] {
  const commands = simpleCommands(line);
  // What comes with new package lists, or with archives, nobody knows yet.
  const change = commands.findIndex(
    ([name, verb]) => (name === 'apt-get' && verb === 'update') || (name === 'dpkg' && verb === '--install'),
  );
  const known = change < 0 ? commands : commands.slice(0, change);
  return known.flatMap((words): Trial[] => {
    const [program = '', ...rest] = words;
    if (words.some((word) => word.includes('…'))) return [];
    if (program === 'dpkg' && rest.includes('--configure')) {
      return [{ kind: 'simulate', argv: ['dpkg', '--no-act', '--log=/dev/null', ...rest], mustDo: false }];
    }
    if (program !== 'apt-get') return [];
    if (rest[0] === 'clean') return [{ kind: 'cache' }];
    const installs = rest.includes('install');
    if (!installs && !rest.includes('upgrade')) return [];
    const mends = rest.includes('-f');
    return [{ kind: 'simulate', argv: [...simulating, ...rest], mustDo: installs && !mends }];
  });
}

/** What a simulation says: `why` it is not to be typed, or what it `removes`. */
export interface Outcome {
  readonly why?: string;
  readonly removes: readonly string[];
}

/**
 * @param target architecture that the system goes to
 * @param hasBegun packages of it are there already: apt would take away what stands in their way, or what they need
 * @see apt-get(8), --simulate; dpkg(1), --no-act
 */
export function outcomeOf(
  { exitCode, stdout, stderr }: CommandResult,
  { mustDo }: { readonly mustDo: boolean },
  target: string,
  hasBegun = false,
): Outcome {
  const removes = [...stdout.matchAll(/^Remv (\S+)/gm)].map(([, name = '']) => name);
  if (exitCode !== 0) {
    const lines = `${stderr}\n${stdout}`.split('\n').map((one) => one.trim());
    const told = lines.find((one) => /^E: |^dpkg: (error|dependency)|: error while loading /.test(one));
    return {
      why: (told ?? lines.find(Boolean) ?? `exit code ${exitCode}`).replace(/^E: /, '').replace(/[.:]+$/, ''),
      removes,
    };
  }
  const ours = removes.filter((name) => name.endsWith(`:${target}`));
  if (ours.length > 0) return { why: `it would remove ${ours.join(', ')}, which the crossgrade needs`, removes };
  if (hasBegun && removes.length > 0) return { why: `it would remove ${removes.join(', ')}`, removes };
  if (/^WARNING: The following essential packages will be removed/m.test(stdout)) {
    return { why: 'it would remove what the system cannot do without', removes };
  }
  if (mustDo && !/^(Inst|Conf) /m.test(stdout)) return { why: 'no repository has it in this version', removes };
  return { removes };
}

/** What stands in the place of a command that cannot help here. */
export function notHere(command: string, why: string): Remedy {
  return { hint: `What is usually typed here, ${command}, does not help: ${why}.` };
}
