import { type Pin, pinMatches, readPreferences } from '../../../src/apt/apt-preferences.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';

/** Source: apt_preferences(5). */
export const pinned: Check = {
  id: 'packages/pinned',
  title: 'Pinned packages',
  about: {
    'packages/pinned': {
      text: 'apt prefers a certain version of these packages, or refuses one. The crossgrade asks for the installed version wherever the target has it, whatever the pin says; packages that come in anew follow it. Pins stay as they are.',
      source: 'apt_preferences(5)',
    },
    'packages/pin-for-source': {
      text: 'A pin that names the old architecture is without effect on the new one: apt may then upgrade, or install, what the pin was to prevent.',
      source: 'apt_preferences(5), on Package with an architecture',
    },
  },
  findings: (input) => {
    const pins = Object.entries(input.facts.aptPreferences ?? {}).flatMap(([file, text]) =>
      readPreferences(text, file),
    );
    const names = pinnedNames(pins, input);
    const suffix = `:${input.pair.source.name}`;
    const dead = pins.filter(({ packages }) => packages.some((word) => word.endsWith(suffix)));
    return [
      ...(names.length > 0
        ? [
            {
              id: 'packages/pinned',
              severity: 'note' as const,
              title: 'Packages are pinned',
              detail:
                'They go over in the version that they have, wherever the target has it. The pins stay as they are.',
              affected: names,
              remedies: [{ command: 'apt-cache policy' }],
            },
          ]
        : []),
      ...(dead.length > 0
        ? [
            {
              id: 'packages/pin-for-source',
              severity: 'warning' as const,
              title: `Pins for ${input.pair.source.name} packages`,
              detail: `They are without effect once the packages are for ${input.pair.target.name}.`,
              affected: [...new Set(dead.map(({ file }) => file))].sort(),
              remedies: dead.map(({ file, line, packages }) => ({
                hint: `${file}, the paragraph at line ${line}, becomes: Package: ${packages
                  .map((word) => (word.endsWith(suffix) ? word.slice(0, -suffix.length) : word))
                  .join(' ')}`,
              })),
            },
          ]
        : []),
    ];
  },
};

/** `libc6 (version 2.36*, priority 1001)` for each installed package that a pin names, and that goes over. */
function pinnedNames(pins: readonly Pin[], { facts, solved }: CheckInput): string[] {
  const going = new Set(solved?.plan.changes.flatMap(({ name, change }) => (change === 'vanishing' ? [name] : [])));
  const there = facts.inventory.packages.filter(({ name, state }) => state !== 'config-files' && !going.has(name));
  return pins
    .flatMap(({ packages, pin, priority }) =>
      there
        .filter(({ name, source }) =>
          packages.some((word) =>
            word.startsWith('src:') ? pinMatches(word.slice('src:'.length), source) : pinMatches(word, name),
          ),
        )
        .map(({ name }) => `${name} (${pin}, priority ${priority})`),
    )
    .filter((text, index, all) => all.indexOf(text) === index)
    .sort();
}
