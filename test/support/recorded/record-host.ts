import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPrivateApt, solve } from '../../../src/apt/system/solve.ts';
import type { Machine } from '../../../src/base/machine.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { findPair } from '../../../src/debian/architecture.ts';
import { formatStanza, parseStanzas } from '../../../src/debian/deb822.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';

/** Fields that no code of ours reads, but that make up most of the text. */
const unread = ['Description', 'Description-md5', 'Maintainer', 'Homepage', 'Tag', 'Section', 'Priority', 'MD5sum'];
const unreadRelations = ['Suggests', 'Recommends', 'Enhances'];

/**
 * Records what the solver asks of a root, and what dpkg and apt answer: the files of fixtures/hosts.
 *
 * @param root folder of an i386 Debian root
 * @param folder where the files go
 */
async function recordHost(root: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const pair = findPair('i386', 'amd64');
  if (!pair) throw new Error('no such pair');
  const opened = await openRoot(root, { access: 'read' });
  try {
    const machine = realMachine(opened);
    const said = new Map<string, string>();
    const recording: Machine = Object.assign(Object.create(machine) as Machine, {
      workDirectory: machine.workDirectory,
      root: machine.root,
      async run(...[argv, options]: Parameters<Machine['run']>) {
        const result = await machine.run(argv, options);
        const name = ['madison', 'show', 'install'].find((word) => argv.includes(word));
        if (name) said.set(name, result.stdout);
        return result;
      },
    });
    const facts = await readFacts(recording);
    const apt = await openPrivateApt(recording, facts, pair, machine.workDirectory, [pair.target.name]);
    await solve(recording, apt, new Set());
    const files: Record<string, string> = {
      madison: withoutMirror(said.get('madison') ?? ''),
      'print-uris': withoutMirror(said.get('install') ?? ''),
      'target-packages': slim(said.get('show') ?? '', 'apt-cache show'),
    };
    for (const path of ['dpkg/status', 'dpkg/diversions', 'dpkg/statoverride', 'apt/extended_states'] as const) {
      const text = await machine.readTextIfThere(`/var/lib/${path}` as RootPath);
      if (text) files[path.slice(path.indexOf('/') + 1)] = path === 'dpkg/status' ? slim(text, path) : text;
    }
    files['os-release'] = await machine.readText('/etc/os-release');
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  } finally {
    await opened.close();
  }
}

function slim(text: string, fileName: string): string {
  const dropped = new Set([...unread, ...unreadRelations]);
  return parseStanzas(text, fileName)
    .map((stanza) => `${formatStanza(stanza.entries().filter(([name]) => !dropped.has(name)))}\n`)
    .join('');
}

function withoutMirror(text: string): string {
  return text.replace(/https?:\/\/[^\s/]+/g, 'http://mirror.example');
}

const [root, folder] = process.argv.slice(2);
if (!root || !folder) throw new Error('usage: record-host ROOT FOLDER');
await recordHost(root, folder);
