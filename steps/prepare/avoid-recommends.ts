import { noRecommendsFile } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';

const content = `// Written by crossgrade, and removed at its end: a crossgrade must not bring in packages that nobody asked for.
APT::Install-Recommends "false";
APT::Install-Suggests "false";
`;

/** Source: apt.conf(5). */
export const avoidRecommends: Step = {
  id: 'prepare/avoid-recommends',
  title: 'Keep apt from installing recommended packages',
  why: 'A recommended package of the other architecture can conflict with what is installed.',
  purpose:
    'Writes a file of settings for apt, /etc/apt/apt.conf.d/99crossgrade-no-recommends. It is removed at the end.',
  remaining: ({ facts }) =>
    facts.ownFiles[noRecommendsFile] === content || facts.milestones.cleanup
      ? []
      : ['apt would install recommended packages'],
  plan: () => [{ do: 'write', path: noRecommendsFile, content, mode: 0o644 }],
  undo: () => [{ do: 'remove', path: noRecommendsFile }],
};
