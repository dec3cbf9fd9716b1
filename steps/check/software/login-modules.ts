import type { Check } from '../../../src/check/check.ts';
import { type LoginModule, lostModules, placeFor } from '../../../src/files/login-modules.ts';

/** Source: pam.conf(5): a module that cannot be loaded fails, and with it, where it is required, every login. */
export const loginModules: Check = {
  id: 'software/login-modules',
  title: 'Modules of PAM and NSS, for logins',
  looksAt: { parts: ['logins'] },
  about: {
    'software/pam-module': {
      text: 'PAM’s configuration names a module that no package brings for the new architecture. Programs that ask for a password (sshd, login, sudo, cron) load it; where they cannot, PAM takes it for failed, and with `required` or `requisite` nobody gets in any more. A line that begins with a dash is passed over.',
      source: 'pam.conf(5)',
    },
    'software/nss-module': {
      text: 'nsswitch.conf names a service whose library no package brings for the new architecture. Programs of the new architecture go on without it: accounts, groups or host names that come from there are unknown to them.',
      source: 'nsswitch.conf(5)',
    },
  },
  findings: ({ pair, survey, solved }) => {
    const after = solved && new Set(Object.keys(solved.plan.endState));
    const isAfterwards = (name: string): boolean => after === undefined || after.has(`${name}:${pair.target.name}`);
    const lost = lostModules(survey?.loginModules ?? [], pair, isAfterwards);
    const pam = lost.filter(({ kind, optional }) => kind === 'pam' && !optional);
    const nss = lost.filter(({ kind }) => kind === 'nss');
    const describe = (one: LoginModule): string =>
      `${one.path} (${one.package ?? 'in no package'}), named in ${one.files.join(', ')}`;
    return [
      ...(pam.length === 0
        ? []
        : [
            {
              id: 'software/pam-module',
              severity: 'blocker' as const,
              title: `Logins go through PAM modules that there are not for ${pair.target.name}`,
              detail: `Programs of ${pair.target.name} cannot load them, and logins would fail: also yours.`,
              affected: pam.map(describe).sort(),
              remedies: [
                ...pam.map((one) => ({
                  hint: one.name.startsWith('/')
                    ? `Name ${one.path} without its folder, and have a build for each architecture,`
                    : `Put the ${pair.target.elfBits}-bit build at ${placeFor(one, pair)},`,
                })),
                {
                  hint: 'or write a dash before the lines that name it (`-auth …`): PAM then goes on without it. See that you can still log in.',
                },
              ],
            },
          ]),
      ...(nss.length === 0
        ? []
        : [
            {
              id: 'software/nss-module',
              severity: 'warning' as const,
              title: `Accounts or names come from libraries that there are not for ${pair.target.name}`,
              detail: 'Who is known only from there cannot log in afterwards, and names are not found.',
              affected: nss.map(describe).sort(),
              remedies: nss.map((one) => ({
                hint: `Put the ${pair.target.elfBits}-bit build at ${placeFor(one, pair)}, or take it out of /etc/nsswitch.conf.`,
              })),
            },
          ]),
    ];
  },
};
