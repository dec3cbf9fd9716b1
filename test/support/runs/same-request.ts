import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPrivateApt, targetLists } from '../../../src/apt/system/solve.ts';
import { findPair } from '../../../src/debian/architecture.ts';
import { isRecordedHost } from '../../../src/machine/is-recorded-host.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { openRecordedHost } from '../../../src/machine/recorded-host.ts';
import { makeRequest } from '../../../src/plan/request.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';

/**
 * Leaves what a check asks apt, so that apt can be asked the same alone: its private folder without caches, and the
 * arguments in `request.json`. For the benchmark.
 *
 * @param root a root with package lists for the target, or a recorded host
 * @param folder where it goes
 * @param inside the same folder, as the apt that will be asked sees it
 */
async function keepRequest(root: string, folder: string, inside: string): Promise<void> {
  const pair = findPair('i386', 'amd64');
  if (!pair) throw new Error('no such pair');
  const recorded = isRecordedHost(root) ? openRecordedHost(root) : undefined;
  const opened = recorded ? undefined : await openRoot(root, { access: 'read' });
  const machine = recorded?.machine ?? (opened && realMachine(opened));
  if (!machine) throw new Error(`${root} was not opened`);
  try {
    const facts = await readFacts(machine);
    const place = targetLists(machine);
    const apt = await openPrivateApt(machine, facts, pair, place, [pair.target.name], true);
    const request = makeRequest(facts.inventory, apt.availability, pair, new Set());
    const onHost = opened ? join(opened.hostWorkDirectory, place.slice(machine.workDirectory.length)) : place;
    cpSync(onHost, folder, { recursive: true });
    for (const name of readdirSync(folder)) if (name.endsWith('.bin')) rmSync(join(folder, name));
    const settings = join(folder, 'apt.conf');
    writeFileSync(settings, readFileSync(settings, 'utf8').replaceAll(place, inside));
    writeFileSync(join(folder, 'request.json'), JSON.stringify(request.arguments));
  } finally {
    await (recorded ?? opened)?.close();
  }
}

const [root, folder, inside] = process.argv.slice(2);
if (!root || !folder || !inside) throw new Error('usage: same-request ROOT FOLDER INSIDE');
await keepRequest(root, folder, inside);
