import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileOwnersFile } from '../../../src/base/own-paths.ts';
import { parseOwners } from '../../../src/files/file-owners.ts';
import { compareFilesWithBefore, recordFiles } from '../../../src/files/system/file-check.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { World } from '../../support/recorded/world.ts';
import { withRoot } from '../../support/runs/faults.ts';

test('of more files than a small host can hold only the folders are recorded, and the setuid programs', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const recorded = async () => {
      const opened = await openRoot(directory, { access: 'write' });
      try {
        await recordFiles(realMachine(opened));
      } finally {
        await opened.close();
      }
      return parseOwners(readFileSync(join(directory, fileOwnersFile), 'utf8'));
    };
    expect((await recorded()).get('/var/lib/pam/seen')).toBe('f 644 0 0');

    const many = join(directory, 'srv/many');
    mkdirSync(many, { mode: 0o750 });
    execFileSync('sh', ['-c', 'seq 100000 | xargs touch'], { cwd: many });
    const owners = await recorded();
    expect(owners.get('/srv/many')).toBe('d 750 0 0');
    expect(owners.get('/usr/bin/passwd')).toBe('f 4755 0 0');
    const files = [...owners].filter(([path, owner]) => owner.startsWith('f') && !path.startsWith('/usr/'));
    expect(files).toEqual([]);
  }));

test('files are compared when more have come, though there are too many now for a record', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const opened = await openRoot(directory, { access: 'write' });
    try {
      const machine = realMachine(opened);
      const { pair, facts, plan } = new World('bookworm-minimal').context;
      mkdirSync(join(directory, 'srv/many'));
      mkdirSync(join(directory, 'srv/shop/data'), { recursive: true });
      await recordFiles(machine);
      execFileSync('sh', ['-c', 'seq 100000 | xargs touch'], { cwd: join(directory, 'srv/many') });
      chmodSync(join(directory, 'var/lib/pam/seen'), 0o640);
      rmSync(join(directory, 'srv/shop'), { recursive: true });
      const { files } = await compareFilesWithBefore(machine, pair, '/etc', facts, plan);
      expect(files.rows.map(({ label }) => label)).toEqual(['owners and modes of files']);
      expect(files.differences.map(({ what, explanation }) => `${what} | ${explanation ?? '?'}`)).toEqual([
        '/var/lib/pam/seen is root:root 640; it was root:root 644 | ?',
        'the folder /srv/shop is gone | ?',
        'capabilities of files were not compared | getcap(8), of the package libcap2-bin, could not be asked',
      ]);
    } finally {
      await opened.close();
    }
  }));
