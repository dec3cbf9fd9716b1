import type { Step } from '../../src/run/step.ts';

/** Source: ip(8), nft(8): what they set, the kernel forgets when it ends. */
export const compareNetwork: Step = {
  id: 'prepare/compare-network',
  title: 'After a reboot, see that the network has come back',
  why: 'What was set by hand is lost with a reboot, and a host without its rules looks well.',
  purpose:
    'After a reboot, also one that nobody wanted, compares addresses, routes, rules, VRFs and packet filters with those from before it, and tests the ways by which people were logged in. Waits for what is late. Every difference is a warning, with the command that puts it back; crossgrade status shows them again.',
  needs: ['live'],
  remaining: ({ facts: { network, runningKernel } }) =>
    network === undefined || [network.bootId, network.comparedIn].includes(runningKernel.bootId)
      ? []
      : ['the host was rebooted, and its network has not been looked at since'],
  plan: () => [{ do: 'compare-network' }],
  // Nothing was changed.
  undo: () => [],
};
