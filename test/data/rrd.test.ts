import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Machine } from '../../src/base/machine.ts';
import { DataTrouble } from '../../src/base/system/must.ts';
import { itemFolder, type RrdItem } from '../../src/data/exports.ts';
import type { Carrying } from '../../src/data/system/adapter.ts';
import { rrdAdapter, rrdItem } from '../../src/data/system/carry-rrd.ts';
import { findPair } from '../../src/debian/architecture.ts';
import { openRoot } from '../../src/machine/open-root.ts';
import { realMachine } from '../../src/machine/real-machine.ts';
import { fillRrd, shell } from '../support/roots/data-root.ts';
import { type FrozenRoot, freshRoot, snapshot } from '../support/roots/roots.ts';
import { withRoot } from '../support/runs/faults.ts';

/** Export and import with the same rrdtool, one after the other: what happens to files between users, and to bad ones. */
let filled: FrozenRoot;

beforeAll(async () => {
  const root = await freshRoot({ suite: 'bookworm', packages: ['rrdcached', 'rrdtool'] });
  await fillRrd(root.directory, { rrdFiles: 12 });
  await shell(
    root.directory,
    `cd /
useradd --create-home mallory
install -d -o mallory /home/mallory/graphs
install -o mallory -g mallory -m 644 /var/lib/munin/example/3.rrd /home/mallory/graphs/x.rrd`,
  );
  filled = await snapshot(root);
});

afterAll(() => filled?.dispose());

interface Carried {
  readonly machine: Machine;
  readonly told: readonly string[];
  /** What root, or anybody else, does meanwhile. */
  sh(script: string): Promise<string>;
  exportAll(): Promise<RrdItem>;
  importAll(item: RrdItem): Promise<RrdItem>;
}

async function carry(work: (carried: Carried) => Promise<void>): Promise<void> {
  await withRoot(filled, async ({ directory }) => {
    const opened = await openRoot(directory, { access: 'write' });
    const machine = realMachine(opened);
    const pair = findPair('i386', 'amd64');
    if (!pair) throw new Error('There is no such pair');
    const told: string[] = [];
    const carrying: Carrying = {
      machine,
      pair,
      plan: {} as Carrying['plan'],
      interruption: { requested: false },
      tell: (text) => told.push(text),
      progress: () => undefined,
    };
    const sh = async (script: string) => {
      const { exitCode, stdout, stderr } = await machine.run(['bash', '-euo', 'pipefail', '-c', script]);
      if (exitCode !== 0) throw new Error(`exit code ${exitCode}:\n${stdout}\n${stderr}`);
      return stdout;
    };
    try {
      await work({
        machine,
        told,
        sh,
        async exportAll() {
          const found = await sh("find /var/lib/munin /srv /home -name '*.rrd' -print0 | sort -z");
          const paths = found.split('\0').filter((path) => path !== '');
          const item = await rrdItem(
            machine,
            paths.map((path) => ({ path, format: 'rrd', bytes: 1000 })),
          );
          await machine.makeDirectory(itemFolder(item), 0o700);
          return rrdAdapter.exportItem(carrying, item);
        },
        importAll: (item) => rrdAdapter.importItem(carrying, item),
      });
    } finally {
      await opened.close();
    }
  });
}

const state = `find /var/lib/munin /srv /home -name '*.rrd' ! -name torn.rrd -print0 | sort -z | while IFS= read -r -d '' file; do
  stat -c '%n %U %G %a %Y' "$file"; rrdtool dump "$file" | sed -E 's/([0-9]\\.([0-9]*[1-9])?)0*e/\\1e/g' | sha256sum
done`;
/** A new file is another one than that which is aside. */
const fresh = (path: string) =>
  `test ! ${path} -ef ${path}.crossgrade-i386 -a -e ${path}.crossgrade-i386 && rrdtool info ${path} >/dev/null`;

