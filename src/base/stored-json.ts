import type * as z from 'zod';
import { CrossgradeError } from './error.ts';
import type { RootPath } from './root.ts';

/**
 * Reads a file that a run has written.
 *
 * @param path for the message
 * @throws {CrossgradeError} with the code and hint that are given
 */
export function parseStored<Value>(
  path: RootPath,
  text: string,
  schema: z.ZodType<Value>,
  { code, hint }: { readonly code: string; readonly hint: string },
): Value {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CrossgradeError(`${path} is damaged or was written by another version of crossgrade.`, {
      code,
      hint,
      cause,
    });
  }
}
