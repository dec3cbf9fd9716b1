#!/usr/bin/env node
// Writes docs/*-report.schema.json, the JSON Schemas of `crossgrade check --json`, `verify --json` and `rehearse --json`, from the source.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { guestScripts } from './guest-text.mjs';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const { outputFiles } = await build({
  absWorkingDir: top,
  stdin: {
    contents: `export { reportJsonSchema } from './src/check/check-report-schema.ts';
export { verifyJsonSchema } from './src/compare/verify-report.ts';
export { rehearsalJsonSchema } from './src/rehearsal/rehearsal-report.ts';`,
    resolveDir: top,
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
  plugins: [guestScripts],
  logLevel: 'warning',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { reportJsonSchema, verifyJsonSchema, rehearsalJsonSchema } = await import(`data:text/javascript;base64,${code}`);
for (const [name, schema] of [
  ['check', reportJsonSchema()],
  ['verify', verifyJsonSchema()],
  ['rehearsal', rehearsalJsonSchema()],
]) {
  writeFileSync(join(top, 'docs', `${name}-report.schema.json`), `${JSON.stringify(schema, undefined, 2)}\n`);
}
