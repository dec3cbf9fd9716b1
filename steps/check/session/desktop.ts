import type { Check } from '../../../src/check/check.ts';

/** Source: Debian's release notes, “Prepare a safe environment for the upgrade”. */
export const desktop: Check = {
  id: 'session/desktop',
  title: 'Graphical sessions',
  looksAt: { only: 'host', topics: ['programs of other users', 'the running programs'] },
  about: {
    'session/desktop': {
      text:
        'A graphical session loads libraries and starts programs all the time, and these are exchanged under it. It may ' +
        'freeze or end, and with it every terminal window in it.',
      source: 'Debian 12 release notes, 4.1.5 Prepare a safe environment for the upgrade',
    },
  },
  findings: ({ survey }) => {
    const { desktop: found } = survey?.session ?? {};
    if (!found || found.programs.length === 0) return [];
    return [
      {
        id: 'session/desktop',
        severity: found.inside ? 'warning' : 'note',
        title: found.inside
          ? 'This terminal is part of a desktop session on this host'
          : 'A graphical session, or its login screen, is running on this host',
        detail: found.inside
          ? 'While its programs and libraries are exchanged, the session may freeze or end, and crossgrade with it.'
          : 'While its programs and libraries are exchanged, it may freeze or end. Unsaved work in it is lost then.',
        affected: [...found.programs],
        remedies: [
          { hint: 'Close the session, and log in on a text console (Ctrl-Alt-F3) or over ssh.' },
          ...(survey?.hardware?.initSystem === 'systemd' ? [{ command: 'systemctl isolate multi-user.target' }] : []),
        ],
      },
    ];
  },
};
