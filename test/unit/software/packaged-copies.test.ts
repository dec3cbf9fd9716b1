import { expect, test } from 'vitest';
import type { RootPath } from '../../../src/base/root.ts';
import { possibleCopies } from '../../../src/software/packaged-copies.ts';
import { findPackagedCopies } from '../../../src/software/system/packaged-copies.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

const shipped = {
  '/usr/lib/cups/backend-available/mdns': 'browse',
  '/usr/lib/cups/backend-available/lpd': 'lpd',
  '/usr/lib/grub/i386-pc/acpi.mod': 'acpi',
  '/usr/bin/bash': 'bash',
};

/** Content by path; all of them are programs that no package brought. */
async function copiesAmong(files: Readonly<Record<string, string>>): Promise<[string, string][]> {
  const machine = new MemoryMachine();
  for (const [path, text] of Object.entries({ ...shipped, ...files })) {
    await machine.write(path as RootPath, text);
  }
  const found = Object.entries(files).map(([path, text]) => ({ path, bytes: text.length }));
  return [...(await findPackagedCopies(machine, found, Object.keys(shipped)))];
}

test('what a package’s script has linked or copied from its own files belongs to the package', async () => {
  expect(
    await copiesAmong({
      '/usr/lib/cups/backend/lpd': 'lpd',
      '/usr/lib/cups/backend/dnssd': 'browse',
      '/boot/grub/i386-pc/acpi.mod': 'acpi',
    }),
  ).toEqual([
    ['/usr/lib/cups/backend/lpd', '/usr/lib/cups/backend-available/lpd'],
    ['/usr/lib/cups/backend/dnssd', '/usr/lib/cups/backend-available/mdns'],
    ['/boot/grub/i386-pc/acpi.mod', '/usr/lib/grub/i386-pc/acpi.mod'],
  ]);
});

test('a program of another content, and a copy that the administrator keeps, do not', async () => {
  expect(
    await copiesAmong({
      '/usr/lib/cups/backend/lpd': 'own',
      '/boot/grub/i386-pc/acpi.mod': 'older',
      '/usr/local/bin/bash': 'bash',
      '/opt/rescue/bash': 'bash',
      '/home/ann/bin/bash': 'bash',
    }),
  ).toEqual([]);
});

test('files that have nothing to do with packages cost no look', () => {
  expect(possibleCopies([{ path: '/usr/lib/own/tool', bytes: 1 }], Object.keys(shipped))).toEqual([]);
});
