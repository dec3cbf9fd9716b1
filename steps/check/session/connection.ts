import type { Check } from '../../../src/check/check.ts';

/** Source: ssh(1), ENVIRONMENT; tmux(1); screen(1). */
export const connection: Check = {
  id: 'session/connection',
  title: 'Whether a lost connection would end the run',
  looksAt: { only: 'host', topics: ['the running programs', 'our environment'] },
  about: {
    'session/ssh-without-multiplexer': {
      text:
        'When an ssh connection breaks, the programs on its terminal are ended. A multiplexer keeps them: you log in ' +
        'again and go on. With systemd a crossgrade is a unit of its own, and goes on by itself; without it, it stops, ' +
        'and has to be resumed.',
      source: 'Debian 12 release notes, 4.1.5 Prepare a safe environment for the upgrade; tmux(1); screen(1)',
    },
  },
  findings: ({ root, facts, survey }) => {
    const found = survey?.session?.connection;
    // With systemd the run is a unit of its own, which no connection takes with it.
    if (!found?.overSsh || found.survives || root.can.has('init')) return [];
    return [
      {
        id: 'session/ssh-without-multiplexer',
        severity: 'warning',
        title: 'You are logged in over ssh, without tmux or screen',
        detail:
          'If the connection breaks, crossgrade is ended. dpkg finishes what it is at, nothing is lost, and ' +
          'crossgrade resume goes on. But you can’t see what happens in between.',
        affected: [],
        remedies: [
          ...(facts.inventory.packages.some(({ name, state }) => name === 'tmux' && state === 'installed')
            ? []
            : [{ command: 'apt-get install tmux' }]),
          { hint: 'Start tmux, and crossgrade in it. After a break, tmux attach shows it again.' },
        ],
      },
    ];
  },
};
