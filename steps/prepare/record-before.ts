import { beforeRecordFile } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';

/** Source: the procedure's “remember what is installed”; apt-mark(8), dpkg(1) `--get-selections`. */
export const recordBefore: Step = {
  id: 'prepare/record-before',
  title: 'Write down what is there',
  why: 'Marks and holds are lost when dpkg replaces a package; they, and /etc, are compared and put back at the end.',
  purpose:
    'Copies /etc to /var/lib/crossgrade/before, and writes down packages, versions, marks, holds, selections and the state of configuration files. At the end all of it is compared with what is there then.',
  remaining: ({ facts }) => (beforeRecordFile in facts.ownFiles ? [] : ['what was there before is not written down']),
  plan: () => [{ do: 'record' }],
  // The record itself goes with the state folder, when everything else has been taken back.
  undo: ({ record: before }) => (before ? [{ do: 'restore-top-folders' }] : []),
};
