/**
 * atop's logs are of its word size, and its postinst ends with 1 where it can neither read nor convert the last one: so
 * they are not where it looks for them when it is configured.
 *
 * @see /var/lib/dpkg/info/atop.postinst; atop(1), raw files
 */
export const atopLogFolder = '/var/log/atop';
export const asideFolder = '/var/log/atop/crossgrade-before';

/** Paths, sorted; absent where atop has no folder of logs. */
export interface AtopLogs {
  /** Where atop looks for them. */
  readonly there: readonly string[];
  readonly aside: readonly string[];
  /** Whether there is a folder for those. */
  readonly hasAside?: boolean;
}

/** @returns whether its postinst would take it for a log */
export function isAtopLog(name: string): boolean {
  return name.startsWith('atop_');
}
