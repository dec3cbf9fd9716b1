import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { html, Markup } from '../../../src/cli/report/html/markup.ts';
import { htmlReport } from '../../../src/cli/report/html/page.ts';
import { openQuestion, reportOn, someFindings, undecided } from '../../support/screens/report.ts';
import { wickedText, withWickedTexts } from '../../support/troubles/wicked.ts';

const report = reportOn('bookworm-server', {
  findings: [undecided, ...someFindings('blocker', 2), ...someFindings('warning', 15), ...someFindings('note', 3)],
  questions: [openQuestion],
  notLookedAt: [{ what: 'files below /root', why: 'only root can read them' }],
});
const page = htmlReport(report);
const between = (start: string, end: string, text = page): string => {
  const from = text.indexOf(start) + start.length;
  return text.slice(from, text.indexOf(end, from));
};

describe('the markup', () => {
  test('escapes everything that is not markup, in texts and in attributes', () => {
    expect(html`<b title="${`"'<>&`}">${'<i>'}${['&', html`<u>${1}</u>`]}</b>`.text).toBe(
      '<b title="&quot;&#39;&lt;&gt;&amp;">&lt;i&gt;&amp;<u>1</u></b>',
    );
    expect(html`${'a\u0000\u001bb\n'}`.text).toBe('a\\x00\\x1bb\n');
    expect(html`${new Markup('<hr>')}`.text).toBe('<hr>');
  });
});

describe('the page', () => {
  test('asks for nothing: no address but the names in it, no other file', () => {
    expect(page).not.toMatch(/\b(src|href|action|data|poster|srcset)\s*=/i);
    expect(page).not.toMatch(/@import|url\(|<(link|iframe|object|embed|base|form)\b/i);
  });

  test('is allowed our own style and script only', () => {
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const policy = between('Content-Security-Policy" content="', '">').replaceAll('&#39;', "'");
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).toContain(`style-src ${hash(between('<style>', '</style>'))}`);
    expect(policy).toContain(`script-src ${hash(between('<script>', '</script>'))}`);
    expect(page).not.toMatch(/ style="| on[a-z]+="/);
  });

  test('has every finding with its remedies, decision, package, dpkg call and end state', () => {
    for (const { id, title } of report.findings) {
      expect(page).toContain(`<code>${id}</code>`);
      expect(page).toContain(title);
    }
    expect(page).toContain('<code>apt-get install --reinstall package-0</code><button type="button" class="copy">');
    expect(page).toContain('<code>keep</code>: Keep them. They stay, and so does i386.');
    const { packages = [], calls = 0, endState = {} } = report.plan ?? {};
    expect(page.match(/<tr data-name=/g)).toHaveLength(packages.length);
    expect(page.match(/<rect class="box"/g)).toHaveLength(calls);
    expect(between('<ul class="names">', '</ul></details></section>').match(/<li>/g)).toHaveLength(
      Object.keys(endState).length,
    );
    expect(page).toContain('files below /root: only root can read them');
  });

  test('shows where the point of no return is, in the picture and in the table', () => {
    expect(page.match(/<line class="border"/g)).toHaveLength(1);
    expect(page.match(/<tr class="border">/g)).toHaveLength(1);
    expect(page.indexOf('<line class="border"')).toBeGreaterThan(page.indexOf('>libraries</text>'));
    expect(page.indexOf('<line class="border"')).toBeLessThan(page.indexOf('>core</text>'));
  });

  test('is made without a plan as well', () => {
    const bare = htmlReport({ ...report, plan: null });
    expect(bare).not.toContain('<svg');
    expect(bare).toContain('<h2 id="findings">');
    const progress = { startedAt: '2026-11-23T00:00:00.000Z', pastPointOfNoReturn: true, remaining: ['Do it'] };
    expect(htmlReport(reportOn('bookworm-minimal', { progress }))).toContain('<li>Do it</li>');
  });

  test('has headings in their order and a scope for each table head', () => {
    const levels = [...page.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    expect(levels[0]).toBe(1);
    levels.forEach((level, index) => {
      expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1);
    });
    expect(page.match(/<th(?! scope="(col|row)")[ >]/g)).toBeNull();
  });
});

test('nothing that stands in the report gets out of its place', () => {
  const wicked = htmlReport(withWickedTexts(report));
  const tags = (text: string) => text.match(/<\/?[a-z!][^>]*>/gi)?.map((tag) => tag.split(/[\s>]/)[0]) ?? [];
  expect(wicked.length).toBeGreaterThan(page.length + wickedText.length);
  expect(new Set(tags(wicked))).toEqual(new Set(tags(page)));
  expect(tags(wicked).filter((tag) => tag === '<script')).toHaveLength(1);
  expect(between('<script>', '</script>', wicked)).toBe(between('<script>', '</script>'));
  // Inside of a tag there are only attributes of ours, each in quotation marks.
  for (const [tag] of wicked.matchAll(/<[a-z][^>]*>/gi)) {
    expect(tag.replaceAll(/="[^"]*"/g, '')).toMatch(/^<[a-z0-9]+( [a-zA-Z0-9-]+)*\/?>$/);
  }
  const attributes = (text: string) => new Set([...text.matchAll(/ ([a-z-]+)="/gi)].map(([, name]) => name));
  expect(attributes(wicked)).toEqual(attributes(page));
  expect(wicked).not.toContain('<img');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(wicked).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
});
