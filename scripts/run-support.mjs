#!/usr/bin/env node
// Bundles and runs a program of test/support: node scripts/run-support.mjs FOLDER/NAME ARGUMENT…
import { spawnSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { guestScripts } from './guest-text.mjs';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const [name, ...words] = process.argv.slice(2);
const outfile = join(top, 'dist', `${basename(name)}.mjs`);
await build({
  absWorkingDir: top,
  entryPoints: [`test/support/${name}.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  plugins: [guestScripts],
  logLevel: 'warning',
});
process.exitCode = spawnSync(process.execPath, [outfile, ...words], { stdio: 'inherit' }).status ?? 1;
