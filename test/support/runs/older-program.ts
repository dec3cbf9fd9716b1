import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../..', import.meta.url));

/** Whether this tree has the history that an older program is built from. */
export function hasHistory(commit: string): boolean {
  try {
    execFileSync('git', ['-C', top, 'cat-file', '-e', `${commit}^{commit}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The program as it was at a commit, built in a folder of its own that is gone with this process. */
export function buildOlder(commit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossgrade-older-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  execFileSync('sh', ['-c', 'git -C "$1" archive "$2" | tar -x -C "$3"', 'sh', top, commit, folder]);
  symlinkSync(join(top, 'node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  return join(folder, 'dist/crossgrade.mjs');
}
