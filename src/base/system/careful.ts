import type { Unseen } from '../unseen.ts';

export const rootOnly = 'only root may look at it';

/** Looks once; what cannot be looked at is noted in plain words, and `otherwise` stands for it. */
export type Look = <Value, Otherwise>(
  what: string,
  look: () => Promise<Value>,
  otherwise: Otherwise,
) => Promise<Value | Otherwise>;

/** @param unseen where to note what could not be looked at; each thing once */
export function careful(unseen: Unseen[]): Look {
  return async (what, look, otherwise) => {
    try {
      return await look();
    } catch (error) {
      if (!isGone(error) && !unseen.some((one) => one.what === what)) unseen.push({ what, why: reason(error) });
      return otherwise;
    }
  };
}

/** On a live system things go while we look. */
function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH';
}

/** The system's, whoever put it in other words. */
function codeOf(error: unknown): unknown {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return (cause as { code?: unknown } | undefined)?.code ?? code;
}

function reason(error: unknown): string {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') return rootOnly;
  return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

const few = 8;

/** The same twice, or what lies in it, is told once; many of one reason are told together. */
export function condense(unseen: readonly Unseen[]): Unseen[] {
  const reasons = [...new Set(unseen.map(({ why }) => why))];
  return reasons.flatMap((why) => {
    const names = new Set(unseen.filter((one) => one.why === why).map(({ what }) => what));
    const all = [...names].filter((name) => !liesInOneOf(name, names)).sort();
    if (all.length <= few) return all.map((what) => ({ what, why }));
    return [{ what: `${all.length} files and folders: ${all.slice(0, few).join(', ')} and more`, why }];
  });
}

function liesInOneOf(name: string, names: ReadonlySet<string>): boolean {
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1))
    if (names.has(name.slice(0, at))) return true;
  return false;
}
