import { createHash } from 'node:crypto';
import { joinLines, type Printable, printableLines } from '../../../base/printable.ts';
import { html, Markup } from './markup.ts';
import { script } from './script.ts';
import { style } from './style.ts';

interface Document {
  readonly title: string;
  /** What the page is, in a sentence. */
  readonly about: string;
  readonly main: readonly (Markup | string)[];
}

/**
 * One page for a change ticket: it needs no other file, no network and no script, and works from a folder. Nothing but
 * our own style and script is allowed to it, whatever stands in a package's or a file's name.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export function htmlDocument({ title, about, main }: Document): Printable {
  const policy =
    `default-src 'none'; style-src '${digest(style)}'; script-src '${digest(script)}'; ` +
    "base-uri 'none'; form-action 'none'";
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="soft">${about}</p>
</header>
<main>
${main.map(
  (part) => html`${part}
`,
)}</main>
<script>${new Markup(script)}</script>
</body>
</html>
`;
  return joinLines(printableLines(page.text.trimEnd()));
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** @param iso of a moment in UTC */
export function readableTime(iso: string): string {
  return iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, '$1 $2 UTC');
}

/** With a button that copies it. */
export function commandLine(command: string): Markup {
  return html`<div class="command"><code>${command}</code><button type="button" class="copy">Copy</button></div>
`;
}
