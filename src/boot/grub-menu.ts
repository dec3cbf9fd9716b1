/** An entry of GRUB's menu that boots a kernel. */
export interface GrubEntry {
  /** What grub-reboot(8) and GRUB_DEFAULT take: the ids of the submenus and of the entry, joined by `>`. */
  readonly id: string;
  /** `uname -r` of its kernel. */
  readonly version: string;
  /** It names an initramfs, too. */
  readonly hasInitramfs: boolean;
  /** It starts the single-user mode. */
  readonly isRecovery: boolean;
  /** GRUB asks for a superuser's password before it starts it, or opens a submenu on the way to it. */
  readonly needsPassword: boolean;
}

/**
 * @param text grub.cfg, as grub-mkconfig(8) writes it
 * @returns entries that boot a kernel of /boot, in their order; those of other systems are left out
 */
export function readGrubMenu(text: string): GrubEntry[] {
  const entries: GrubEntry[] = [];
  // Open ones, the outermost first; without an id: a block that is neither an entry nor a submenu.
  const blocks: Block[] = [];
  const hasSuperusers = /^\s*set superusers=["']?\w/m.test(text);
  for (const line of text.split('\n')) {
    if (/\{\s*$/.test(line)) {
      const isEntry = /^\s*(menuentry|submenu)\s/.test(line);
      const needsPassword = isEntry && hasSuperusers && !/\s--unrestricted\s/.test(line);
      blocks.push({ lines: [], needsPassword, ...(isEntry && { id: idOf(line) }) });
    } else if (/^\s*\}\s*$/.test(line)) {
      const entry = entryIn(blocks);
      if (entry) entries.push(entry);
      blocks.pop();
    } else {
      blocks.at(-1)?.lines.push(line);
    }
  }
  return entries;
}

interface Block {
  readonly id?: string;
  readonly lines: string[];
  readonly needsPassword: boolean;
}

/** What the innermost block boots. */
function entryIn(blocks: readonly Block[]): GrubEntry | undefined {
  const { id, lines = [] } = blocks.at(-1) ?? {};
  const kernel = lines
    .map((line) => /^\s*linux\S*\s+\S*\/vmlinuz-(\S+)(.*)$/.exec(line))
    .find((match) => match !== null);
  if (id === undefined || !kernel) return undefined;
  return {
    id: blocks.flatMap((block) => block.id ?? []).join('>'),
    version: kernel[1] ?? '',
    hasInitramfs: lines.some((line) => /^\s*initrd\S*\s/.test(line)),
    isRecovery: /(?:^|\s)(?:single|recovery)(?:\s|$)/.test(kernel[2] ?? ''),
    needsPassword: blocks.some((block) => block.needsPassword),
  };
}

/** grub-mkconfig gives each an id; one that somebody wrote by hand may have a title alone. */
function idOf(line: string): string {
  const quoted = String.raw`'((?:[^']|'\\'')*)'|"([^"]*)"`;
  const match =
    new RegExp(String.raw`(?:\$menuentry_id_option|--id)[ =]+(?:${quoted}|(\S+))`).exec(line) ??
    new RegExp(String.raw`(?:menuentry|submenu)\s+(?:${quoted}|(\S+))`).exec(line);
  return (match?.[1] ?? match?.[2] ?? match?.[3] ?? '').replaceAll(String.raw`'\''`, "'");
}

/**
 * @returns the id of the entry that starts a kernel as usual, without anybody: the one that names it, not the first of
 *   the menu, which another kernel may take over; undefined when the menu has none that is complete
 * @see /etc/grub.d/10_linux, which gives the first one the id `gnulinux-simple-…`
 */
export function entryOf(entries: readonly GrubEntry[], version: string): string | undefined {
  const found = usualOf(entries, version).filter((one) => !one.needsPassword && !one.id.startsWith('gnulinux-simple-'));
  return (found.find(({ id }) => id.includes(version)) ?? found[0])?.id;
}

/** @returns whether somebody has to give a password before a kernel that is in the menu starts */
export function isLocked(entries: readonly GrubEntry[], version: string): boolean {
  return entryOf(entries, version) === undefined && usualOf(entries, version).some((one) => one.needsPassword);
}

function usualOf(entries: readonly GrubEntry[], version: string): GrubEntry[] {
  return entries.filter((one) => one.version === version && one.hasInitramfs && !one.isRecovery);
}

/**
 * @param text grub.cfg, as grub-mkconfig(8) writes it
 * @returns what it starts when it was told nothing else: `0`, an id; undefined when it does not say
 * @see /etc/grub.d/00_header
 */
export function readDefaultEntry(text: string): string | undefined {
  const [header = ''] = text.split(/^\s*(?:menuentry|submenu)\s/m);
  return [...header.matchAll(/^\s*set default="(.*)"\s*$/gm)]
    .map(([, value = '']) => value)
    .filter((value) => !value.includes('next_entry'))
    .at(-1);
}

/**
 * @param block text of grubenv: `name=value` lines in a file of fixed size
 * @returns what GRUB will boot once; undefined when it boots its default
 */
export function readNextEntry(block: string): string | undefined {
  const value = /^next_entry=(.+)$/m.exec(block)?.[1];
  return value === undefined || value === '' ? undefined : value;
}
