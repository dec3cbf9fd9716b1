import type { ArchitecturePair } from '../debian/architecture.ts';
import { type NamedPath, pathsIn, pathsWithTriplet, textLines } from './named-paths.ts';

/** What a run itself sets in motion: its files are read or run while packages are replaced, and once more at the end. */
export const hookKinds = {
  initramfs: 'hook of the initramfs',
  kernel: 'hook of kernels',
  grub: 'script of GRUB’s menu',
  udev: 'udev rule',
  apt: 'hook of apt',
  dpkg: 'hook of dpkg',
  dkms: 'hook of DKMS',
  needrestart: 'hook of needrestart',
  etckeeper: 'hook of etckeeper',
  certificates: 'hook of ca-certificates',
} as const;

export type HookKind = keyof typeof hookKinds;

/** Where each kind's files are; those of packages as well. */
export const hookPlaces: Readonly<Record<HookKind, readonly `/${string}`[]>> = {
  initramfs: [
    ...(['/etc/initramfs-tools', '/usr/share/initramfs-tools/hooks', '/usr/share/initramfs-tools/scripts'] as const),
    ...(['/etc/dracut.conf', '/etc/dracut.conf.d', '/usr/lib/dracut/modules.d'] as const),
  ],
  kernel: ['/etc/kernel', '/usr/share/kernel'],
  grub: ['/etc/grub.d', '/etc/default/grub', '/etc/default/grub.d'],
  udev: ['/etc/udev/rules.d', '/usr/lib/udev/rules.d'],
  apt: ['/etc/apt/apt.conf', '/etc/apt/apt.conf.d'],
  dpkg: ['/etc/dpkg/dpkg.cfg', '/etc/dpkg/dpkg.cfg.d'],
  dkms: ['/etc/dkms'],
  needrestart: ['/etc/needrestart'],
  etckeeper: ['/etc/etckeeper'],
  certificates: ['/etc/ca-certificates/update.d'],
};

/** Kinds whose files a shell reads, as a rule. */
const shellKinds: ReadonlySet<HookKind> = new Set(['initramfs', 'kernel', 'grub', 'dkms', 'etckeeper', 'certificates']);

/** A line of a hook that may not work in both architectures. */
export interface HookLine {
  readonly kind: HookKind;
  readonly file: string;
  /** The hook that runs `file`, where that is none itself. */
  readonly via?: string;
  /** From 1. */
  readonly line: number;
  /** What it names: a path, or a program without its folder. */
  readonly names: string;
  /** `folder`: a path of the source architecture. `program`: a 32-bit one that no package brought. `package`: another one of a package. */
  readonly why: 'folder' | 'program' | 'package';
  /** As dpkg's lists name it: `libfoo1:i386`, `digitools`. */
  readonly package?: string;
  /** What may stand there instead, in both architectures. */
  readonly instead?: string;
}

/** @returns paths in a hook that are there in the source architecture alone, as their names tell; each once a line */
export function oneSidedPaths(text: string, { source, target }: ArchitecturePair): NamedPath[] {
  const folders = pathsWithTriplet(text, source.triplet)
    // A hook that names the other one as well takes whichever is there.
    .filter(({ path }) => !text.includes(path.replaceAll(source.triplet, target.triplet)));
  const loaders = text.includes(target.loader) ? [] : pathsIn(text).filter(({ path }) => path === source.loader);
  return [...folders, ...loaders].sort((a, b) => a.line - b.line);
}

/** Words that a shell would run, or that a hook copies into an image; without their folders. */
export function calledPrograms(text: string): { readonly line: number; readonly name: string }[] {
  const called =
    /(?<=(?:^|[|;&(`]|\b(?:then|do|else|if|while|until|exec|copy_exec|command -v|which|sudo|env)\s)\s*!?\s*)[A-Za-z][\w.+-]*(?=\s|$|[|;&)"'`])/g;
  return textLines(text).flatMap(({ line, content }) =>
    [...new Set([...content.matchAll(called)].map(([name]) => name))].map((name) => ({ line, name })),
  );
}

/** @returns the line of a hook as it works in both architectures; undefined where nothing short does */
export function lineForBoth(
  kind: HookKind,
  content: string,
  path: string,
  { source, target }: ArchitecturePair,
): string | undefined {
  if (path === source.loader) return undefined;
  const pattern = path.replaceAll(source.triplet, '*');
  const words = content.trim();
  if (!shellKinds.has(kind) || !isOneCommand(words) || /['"`]/.test(words.replaceAll(`"${path}"`, path)))
    return undefined;
  const command = words.replaceAll(`"${path}"`, path).replaceAll(path, '"$file"');
  if (command.includes(source.triplet) || command.includes(target.triplet)) return undefined;
  return `for file in ${pattern}; do ${command}; done`;
}

/** Not a part of something longer, and no assignment. */
function isOneCommand(words: string): boolean {
  return (
    !/[\\{}();&|]|^(if|then|else|elif|fi|for|do|done|while|until|case|esac)\b|^\w+=/.test(words) &&
    /^[\w./-]+ /.test(words)
  );
}
