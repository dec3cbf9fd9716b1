import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Answers } from '../../src/base/finding.ts';
import { shell } from '../support/roots/data-root.ts';
import { freshRoot, type RootRecipe } from '../support/roots/roots.ts';
import { instancesIn } from '../support/runs/conversion.ts';
import { crossgrade, tail } from '../support/runs/faults.ts';

function answersFile(answers: Answers): string {
  const file = join(mkdtempSync(join(tmpdir(), 'crossgrade-answers-')), 'answers.json');
  writeFileSync(file, JSON.stringify(answers));
  return file;
}

async function onRoot(packages: readonly string[], work: (directory: string) => Promise<void>): Promise<void> {
  const recipe: RootRecipe = { suite: 'bookworm', packages };
  const root = await freshRoot(recipe);
  try {
    await work(root.directory);
  } finally {
    await root.dispose();
  }
}

test('dictionaries of ispell are compiled anew, and logs of atop set aside, whose package fails over them', () =>
  onRoot(['atop', 'iamerican', 'ingerman', 'ispell'], async (directory) => {
    const spell = "printf 'hello wrold\\n' | ispell -a -d american; printf 'Haus Huas\\n' | ispell -a -d ngerman";
    await shell(directory, 'mkdir -p /var/log/atop; atop -w /var/log/atop/atop_20261129 1 1');
    const before = await shell(directory, spell);
    expect(before).toContain('& wrold');

    const begun = await crossgrade(directory, 'run', '--yes', '--until', 'libraries');
    expect(begun.code, tail(begun)).toBe(0);
    const back = await crossgrade(directory, 'rollback', '--yes');
    expect(back.code, tail(back)).toBe(0);
    expect(readdirSync(join(directory, 'var/log/atop'))).toEqual(['atop_20261129']);

    const end = await crossgrade(directory, 'run', '--yes');
    expect(end.code, tail(end)).toBe(0);
    expect(await shell(directory, spell)).toBe(before);
    expect(readdirSync(join(directory, 'var/log/atop'))).toEqual(['crossgrade-before']);
    expect(existsSync(join(directory, 'var/log/atop/crossgrade-before/atop_20261129'))).toBe(true);
  }));

const signed = 'usr/lib/grub/i386-efi-signed/grubia32.efi.signed';

test('what 32-bit firmware starts stays, beside the 64-bit build of GRUB’s own package', () =>
  onRoot(['grub-efi-ia32', 'grub-efi-ia32-signed'], async (directory) => {
    const end = await crossgrade(directory, 'run', '--yes', '--answers', answersFile({ 'firmware-loader': 'keep' }));
    expect(end.code, tail(end)).toBe(0);
    const names = Object.keys(instancesIn(directory));
    expect(names).toContain('grub-efi-ia32:amd64');
    expect(names.filter((key) => key.endsWith(':i386'))).toEqual(['grub-efi-ia32-signed:i386']);
    expect(existsSync(join(directory, signed))).toBe(true);
  }));

test('shim whose mokutil cannot be there twice goes by a decision alone, and its new package is content in a folder', () =>
  onRoot(['grub-efi-ia32', 'grub-efi-ia32-signed', 'shim-signed'], async (directory) => {
    const stop = await crossgrade(directory, 'run', '--yes');
    expect(stop.code).toBe(3);
    expect(stop.text).toContain('firmware-loader');
    const end = await crossgrade(directory, 'run', '--yes', '--answers', answersFile({ 'firmware-loader': 'replace' }));
    expect(end.code, tail(end)).toBe(0);
    expect(Object.keys(instancesIn(directory)).filter((key) => key.endsWith(':i386'))).toEqual([]);
  }));
