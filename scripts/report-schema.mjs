#!/usr/bin/env node
// Writes docs/check-report.schema.json, the JSON Schema of `crossgrade check --json`, from the schema in the source.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const { outputFiles } = await build({
  absWorkingDir: top,
  stdin: { contents: "export { reportJsonSchema } from './src/core/check-report.ts';", resolveDir: top, loader: 'ts' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
  logLevel: 'warning',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { reportJsonSchema } = await import(`data:text/javascript;base64,${code}`);
const file = join(top, 'docs', 'check-report.schema.json');
writeFileSync(file, `${JSON.stringify(reportJsonSchema(), undefined, 2)}\n`);
