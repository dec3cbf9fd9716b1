import { aptGuardFile } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';

const content = `// Written by crossgrade, and removed at its end.
// A crossgrade is in progress: apt would take its half-way state for a fault, and “repair” it by removing packages.
DPkg::Pre-Invoke { "echo 'A crossgrade is in progress: apt must not change packages now. Type: crossgrade status' >&2; exit 1"; };
`;

/** Source: apt.conf(5), `DPkg::Pre-Invoke`. */
export const guardApt: Step = {
  id: 'prepare/guard-apt',
  title: 'Keep apt and unattended-upgrades from “repairing”',
  why: 'apt -f install in the middle of a crossgrade removes packages.',
  purpose:
    'Writes /etc/apt/apt.conf.d/00crossgrade-guard: apt refuses to change packages, and says why, as long as the crossgrade is not finished. It is removed at the end.',
  remaining: ({ facts }) =>
    facts.ownFiles[aptGuardFile] === content || facts.milestones.cleanup ? [] : ['apt could change packages'],
  plan: () => [{ do: 'write', path: aptGuardFile, content, mode: 0o644 }],
  undo: () => [{ do: 'remove', path: aptGuardFile }],
};
