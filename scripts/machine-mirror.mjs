#!/usr/bin/env node
// Prints the Debian mirror that this machine's own apt uses: node scripts/machine-mirror.mjs SUITE
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const top = fileURLToPath(new URL('..', import.meta.url));
const folder = await mkdtemp(join(top, 'dist', 'mirror-'));
try {
  const outfile = join(folder, 'sandbox.mjs');
  await build({
    absWorkingDir: top,
    entryPoints: ['src/sandbox/machine-mirror.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const { machineMirror } = await import(outfile);
  console.log(await machineMirror(process.argv[2] ?? 'bookworm'));
} finally {
  await rm(folder, { recursive: true });
}
