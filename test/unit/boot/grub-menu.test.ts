import { describe, expect, test } from 'vitest';
import { entryOf, isLocked, readDefaultEntry, readGrubMenu, readNextEntry } from '../../../src/boot/grub-menu.ts';

/** As grub-mkconfig 2.06 of bookworm writes it, shortened. */
const menu = String.raw`
### BEGIN /etc/grub.d/00_header ###
if [ -s $prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
function savedefault {
  if [ -z "$\{boot_once}" ]; then
    saved_entry="$\{chosen}"
  fi
}
menuentry 'Debian GNU/Linux' --class debian --class os $menuentry_id_option 'gnulinux-simple-1234' {
	load_video
	if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
	linux	/boot/vmlinuz-6.1.0-50-686-pae root=UUID=1234 ro  quiet
	initrd	/boot/initrd.img-6.1.0-50-686-pae
}
submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-1234' {
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-50-686-pae' --class os $menuentry_id_option 'gnulinux-6.1.0-50-686-pae-advanced-1234' {
		linux	/boot/vmlinuz-6.1.0-50-686-pae root=UUID=1234 ro  quiet
		initrd	/boot/initrd.img-6.1.0-50-686-pae
	}
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-50-amd64 (recovery mode)' --class os $menuentry_id_option 'gnulinux-6.1.0-50-amd64-recovery-1234' {
		linux	/boot/vmlinuz-6.1.0-50-amd64 root=UUID=1234 ro single
		initrd	/boot/initrd.img-6.1.0-50-amd64
	}
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-50-amd64' --class os $menuentry_id_option 'gnulinux-6.1.0-50-amd64-advanced-1234' {
		linux	/boot/vmlinuz-6.1.0-50-amd64 root=UUID=1234 ro  quiet
		initrd	/boot/initrd.img-6.1.0-50-amd64
	}
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-49-amd64' --class os $menuentry_id_option 'gnulinux-6.1.0-49-amd64-advanced-1234' {
		linux	/vmlinuz-6.1.0-49-amd64 root=UUID=1234 ro  quiet
	}
}
menuentry "My own" {
	linux16	/boot/vmlinuz-5.0
	initrd16	/boot/initrd
}
menuentry 'Windows' --class windows $menuentry_id_option 'osprober-chain' {
	chainloader +1
}
`;

describe('a menu of GRUB', () => {
  test('has entries that boot a kernel, with the ids that grub-reboot takes', () => {
    expect(readGrubMenu(menu).map(({ id, version }) => [id, version])).toEqual([
      ['gnulinux-simple-1234', '6.1.0-50-686-pae'],
      ['gnulinux-advanced-1234>gnulinux-6.1.0-50-686-pae-advanced-1234', '6.1.0-50-686-pae'],
      ['gnulinux-advanced-1234>gnulinux-6.1.0-50-amd64-recovery-1234', '6.1.0-50-amd64'],
      ['gnulinux-advanced-1234>gnulinux-6.1.0-50-amd64-advanced-1234', '6.1.0-50-amd64'],
      ['gnulinux-advanced-1234>gnulinux-6.1.0-49-amd64-advanced-1234', '6.1.0-49-amd64'],
      ['My own', '5.0'],
    ]);
  });

  test('names a kernel by the entry that names it, neither its recovery mode nor the first of the menu', () => {
    const entries = readGrubMenu(menu);
    expect(entryOf(entries, '6.1.0-50-amd64')).toBe('gnulinux-advanced-1234>gnulinux-6.1.0-50-amd64-advanced-1234');
    expect(entryOf(entries, '6.1.0-50-686-pae')).toBe('gnulinux-advanced-1234>gnulinux-6.1.0-50-686-pae-advanced-1234');
  });

  test('without a submenu has them all the same', () => {
    const flat = menu.replace(/^submenu .*$/m, '').replace(/^\}\nmenuentry "My own"/m, 'menuentry "My own"');
    expect(entryOf(readGrubMenu(flat), '6.1.0-50-amd64')).toBe('gnulinux-6.1.0-50-amd64-advanced-1234');
  });

  test('an entry without an initramfs is none to boot', () => {
    expect(entryOf(readGrubMenu(menu), '6.1.0-49-amd64')).toBeUndefined();
    expect(entryOf(readGrubMenu(menu), '6.1.0-48-amd64')).toBeUndefined();
  });
});

test('the environment block says what is booted once', () => {
  expect(readNextEntry('# GRUB Environment Block\nsaved_entry=0\nnext_entry=a>b\n######')).toBe('a>b');
  expect(readNextEntry('# GRUB Environment Block\nnext_entry=\n######')).toBeUndefined();
  expect(readNextEntry('')).toBeUndefined();
});

describe('a menu with a password', () => {
  const locked = `set superusers="admin"
password_pbkdf2 admin grub.pbkdf2.sha512.10000.AB
${menu}`;

  test('has entries that nobody starts without it, on the way to them, too', () => {
    const entries = readGrubMenu(locked);
    expect(entries.every((one) => one.needsPassword)).toBe(true);
    expect(entryOf(entries, '6.1.0-50-amd64')).toBeUndefined();
    expect(isLocked(entries, '6.1.0-50-amd64')).toBe(true);
    expect(isLocked(entries, '6.1.0-99-amd64')).toBe(false);
    expect(isLocked(readGrubMenu(menu), '6.1.0-50-amd64')).toBe(false);
    // As it is advised: the entries are free, and the submenu is forgotten.
    const half = readGrubMenu(locked.replaceAll(/^(\s*menuentry .*) \$menu/gm, '$1 --unrestricted $menu'));
    expect(half.filter((one) => !one.needsPassword).map(({ id }) => id)).toEqual(['gnulinux-simple-1234']);
    // Another kernel may take the first place.
    expect(entryOf(half, '6.1.0-50-686-pae')).toBeUndefined();
    const free = readGrubMenu(locked.replaceAll(/^(\s*(?:menuentry|submenu) .*) \$menu/gm, '$1 --unrestricted $menu'));
    expect(entryOf(free, '6.1.0-50-amd64')).toBe('gnulinux-advanced-1234>gnulinux-6.1.0-50-amd64-advanced-1234');
  });

  test('an empty list of superusers locks nothing', () => {
    expect(readGrubMenu(`set superusers=""\n${menu}`).some((one) => one.needsPassword)).toBe(false);
  });
});

test('what a menu starts when it was told nothing is said in its head', () => {
  const head = (value: string) => `if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="${value}"
fi
`;
  expect(readDefaultEntry(`${head('0')}${menu}`)).toBe('0');
  expect(readDefaultEntry(`${head('gnulinux-advanced-1>gnulinux-6.1')}${menu}`)).toBe(
    'gnulinux-advanced-1>gnulinux-6.1',
  );
  expect(readDefaultEntry(`${head('${saved_entry}')}${menu}\nset default="7"\n`)).toBe('${saved_entry}');
  expect(readDefaultEntry(menu)).toBeUndefined();
});
