import { proxyVariables } from '../../state/engine-environment.ts';

export const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * All that programs see of our own environment. Nothing of the administrator's session (LD_PRELOAD, PERL5LIB,
 * a German dpkg) reaches a maintainer script.
 */
export function cleanEnvironment(additions: Readonly<Record<string, string>> = {}): Record<string, string> {
  const passedOn = proxyVariables.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PATH: searchPath,
    HOME: '/root',
    TERM: 'dumb',
    LC_ALL: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
    DEBCONF_NONINTERACTIVE_SEEN: 'true',
    APT_LISTCHANGES_FRONTEND: 'none',
    NEEDRESTART_MODE: 'l',
    NEEDRESTART_SUSPEND: '1',
    ...Object.fromEntries(passedOn),
    ...additions,
  };
}
