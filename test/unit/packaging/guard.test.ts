import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const script = readFileSync(fileURLToPath(new URL('../../../packaging/guard.sh', import.meta.url)), 'utf8');
const reload = 'kill -HUP 1';

/** The guard's functions, in a folder of their own, and with a systemd that is told nothing. */
function guardIn(folder: string): (word: string) => void {
  expect(script.split(reload)).toHaveLength(2);
  const here = script
    .replace(reload, ':')
    .replace(/^busybox=.*$/m, 'busybox=')
    .replace(/^folder=.*$/m, `folder=${folder}`)
    .replace(/^units=.*$/m, `units=${folder}/units`);
  return (word) => void execFileSync('sh', ['-c', here, 'sh', word]);
}

test('what a guard that was killed has left of its refusals is allowed again, or refused as a whole', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guard-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const guard = guardIn(folder);
  const refused = () => readdirSync(join(folder, 'units'));
  // Somebody who waits for the guard lives: ourselves.
  const moment = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[19];
  writeFileSync(join(folder, 'guard'), `${process.pid} ${moment}\n`);

  guard('refuse');
  const all = refused();
  expect(all).toContain('reboot.target.d');
  expect(all).toContain('poweroff.target.d');
  guard('allow');
  expect(refused()).toEqual([]);

  for (const left of all) {
    const drop = join(folder, 'units', left);
    mkdirSync(drop);
    writeFileSync(join(drop, 'crossgrade.conf'), '');
    guard('allow');
    expect(refused(), left).toEqual([]);
  }
  // Cut off before the last one, which is the sign of all.
  guard('refuse');
  for (const one of all.slice(1)) {
    if (one === 'reboot.target.d') continue;
    rmSync(join(folder, 'units', one), { recursive: true });
  }
  rmSync(join(folder, 'units/reboot.target.d'), { recursive: true });
  guard('refuse');
  expect(refused()).toEqual(all);
});
