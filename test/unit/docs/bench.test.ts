import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { profilesOf } from '../../../src/cli/arguments/profiles.ts';

// Nothing else starts these until somebody wants a figure: what they take from the source may have moved.
const bench = fileURLToPath(new URL('../../../bench', import.meta.url));

test('the benchmark of a run knows the server that a sandbox has', () => {
  const program = 'import json, roots; print(json.dumps(roots.SETS["server"]))';
  const told = execFileSync('python3', ['-B', '-c', program], { cwd: bench, encoding: 'utf8' });
  expect(JSON.parse(told)).toEqual(profilesOf('i386').server);
});

test('the benchmark of the scan finds the programs that it has written', () => {
  const told = execFileSync(process.execPath, ['scan.mjs', '3000'], { cwd: bench, encoding: 'utf8' });
  expect(told).toContain('warm: 3000 files, 3 of them programs');
});