test('files are made anew, with owners, modes and times, and nothing is left beside them but the originals', () =>
  carry(async ({ sh, exportAll, importAll }) => {
    const before = await sh(state);
    const exported = await exportAll();
    expect(exported).toMatchObject({ files: 14, differences: [] });
    expect(exported.notes).toEqual([expect.stringMatching(/^\/srv\/graphs\/torn\.rrd cannot be read .*too small/)]);
    expect(await importAll(exported)).toMatchObject({ differences: [] });
    expect(await sh(state)).toBe(before);
    await sh(fresh('/var/lib/munin/example/7.rrd'));
    expect(await sh("find / -xdev -name '*.crossgrade-new' -o -path '*/exports/rrd/*/work'")).toBe('');
    // Cut off before the end, and done again.
    expect(await importAll(exported)).toMatchObject({ differences: [] });
    expect(await sh(state)).toBe(before);
  }));

describe('a user who owns the folder', () => {
  const owner = 'setpriv --reuid=mallory --regid=mallory --clear-groups bash -euc';

  test('cannot lead root to another file by a symlink in the place of the new one', () =>
    carry(async ({ sh, exportAll, importAll }) => {
      await sh(`echo secret > /etc/secret; chmod 600 /etc/secret
${owner} 'ln -s /etc/secret /home/mallory/graphs/x.rrd.crossgrade-new'`);
      expect(await importAll(await exportAll())).toMatchObject({ differences: [] });
      expect(await sh('stat -c "%U %a" /etc/secret; cat /etc/secret')).toBe('root 600\nsecret\n');
      await sh(fresh('/home/mallory/graphs/x.rrd'));
    }));

  test('cannot lead root into another folder', () =>
    carry(async ({ sh, exportAll, importAll }) => {
      const exported = await exportAll();
      await sh(`install -d /etc/theirs; echo theirs > /etc/theirs/x.rrd
${owner} 'cd /home/mallory; mv graphs elsewhere; ln -s /etc/theirs graphs'`);
      const { differences } = await importAll(exported);
      expect(differences).toEqual([
        expect.stringMatching(/^1 of 14 could not .*mallory\/graphs\/x\.rrd: graphs: Not a dir/),
      ]);
      expect(await sh('ls /etc/theirs; cat /etc/theirs/x.rrd')).toBe('x.rrd\ntheirs\n');
    }));

  test('does not get what root can read', () =>
    carry(async ({ sh, exportAll, importAll }) => {
      await sh(`install -m 600 /var/lib/munin/example/4.rrd /etc/secret.rrd
${owner} 'cd /home/mallory/graphs; cp x.rrd own; rm x.rrd; ln -s /etc/secret.rrd x.rrd'`);
      const exported = await exportAll();
      // Not by find -name alone: the scan had seen a plain file.
      expect(exported.differences).toEqual([expect.stringMatching(/x\.rrd was not exported.*no plain file any more/)]);
      await sh(`${owner} 'cd /home/mallory/graphs; mv own x.rrd'`);
      await importAll(exported);
      expect(await sh('cmp /home/mallory/graphs/x.rrd /var/lib/munin/example/3.rrd.crossgrade-i386')).toBe('');
    }));

  test('is the one as whom rrdtool reads the files', () =>
    carry(async ({ sh, exportAll, importAll }) => {
      await sh(`mv /usr/bin/rrdtool /usr/bin/rrdtool.real; install -m 666 /dev/null /tmp/ids
printf '#!/bin/sh\\nid -u >>/tmp/ids\\nexec rrdtool.real "$@"\\n' >/usr/bin/rrdtool; chmod 755 /usr/bin/rrdtool`);
      await importAll(await exportAll());
      const names = await sh('sort -u /tmp/ids | while read id; do id -nu "$id"; done | sort');
      expect(names).toBe('mallory\nroot\nwww-data\n');
    }));
});

