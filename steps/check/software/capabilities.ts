import type { Check } from '../../../src/check/check.ts';

/** Source: capabilities(7): they are an extended attribute of the file; deb archives have none. */
export const capabilities: Check = {
  id: 'software/capabilities',
  title: 'File capabilities set by hand',
  looksAt: { parts: ['capabilities'] },
  about: {
    'software/capabilities': {
      text: 'A file capability lets an ordinary user’s program do one thing that only root may do. It is kept with the file, and no package archive has it: when dpkg replaces the file, it is lost. Packages that need one set it themselves; these were set by hand, and a run sets them again.',
      source: 'capabilities(7), setcap(8)',
    },
  },
  findings: ({ survey }) => {
    const lost = survey?.software?.capabilities ?? [];
    if (lost.length === 0) {
      return [];
    }
    return [
      {
        id: 'software/capabilities',
        severity: 'note',
        title: 'File capabilities were set by hand',
        detail:
          'dpkg replaces these files without them. The run sets them again at its end; until then these programs lack them.',
        affected: lost.map((one) => `${one.path}: ${one.capability} (${one.package})`).sort(),
        remedies: [{ hint: 'Nothing is to be done. crossgrade verify compares them.' }],
      },
    ];
  },
};
