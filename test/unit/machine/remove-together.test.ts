import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { removeWhole } from '../../../src/machine/files/files.ts';
import type { HostPath } from '../../../src/machine/files/resolve-in-root.ts';

const run = promisify(execFile);

test('a tree that somebody else takes away at the same time is gone, and that is all', async () => {
  for (let round = 0; round < 3; round += 1) {
    const folder = mkdtempSync(join(tmpdir(), 'remove-together-'));
    for (let index = 0; index < 80; index += 1) {
      mkdirSync(join(folder, `${index}/inner`), { recursive: true });
      for (let file = 0; file < 3; file += 1) writeFileSync(join(folder, `${index}/inner/${file}`), '');
    }
    const other = run('rm', ['-rf', '--one-file-system', folder]);
    removeWhole(folder as HostPath);
    await other;
    expect(existsSync(folder)).toBe(false);
  }
}, 60_000);
