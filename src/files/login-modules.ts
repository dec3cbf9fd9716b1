import type { ArchitecturePair } from '../debian/architecture.ts';

/** A module that logins go through, as configuration names it. */
export interface NamedModule {
  readonly kind: 'pam' | 'nss';
  /** `pam_unix.so`, or with a path of its own; `libnss_ldap.so.2`. */
  readonly name: string;
  /** Files that name it: `/etc/pam.d/sshd`. */
  readonly files: readonly string[];
  /** PAM goes on without it: the line begins with `-`. libnss always does. */
  readonly optional: boolean;
}

/** A named module, and whether the new system has it. */
export interface LoginModule extends NamedModule {
  /** Where the source's build of it is. */
  readonly path: string;
  /** Package that ships it; absent when none does. */
  readonly package?: string;
  /** The target's build is there already. */
  readonly isThere: boolean;
}

/**
 * @param texts of /etc/pam.conf and the files in /etc/pam.d, by path
 * @see pam.conf(5)
 */
export function pamModules(texts: Readonly<Record<string, string>>): NamedModule[] {
  const found = new Map<string, { files: Set<string>; optional: boolean }>();
  for (const [file, text] of Object.entries(texts)) {
    for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
      const [, dash, name] = /^\s*(-?)[^#@\n]*?\s(\S*pam_\w+\.so)(?=\s|$)/.exec(line) ?? [];
      if (name === undefined) continue;
      const known = found.get(name) ?? { files: new Set(), optional: true };
      known.files.add(file);
      known.optional &&= dash === '-';
      found.set(name, known);
    }
  }
  return [...found].map(([name, { files, optional }]) => ({ kind: 'pam', name, files: [...files].sort(), optional }));
}

/** These are in the C library itself, or are shipped with it. */
const builtIn = new Set(['files', 'dns', 'compat', 'db', 'hesiod']);

/** @see nsswitch.conf(5) */
export function nssModules(text: string): NamedModule[] {
  const names = text
    .split('\n')
    .map((line) => line.replace(/#.*/, ''))
    .filter((line) => line.includes(':'))
    .flatMap((line) =>
      line
        .slice(line.indexOf(':') + 1)
        .replaceAll(/\[[^\]]*\]/g, ' ')
        .split(/\s+/),
    )
    .filter((name) => name !== '' && !builtIn.has(name));
  return [...new Set(names)].map((name) => ({
    kind: 'nss',
    name: `libnss_${name}.so.2`,
    files: ['/etc/nsswitch.conf'],
    optional: true,
  }));
}

/** Where an architecture's programs look for a module, the first that is there counts. */
export function modulePlaces({ kind, name }: Pick<NamedModule, 'kind' | 'name'>, triplet: string): string[] {
  if (name.startsWith('/')) return [name];
  const folders = [`/usr/lib/${triplet}`, `/lib/${triplet}`];
  return kind === 'pam'
    ? folders.map((folder) => `${folder}/security/${name}`)
    : folders.map((folder) => `${folder}/${name}`);
}

/**
 * Modules that no program of the target will find.
 *
 * @param afterwards whether a package will be there as a build of the target
 */
export function lostModules(
  modules: readonly LoginModule[],
  { source }: ArchitecturePair,
  afterwards: (name: string) => boolean,
): LoginModule[] {
  const comes = (one: LoginModule): boolean =>
    one.package !== undefined && afterwards(one.package) && !one.name.includes(source.triplet);
  return modules.filter((one) => !one.isThere && !comes(one));
}

/** Where the administrator can put the target's build of a module. */
export function placeFor(module: LoginModule, { source, target }: ArchitecturePair): string {
  return module.path.replaceAll(source.triplet, target.triplet);
}
