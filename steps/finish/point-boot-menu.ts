import { kernelsOfMenu, pointMenuTo } from '../../src/boot/boot-elsewhere.ts';
import type { Action, Step, StepContext } from '../../src/run/step.ts';
import { newKernel } from '../new-kernel.ts';

/** Source: the GRUB manual, linux and initrd; /etc/grub.d/10_linux; extlinux(1). */
export const pointBootMenu: Step = {
  id: 'finish/point-boot-menu',
  title: 'Have the entries of the old kernel start the new one',
  why: 'The machine that this root belongs to would ask for a kernel that is gone, and only there can the menu be made anew.',
  purpose:
    'Replaces the names of purged kernels in /boot/grub/grub.cfg, and in the menus of extlinux and SYSLINUX, by that of the new kernel. Only in a root that is not booted: where it is, the boot loader’s own programs make the menu.',
  remaining: (context) =>
    staleMenus(context).map(({ path, gone }) => `${path} starts ${gone.join(', ')}, and that is gone`),
  plan: (context) => {
    const kernel = newKernel(context)?.version ?? '';
    return staleMenus(context).map(
      ({ path, text, mode, gone }): Action => ({ do: 'write', path, content: pointMenuTo(text, gone, kernel), mode }),
    );
  },
  undo: 'point of no return',
};

/** Menus that start a kernel which this run has purged; they may name those of other systems as well. */
function staleMenus(context: StepContext) {
  const { facts, record: before, pair } = context;
  if (newKernel(context) === undefined) return [];
  const there = new Set(facts.kernels.map(({ version }) => version));
  const isPurged = (version: string) =>
    !there.has(version) &&
    [`linux-image-${version}`, `linux-image-${version}-unsigned`].some(
      (name) => `${name}:${pair.source.name}` in (before?.packages ?? {}),
    );
  return (facts.elsewhere?.menus ?? [])
    .map((menu) => ({ ...menu, gone: kernelsOfMenu(menu.text).filter(isPurged) }))
    .filter(({ gone }) => gone.length > 0);
}
