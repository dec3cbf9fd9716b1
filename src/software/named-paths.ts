import type { ArchitecturePair } from '../debian/architecture.ts';
import { ancestors } from './group-programs.ts';
import type { Reference, Targets } from './software-survey.ts';

export interface NamedPath {
  /** From 1. */
  readonly line: number;
  readonly path: string;
}

/** Absolute paths in a configuration file or script, and what `cd FOLDER; ./program` comes to; comments left out. */
export function pathsIn(text: string): NamedPath[] {
  return textLines(text).flatMap(({ line, content }) => {
    const plain = [...content.matchAll(/(?<![\w.$}-])\/[\w.+@%~-]+(?:\/[\w.+@%~-]+)*/g)].map(([path]) => path);
    return [...plain, ...(content.length > handWrittenLength ? [] : unusualPaths(content))].map((path) => ({
      line,
      path,
    }));
  });
}

/** A longer line was written by a program, and for one. */
const handWrittenLength = 2000;
function unusualPaths(content: string): string[] {
  const quoted = [...content.matchAll(/(["'])(\/[^"']+)\1/g)].map(([, , path = '']) => path);
  const escaped = [...content.matchAll(/\/(?:[^\s"'\\;&|]|\\ |\\x20)+/g)].map(([path]) => path);
  const folder = /\bcd\s+["']?(\/[\w.+@%~/-]+)/.exec(content)?.[1]?.replace(/\/$/, '');
  const relative = folder === undefined ? [] : [...content.matchAll(/(?<![\w./-])\.\/([\w.+@%~/-]+)/g)];
  return [
    ...quoted.filter((path) => /\s/.test(path)),
    ...escaped.filter((path) => path.includes('\\')).map((path) => path.replaceAll(/\\ |\\x20/g, ' ')),
    ...relative.map(([, path = '']) => `${folder}/${path}`),
  ];
}

const usualSearchPath = ['/usr/local/sbin', '/usr/local/bin'];
/** Programs that a job or a service may name without their folder, as far as that is on its search path. */
export function searchedIn(text: string, { files }: Targets): NamedPath[] {
  const lines = textLines(text);
  const set = lines.flatMap(({ content }) => /\bPATH=["']?([^"'\s]+)/.exec(content)?.[1]?.split(':') ?? []);
  const searchPath = new Set([...usualSearchPath, ...set]);
  const programs = new Map<string, string>();
  for (const file of files) {
    const slash = file.lastIndexOf('/');
    if (searchPath.has(file.slice(0, slash))) programs.set(file.slice(slash + 1), file);
  }
  if (programs.size === 0) return [];
  return lines.flatMap(({ line, content }) =>
    content.split(/[\s;&|()"'`]+|=[-@:+!]*/).flatMap((word) => {
      const path = programs.get(word);
      return path === undefined ? [] : [{ line, path }];
    }),
  );
}

/** Paths with a triplet as one of their components, or as the beginning of one; comments left out. */
export function pathsWithTriplet(text: string, triplet: string): NamedPath[] {
  if (!text.includes(triplet)) return [];
  return textLines(text).flatMap(({ line, content }) =>
    [...new Set(withTriplet(content, triplet).map((path) => path.replace(/^[^/]*=/, '')))].map((path) => ({
      line,
      path,
    })),
  );
}

/** Each word once: a pattern that begins anew at each character never ends with a line that somebody has made long. */
function withTriplet(content: string, triplet: string): string[] {
  const component = `/${triplet}`;
  return (content.match(/[\w./+*$={}-]+/g) ?? []).flatMap((word) => {
    const after = (at: number): string => word.slice(at + component.length, at + component.length + 1);
    let at = word.lastIndexOf(component);
    while (at > 0 && /[\w-]/.test(after(at))) at = word.lastIndexOf(component, at - 1);
    if (at < 0 || /[\w-]/.test(after(at))) return [];
    const end = at + component.length;
    return [word.slice(0, end) + (/^[\w./+*-]*/.exec(word.slice(end))?.[0] ?? '')];
  });
}

/**
 * The beginnings of paths, up to a component with the source's name in it: `/usr/lib/jvm/java-17-openjdk-i386`.
 * Only those that a package of the source has are of it: any folder may be called so.
 */
export function pathsWithArchitecture(text: string, name: string): NamedPath[] {
  if (!text.includes(name)) return [];
  const pattern = new RegExp(`/(?:[^/]*[-_.])?${name}(?:[._][^/]*)?(?=/|$)`);
  return pathsIn(text).flatMap(({ line, path }) => {
    const found = pattern.exec(path);
    return found ? [{ line, path: path.slice(0, found.index + found[0].length) }] : [];
  });
}

/** Lines of a script that may come to another result on a system of the target. */
export function architectureTests(text: string, { source }: ArchitecturePair): NamedPath[] {
  const tests = new RegExp(
    [
      String.raw`\buname\s+-(?:m|i|p)\b`,
      String.raw`\bdpkg\s+--print-architecture\b`,
      String.raw`\bdpkg-architecture\b`,
      String.raw`\bgetconf\s+LONG_BIT\b`,
      String.raw`(?<![\w./:-])i[3-6]86(?![\w./-])`,
      // From the beginning of a word alone: see withTriplet.
      String.raw`(?<![a-zA-Z0-9_.+-])[a-z0-9][a-z0-9.+-]+:${source.name}\b`,
    ].join('|'),
  );
  return textLines(text).flatMap(({ line, content }) => {
    const found = tests.exec(content)?.[0];
    return found === undefined ? [] : [{ line, path: found }];
  });
}

/** Without comments. */
export function textLines(text: string): { line: number; content: string }[] {
  return text
    .split('\n')
    .map((content, index) => ({ line: index + 1, content }))
    .filter(({ content }) => !/^\s*(#(?!!)|;|\/\/)/.test(content));
}

/** @returns what of the targets a path stands for */
export function targetOf(path: string, { files, folders }: Targets): string | undefined {
  return files.has(path) ? path : [...ancestors(`${path}/`)].find((folder) => folders.has(folder));
}

/**
 * Programs of CUPS that its configuration names without their folder.
 *
 * @param file `/etc/cups/ppd/PRINTER.ppd`, or /etc/cups/printers.conf
 * @see ppd-spec `cupsFilter`; printers.conf(5), `DeviceURI`
 */
export function printPrograms(file: string, text: string): (NamedPath & { readonly printer: string })[] {
  const ppd = /^\/etc\/cups\/ppd\/([^/]+)\.ppd$/.exec(file)?.[1];
  if (ppd !== undefined) {
    const filters = /^\*cups(?:Pre)?Filter2?:\s*"[^"]*?\s([\w.+@-]+)\s*"/;
    return text.split('\n').flatMap((content, index) => {
      const name = filters.exec(content)?.[1];
      return name === undefined || name === '-'
        ? []
        : [{ printer: ppd, line: index + 1, path: `/usr/lib/cups/filter/${name}` }];
    });
  }
  if (file !== '/etc/cups/printers.conf') return [];
  let printer = '';
  return textLines(text).flatMap(({ line, content }) => {
    printer = /^\s*<(?:Default)?Printer\s+([^>\s]+)>/.exec(content)?.[1] ?? printer;
    const scheme = /^\s*DeviceURI\s+([\w.+-]+):/.exec(content)?.[1];
    return scheme === undefined ? [] : [{ printer, line, path: `/usr/lib/cups/backend/${scheme}` }];
  });
}

/** Whether it is somebody's own: what lies there can lead root elsewhere. */
export function isInHome(file: string): boolean {
  return !/^\/(etc|usr|var|root)\//.test(file);
}

/** By its path: what kind of thing a file of configuration is. */
export function referenceKind(path: string): Reference['from'] {
  if (/^\/etc\/(anacrontab$|cron)|^\/var\/spool\/cron\//.test(path)) return 'cron';
  if (/\/systemd\/(system|user)\//.test(path)) return 'unit';
  return /^\/etc\/(init\.d\/|rc\.local$|rc\d?\.d\/)/.test(path) ? 'init' : 'configuration';
}
