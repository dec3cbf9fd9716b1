import type { Action, Step, StepContext } from '../../src/run/step.ts';
import type { BootLink } from '../../src/services/boot-links.ts';

/** Source: deb-systemd-helper(1p), update-rc.d(8). */
export const restoreBootLinks: Step = {
  id: 'finish/restore-boot-links',
  title: 'Have the same services started at boot as before',
  why: 'Scripts of packages take a build of another architecture for a new package, and enable what was off.',
  purpose:
    'Compares the links in /etc/systemd and /etc/rc?.d with those of before. Those that scripts of packages have made for services that were there and off are removed, and those that they have taken away are made again. What packages that are new enable stays.',
  remaining: (context) =>
    changed(context).map(({ path, before }) => `${path} ${before === undefined ? 'was not there' : 'is gone'}`),
  plan: (context) => [
    ...changed(context).flatMap(({ path, before }): Action[] =>
      before === undefined
        ? [{ do: 'remove', path }]
        : [
            // The last link that went has taken its folder with it.
            { do: 'command', argv: ['mkdir', '-p', path.slice(0, path.lastIndexOf('/'))] },
            { do: 'command', argv: ['ln', '--symbolic', '--no-dereference', '--', before, path] },
          ],
    ),
    ...[...new Set(changed(context).flatMap(({ newFolder }) => newFolder ?? []))].map(
      (folder): Action => ({ do: 'command', argv: ['rmdir', '--ignore-fail-on-non-empty', folder], mayFail: true }),
    ),
  ],
  undo: 'point of no return',
};

/** Of packages that were there before. */
function changed({ facts, record }: StepContext): BootLink[] {
  const names = new Set(Object.keys(record?.packages ?? {}).map((key) => key.replace(/:.*$/, '')));
  return (facts.changedBootLinks ?? []).filter(
    (one) => one.before !== undefined || (one.package !== undefined && names.has(one.package)),
  );
}
