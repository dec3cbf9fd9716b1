import { describe, expect, test } from 'vitest';
import { firmwareLoader, keptForFirmware } from '../../../src/boot/firmware-loader.ts';
import { type ArchitecturePair, architecturePairs } from '../../../src/debian/architecture.ts';
import { installed, inventoryOf } from '../../support/roots/packages.ts';

const pair = architecturePairs[0] as ArchitecturePair;
const signedGrub = installed('grub-efi-ia32-signed:i386', { Depends: 'grub-common' });
const grub = [
  installed('grub-common:i386', { 'Multi-Arch': 'foreign' }),
  installed('grub-efi-ia32:i386', { 'Multi-Arch': 'foreign' }),
  signedGrub,
];

function shimWith(mokutil: Record<string, string>) {
  return [
    ...grub,
    installed('shim-signed:i386', { 'Multi-Arch': 'same', Depends: 'mokutil, shim-helpers-i386-signed' }),
    installed('shim-helpers-i386-signed:i386', { Depends: 'shim-unsigned (>= 1)' }),
    installed('shim-unsigned:i386', { 'Multi-Arch': 'same', Depends: 'libc6' }),
    installed('libc6:i386', { 'Multi-Arch': 'same' }),
    installed('mokutil:i386', mokutil),
  ];
}

describe('programs for 32-bit firmware', () => {
  const inFolder = (packages: Parameters<typeof inventoryOf>[0]) => ({ inventory: inventoryOf(packages) });

  test('stay where the firmware is of 32 bit, as it says itself', () => {
    const facts = { inventory: inventoryOf([signedGrub]) };
    expect(firmwareLoader(pair, { ...facts, boot: { firmwareBits: 32 } })).toEqual({
      packages: ['grub-efi-ia32-signed'],
    });
    for (const boot of [{ firmwareBits: 64 }, {}] as const)
      expect(firmwareLoader(pair, { ...facts, boot })).toBeUndefined();
  });

  test('in a folder the boot loader’s package tells', () => {
    expect(keptForFirmware(pair, inFolder(grub), {})).toEqual(['grub-efi-ia32-signed']);
    expect(keptForFirmware(pair, inFolder([signedGrub]), {})).toEqual([]);
    expect(firmwareLoader(pair, inFolder(grub.slice(0, 2)))).toBeUndefined();
  });

  test('go where that was decided', () => {
    expect(keptForFirmware(pair, inFolder(grub), { 'firmware-loader': 'replace' })).toEqual([]);
  });

  test('cannot stay when they need what is there only once', () => {
    expect(firmwareLoader(pair, inFolder(shimWith({})))?.obstacle).toEqual({ kept: 'shim-signed', needed: 'mokutil' });
    expect(keptForFirmware(pair, inFolder(shimWith({})), { 'firmware-loader': 'keep' })).toEqual([]);
  });

  test('stay, and what they need beside them, when that serves both architectures', () => {
    expect(keptForFirmware(pair, inFolder(shimWith({ 'Multi-Arch': 'foreign' })), {})).toEqual([
      'grub-efi-ia32-signed',
      'shim-helpers-i386-signed',
      'shim-signed',
      'shim-unsigned',
    ]);
  });
});
