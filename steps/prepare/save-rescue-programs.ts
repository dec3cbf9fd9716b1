import { rescueMarker, runtimeFolder } from '../../src/base/own-paths.ts';
import { rescuePackages } from '../../src/plan/rescue-set.ts';
import type { Step } from '../../src/run/step.ts';

/** Source: the procedure's “dash and bash first; if one of them is lost, you need binaries from elsewhere”. */
export const saveRescuePrograms: Step = {
  id: 'prepare/save-rescue-programs',
  title: 'Save the programs that a rescue would need',
  why: 'A system that has lost its shell, dpkg or libc cannot mend itself by their means, nor go on without flock or systemctl.',
  purpose:
    'Copies both builds of dpkg, tar, the shells, perl-base, coreutils, util-linux, systemd and what they need to /var/lib/crossgrade/runtime. crossgrade rescue puts them back without any other program. They are removed at the end.',
  needs: ['live'],
  remaining: ({ facts }) =>
    rescueMarker in facts.ownFiles || facts.milestones.cleanup ? [] : ['nothing is saved for a rescue'],
  plan: ({ facts }) => [{ do: 'save-for-rescue', names: rescuePackages(facts.inventory.packages) }],
  undo: () => [{ do: 'remove-tree', path: runtimeFolder }],
};