describe('a file that', () => {
  test('ends rrdtool is no word about the others, and stops the export', () =>
    carry(async ({ sh, exportAll }) => {
      // As many intervals to a row as none: rrdtool divides by that.
      const bad = '/var/lib/munin/example/10.rrd';
      await sh(`printf '\\0\\0\\0\\0' | dd of=${bad} bs=1 seek=376 conv=notrunc status=none`);
      const trouble: unknown = await exportAll().catch((error: unknown) => error);
      expect(trouble).toBeInstanceOf(DataTrouble);
      expect((trouble as DataTrouble).details).toEqual([`${bad}: rrdtool was ended by signal 8`]);
      await sh(`rm -r ${bad} /var/lib/crossgrade/exports`);
      expect(await exportAll()).toMatchObject({ files: 13, differences: [], notes: [expect.stringMatching(/torn/)] });
    }));

  test('is written to while it is exported is exported again', () =>
    carry(async ({ sh, told, exportAll, importAll }) => {
      await sh(
        `for i in $(seq 30); do rrdtool update /home/mallory/graphs/x.rrd $((1700000000 + i)):$i:$i; sleep 0.1; done >/tmp/said 2>&1 &`,
      );
      const exported = await exportAll();
      expect(told).toContain('1 RRD file was written to meanwhile: once more');
      const before = await sh('cat /tmp/said; rrdtool lastupdate /home/mallory/graphs/x.rrd');
      expect(before).toContain('1700000030: 30 30');
      expect(await importAll(exported)).toMatchObject({ differences: [] });
      expect(await sh('cat /tmp/said; rrdtool lastupdate /home/mallory/graphs/x.rrd')).toBe(before);
    }));

  test('is written to without end is refused, and named with who may do it', () =>
    carry(async ({ sh, exportAll }) => {
      await sh(
        `(for i in $(seq 999); do echo "update /home/mallory/graphs/x.rrd $((1700000000 + i)):$i:$i"; sleep 0.1; done | rrdtool -) >/dev/null 2>&1 &
until rrdtool lastupdate /home/mallory/graphs/x.rrd | grep -q ^170; do sleep 0.1; done`,
      );
      const trouble: unknown = await exportAll().catch((error: unknown) => error);
      expect(trouble).toBeInstanceOf(DataTrouble);
      expect((trouble as DataTrouble).details).toEqual([
        '/home/mallory/graphs/x.rrd',
        expect.stringMatching(/library is used by rrdtool \(pid \d+\)/),
      ]);
    }));

  test('is written to after the export is noticed before anything is replaced', () =>
    carry(async ({ machine, sh, exportAll }) => {
      const exported = await exportAll();
      const pair = findPair('i386', 'amd64');
      if (!pair) throw new Error('There is no such pair');
      const stamp = await rrdAdapter.stamp(machine, exported);
      await rrdAdapter.setAside(machine, exported, pair);
      expect(await rrdAdapter.stamp(machine, exported)).toBe(stamp);
      await sh('rrdtool update /home/mallory/graphs/x.rrd 1700000000:1:1');
      expect(await rrdAdapter.stamp(machine, exported)).not.toBe(stamp);
      await expect(rrdAdapter.setAside(machine, exported, pair)).rejects.toThrow(/are written to/);
    }));

  test('was taken away is told, and is no trouble', () =>
    carry(async ({ sh, exportAll, importAll }) => {
      const exported = await exportAll();
      await sh('rm /var/lib/munin/example/5.rrd');
      const imported = await importAll(exported);
      expect(imported.differences).toEqual([]);
      expect(imported.notes).toContain('/var/lib/munin/example/5.rrd was removed by somebody after it was exported');
    }));

  test('is on a filesystem that cannot be written to is left out, and told before anything is replaced', () =>
    carry(async ({ sh, told, exportAll, importAll }) => {
      await sh(`mkdir /srv/still; mount -t tmpfs still /srv/still
cp /var/lib/munin/example/5.rrd /srv/still/; mount -o remount,ro /srv/still`);
      const exported = await exportAll();
      const line =
        '/srv/still/5.rrd was not exported, and stays in 32 bit: it cannot be replaced: Read-only file system';
      expect(exported).toMatchObject({ files: 14, differences: [line] });
      expect(told).toContain(line);
      expect((await importAll(exported)).differences).toEqual([line]);
      await sh('umount /srv/still');
    }));

  test('cannot be made anew keeps no other from it, and is told with its export', () =>
    carry(async ({ sh, exportAll, importAll }) => {
      const exported = await exportAll();
      await sh('mkdir /var/lib/munin/example/5.rrd.crossgrade-new');
      const { differences } = await importAll(exported);
      expect(differences).toHaveLength(1);
      const file = /its export: (\S+\.xml\.gz)/.exec(differences[0] ?? '')?.[1];
      await sh(fresh('/var/lib/munin/example/6.rrd'));
      // As the text says.
      await sh(
        `zcat ${file} | rrdtool restore -f - /var/lib/munin/example/5.rrd; rrdtool info /var/lib/munin/example/5.rrd >/dev/null`,
      );
    }));
});
