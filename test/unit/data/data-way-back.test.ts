import { describe, expect, test } from 'vitest';
import type { FileUser } from '../../../src/base/machine.ts';
import { exportsFile } from '../../../src/base/own-paths.ts';
import type { Exports, PostgresqlItem, RrdItem } from '../../../src/data/exports.ts';
import { dropExports } from '../../../src/data/system/carry.ts';
import { assertUnused } from '../../../src/data/system/in-use.ts';
import { findPair } from '../../../src/debian/architecture.ts';
import type { RunEvent } from '../../../src/run/event.ts';
import type { Performance } from '../../../src/state/system/performance.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

const pair = findPair('i386', 'amd64');
if (!pair) throw new Error('there is no such pair');
const common = { bytes: 1, files: 1, state: 'exported' as const, stamp: '', differences: [], notes: [] };
const rrd: RrdItem = { kind: 'rrd', id: 'rrd', name: '', path: '/', ...common };
const cluster: PostgresqlItem = {
  kind: 'postgresql',
  id: 'postgresql-15-main',
  name: '15/main',
  path: '/srv/pg',
  ...common,
  uid: 1,
  gid: 1,
  version: '15',
  mode: 0o700,
  configuration: '/etc/postgresql/15/main',
  superuser: 'postgres',
  databases: [],
  initdb: [],
  elsewhere: [],
};

test('a service that does not start again on the way back is named', async () => {
  const machine = new MemoryMachine(['init']);
  const exports: Exports = {
    version: 1,
    complete: true,
    changedAt: '',
    holds: [{ unit: 'collectd.service', wasActive: true, items: ['rrd'] }],
    items: [rrd],
  };
  await machine.write('/run/systemd/system', '');
  await machine.write(exportsFile, JSON.stringify(exports));
  const events: RunEvent[] = [];
  const observe = (event: RunEvent) => void events.push(event);
  const context = { plan: {} };
  await dropExports({ machine, pair, context, observe, step: 'switch/export-data' } as unknown as Performance);
  expect(machine.commands).toContain('systemctl start -- collectd.service');
  const text = 'collectd.service did not start again: look at systemctl status collectd.service';
  expect(events).toEqual([{ type: 'step-message', step: 'switch/export-data', text }]);
  expect(machine.files.has(exportsFile)).toBe(false);
});

describe('a cluster is in use', () => {
  const used = (users: readonly FileUser[]) => {
    const machine = Object.assign(new MemoryMachine(), { usersOf: async () => [...users] });
    return assertUnused(machine, cluster, pair);
  };
  const server = (hba: string): FileUser[] => [
    { pid: 7, parent: 1, program: 'postgres', words: ['/usr/lib/postgresql/15/bin/postgres', '-c', `hba_file=${hba}`] },
    { pid: 8, parent: 7, program: 'postgres', words: ['postgres: checkpointer '] },
  ];

  test('while a server that is not ours runs on it', async () => {
    await expect(used(server('/etc/postgresql/15/main/pg_hba.conf'))).rejects.toThrow(
      'PostgreSQL cluster 15/main is in use by postgres (process 7), postgres (process 8): stop it',
    );
  });

  test('neither by a server of ours that outlived its run, nor by a shell that stands in its folder', async () => {
    const ours = server('/var/tmp/crossgrade-12-34-abcdef/postgresql/pg_hba.conf');
    await expect(used([...ours, { pid: 9, parent: 1, program: 'bash', words: ['-bash'] }])).resolves.toBeUndefined();
  });
});
