import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileOwnersFile } from '../../src/core/paths.ts';
import { parseOwners } from '../../src/core/picture/files.ts';
import { recordFiles } from '../../src/engine/file-check.ts';
import { openRoot } from '../../src/machine/open-root.ts';
import { realMachine } from '../../src/machine/real-machine.ts';
import { withRoot } from '../support/faults.ts';

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
