import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { guestScripts } from '../scripts/guest-text.mjs';

/** @param {Record<string, string>} exports name of each to the source file that has it, from the top of the tree */
export async function fromSource(exports) {
  const lines = Object.entries(exports).map(([name, file]) => `export { ${name} } from './${file}';`);
  const resolveDir = fileURLToPath(new URL('..', import.meta.url));
  const place = mkdtempSync(join(tmpdir(), 'crossgrade-bench-'));
  const outfile = join(place, 'source.mjs');
  try {
    await build({
      stdin: { contents: lines.join('\n'), resolveDir },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      plugins: [guestScripts],
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(place, { recursive: true });
  }
}
