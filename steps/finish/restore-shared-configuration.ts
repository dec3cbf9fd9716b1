import { sharedMarker } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';

/** Source: pam-auth-update(8), update-alternatives(1), dpkg-divert(1): both builds of a package share their entries. */
export const restoreSharedConfiguration: Step = {
  id: 'finish/restore-shared-configuration',
  title: 'Put back what the purge took from the new packages',
  why: 'A script of the old build removes its PAM profile or alternative, and with it that of the new build.',
  purpose:
    'Where the purge was cut off: compares PAM profiles, alternatives and diversions with the copy from before it, and puts back what is missing and belongs to a package that stays.',
  remaining: ({ facts }) => (sharedMarker in facts.ownFiles ? ['the shared configuration was not compared'] : []),
  plan: () => [{ do: 'restore-shared' }],
  undo: 'point of no return',
};
