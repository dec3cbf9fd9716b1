import { expect, test } from 'vitest';
import type { Finding } from '../../../src/base/finding.ts';
import { parseMountinfo } from '../../../src/base/mount.ts';
import { findSnapshotTools } from '../../../src/hardware/system/find-snapshot-tools.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { snapshot } from '../../../steps/check/machine/snapshot.ts';
import { btrfsRoot } from '../../support/roots/btrfs-root.ts';
import { soundHostInput, withHost } from '../../support/troubles/machine-troubles.ts';

test('on btrfs the command that is named makes a snapshot, and it is seen afterwards', async () => {
  const root = await btrfsRoot({ suite: 'bookworm', packages: ['btrfs-progs'] });
  try {
    const opened = await openRoot(root.directory, { access: 'write' });
    try {
      const machine = realMachine(opened);
      const look = async () => {
        const mounts = parseMountinfo((await machine.run(['cat', '/proc/self/mountinfo'])).stdout);
        const now = Date.now();
        const snapshots = await findSnapshotTools(machine, mounts, now);
        const { survey } = withHost({ snapshots });
        const hardware = survey?.hardware && { ...survey.hardware, clock: { now } };
        return snapshot.findings({ ...soundHostInput, survey: { notLookedAt: [], ...(hardware && { hardware }) } });
      };
      const [before] = await look();
      expect(before).toMatchObject({
        id: 'machine/no-snapshot',
        detail: expect.stringContaining('there is no snapshot'),
      });
      const [remedy] = (before as Finding | undefined)?.remedies ?? [];
      if (!remedy || !('command' in remedy)) throw new Error('no command');
      const typed = await machine.run(['sh', '-c', remedy.command]);
      expect(typed.exitCode, typed.stderr).toBe(0);
      expect(await look()).toMatchObject([
        {
          id: 'machine/snapshot',
          detail: expect.stringMatching(/^The system is on btrfs; its last snapshot is \d min old/),
        },
      ]);
    } finally {
      await opened.close();
    }
  } finally {
    await root.dispose();
  }
});
