import { existsSync, lstatSync } from 'node:fs';
import { type HostPath, resolveInRoot } from './resolve-in-root.ts';

/**
 * A root that does not run has nothing below /run. Where its /etc/resolv.conf leads there (systemd-resolved, resolvconf,
 * NetworkManager), no name could be resolved in it.
 *
 * @returns the root's /run, and the file in it that is missing; undefined where nothing is
 */
export function missingResolver(directory: string): { readonly run: HostPath; readonly file: HostPath } | undefined {
  try {
    const link = resolveInRoot(directory, '/etc/resolv.conf', { followLast: false });
    if (!lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
    const run = resolveInRoot(directory, '/run', { followLast: true });
    const file = resolveInRoot(directory, '/etc/resolv.conf', { followLast: true });
    const isMissing = file.startsWith(`${run}/`) && !existsSync(file);
    return isMissing && lstatSync(run, { throwIfNoEntry: false })?.isDirectory() ? { run, file } : undefined;
  } catch {
    // It leads in a circle: apt will say that it resolves no names.
    return undefined;
  }
}
