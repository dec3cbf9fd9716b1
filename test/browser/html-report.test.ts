import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparisonPage } from '../../src/cli/report/html/comparison-page.ts';
import { htmlReport } from '../../src/cli/report/html/page.ts';
import { openPage, type Page } from '../support/screens/chromium.ts';
import { openQuestion, reportOn, someFindings, undecided } from '../support/screens/report.ts';
import { stopped, verifyReportOn } from '../support/screens/verify-report.ts';
import { withWickedTexts } from '../support/troubles/wicked.ts';

const report = reportOn('bookworm-server', {
  findings: [undecided, ...someFindings('blocker', 2), ...someFindings('warning', 15), ...someFindings('note', 3)],
  questions: [openQuestion],
  notLookedAt: [{ what: 'files below /root', why: 'only root can read them' }],
});
const packages = report.plan?.packages ?? [];

let folder = '';
/** Where the pictures go: set CROSSGRADE_SCREENSHOTS to look at them. */
let pictures = '';
let page: Page;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'html-report-'));
  pictures = process.env.CROSSGRADE_SCREENSHOTS ?? folder;
  mkdirSync(pictures, { recursive: true });
  writeFileSync(join(folder, 'report.html'), htmlReport(report));
  page = await openPage(join(folder, 'report.html'));
});
afterAll(async () => {
  await page.close();
  rmSync(folder, { recursive: true });
});

const shown = `[...document.querySelectorAll('.packages tbody tr')].filter((row) => !row.hidden)`;
const setFilter = (id: string, value: string) =>
  page.evaluate(
    `(() => { const one = document.getElementById('filter-${id}'); one.value = '${value}'; one.dispatchEvent(new Event('input')); })()`,
  );

describe('in a browser', () => {
  test('the page works from a folder, asks for nothing, and the policy lets all of it pass', async () => {
    expect(await page.evaluate('document.documentElement.className')).toBe('js');
    expect(page.complaints).toEqual([]);
    expect(page.requests).toHaveLength(1);
  });

  test('the table of packages is filtered by name, change and wave', async () => {
    expect(await page.evaluate(`${shown}.length`)).toBe(packages.length);
    await setFilter('name', 'LIBSSL');
    expect(await page.evaluate(`${shown}.map((row) => row.dataset.name)`)).toEqual(
      packages.map(({ name }) => name).filter((name) => name.includes('libssl')),
    );
    await setFilter('name', '');
    await setFilter('change', 'vanishing');
    expect(await page.evaluate(`${shown}.length`)).toBe(report.plan?.counts.vanishing);
    await setFilter('wave', 'core');
    expect(await page.evaluate(`${shown}.length`)).toBe(0);
    await setFilter('change', '');
    const core = report.plan?.waves.find(({ name }) => name === 'core')?.calls.flatMap((call) => call.instances) ?? [];
    expect(await page.evaluate(`${shown}.length`)).toBe(core.length);
    expect(await page.evaluate(`document.getElementById('filter-shown').textContent`)).toBe(
      `${core.length} of ${packages.length} packages`,
    );
    await setFilter('wave', '');
  });

  test('a command is copied', async () => {
    await page.evaluate(`document.querySelector('.copy').click()`);
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('apt-get install --reinstall package-0');
    expect(await page.evaluate(`document.querySelector('.copy').textContent`)).toBe('Copied');
  });

  test.each(['light', 'dark'] as const)('texts have enough contrast in %s', async (scheme) => {
    await page.look({ scheme });
    const poor = await page.evaluate(poorContrast);
    expect(poor).toEqual([]);
    await page.screenshot(join(pictures, `${scheme}.png`));
  });

  test('nothing is wider than a narrow screen, but what scrolls by itself', async () => {
    await page.look({ width: 390 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.screenshot(join(pictures, 'narrow.png'));
  });

  test('on paper everything is there, and nothing to click on', async () => {
    await page.look({ media: 'print' });
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.filter')).display`)).toBe('none');
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.copy')).display`)).toBe('none');
    const file = join(pictures, 'paper.pdf');
    await page.print(file);
    expect(readFileSync(file).subarray(0, 5).toString()).toBe('%PDF-');
    await page.look({});
  });
});

test('what stands in the report cannot do anything', async () => {
  const file = join(folder, 'wicked.html');
  writeFileSync(file, htmlReport(withWickedTexts(report)));
  const wicked = await openPage(file);
  try {
    expect(await wicked.evaluate('typeof window.injected')).toBe('undefined');
    const counts = `['script', 'style', 'img', 'svg', 'tr', 'li'].map((tag) => document.querySelectorAll(tag).length)`;
    expect(await wicked.evaluate(counts)).toEqual(await page.evaluate(counts));
    expect(wicked.complaints).toEqual([]);
    expect(wicked.requests).toHaveLength(1);
  } finally {
    await wicked.close();
  }
});

test('the page of a comparison works as well, and can be read in light and dark, on a narrow screen', async () => {
  const file = join(folder, 'comparison.html');
  writeFileSync(file, comparisonPage(verifyReportOn([stopped])));
  const compared = await openPage(file);
  try {
    expect(compared.complaints).toEqual([]);
    expect(compared.requests).toHaveLength(1);
    for (const scheme of ['light', 'dark'] as const) {
      await compared.look({ scheme });
      expect(await compared.evaluate(poorContrast)).toEqual([]);
      await compared.screenshot(join(pictures, `comparison-${scheme}.png`));
    }
    await compared.look({ width: 390 });
    expect(await compared.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  } finally {
    await compared.close();
  }
});

/** Runs in the page: texts with less than 4.5 to 1 against what is behind them. WCAG 2, 1.4.3. */
const poorContrast = `(() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((one) => {
      const share = one / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    if (!element) return rgb(getComputedStyle(document.body).backgroundColor);
    const color = rgb(getComputedStyle(element).backgroundColor);
    return color[3] === 0 ? behind(element.parentElement) : color;
  };
  const poor = new Set();
  for (const element of document.querySelectorAll('body *:not(svg *):not(script)')) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const one = luminance(rgb(getComputedStyle(element).color));
    const other = luminance(behind(element));
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) poor.add(element.tagName + '.' + element.className + ': ' + contrast.toFixed(2));
  }
  return [...poor];
})()`;
