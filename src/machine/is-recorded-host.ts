import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const hostFile = 'host.json';

/** See recorded-host.ts, which is loaded for such a folder alone. */
export function isRecordedHost(directory: string): boolean {
  return existsSync(join(directory, hostFile)) && existsSync(join(directory, 'tree'));
}
