import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eachStanza, formatStanza } from '../../../src/debian/deb822.ts';
import { installedIn } from '../runs/conversion.ts';

const lists = 'var/lib/apt/lists';

/**
 * Gives a root package lists for the target architecture, without a network: of what is installed, as if each build
 * existed for both architectures. `check --offline` finds a solution with them, in little time.
 *
 * @returns path of the target's list in the root
 */
export function giveTargetLists(directory: string): string {
  const folder = join(directory, lists);
  const source = readdirSync(folder).filter((name) => name.endsWith('_binary-i386_Packages'));
  const wanted = new Map(installedIn(directory).map((one) => [one.name, one]));
  const stanzas = new Map<string, string>();
  for (const name of source) {
    for (const stanza of eachStanza(readFileSync(join(folder, name), 'utf8'), name)) {
      const key = stanza.get('Package') ?? '';
      if (wanted.get(key)?.version !== stanza.get('Version')) continue;
      const fields = stanza.entries().filter(([field]) => !field.startsWith('Description'));
      stanzas.set(
        key,
        formatStanza(
          fields.map(([field, value]): [string, string] =>
            field === 'Architecture' && value !== 'all'
              ? [field, 'amd64']
              : [field, value.replaceAll('i686', 'x86-64')],
          ),
        ),
      );
    }
  }
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  writeFileSync(join(directory, 'etc/apt/sources.list'), 'deb http://mirror.example/debian test main\n');
  const target = `${lists}/mirror.example_debian_dists_test_main_binary-amd64_Packages`;
  writeFileSync(join(directory, target), [...stanzas.values()].map((stanza) => `${stanza}\n`).join(''));
  return target;
}

/** Runs a command as a user who is nobody, in no group. */
export const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'] as const;

/** Node.js with its libraries, to be started in a root of another architecture. */
export function putNode(directory: string): readonly string[] {
  const place = join(directory, 'opt/node');
  execFileSync('mkdir', ['-p', place]);
  const needed = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  const files = [...needed.matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => file);
  execFileSync('cp', ['--dereference', process.execPath, ...files, place]);
  const loader = files.find((file) => /\/ld-[^/]*$/.test(file)) ?? '';
  const name = (file: string) => `/opt/node/${file.slice(file.lastIndexOf('/') + 1)}`;
  return [name(loader), '--library-path', '/opt/node', name(process.execPath)];
}
