import type { PlannedReport, Wave } from '../../../check/check-report-schema.ts';
import { plural } from '../../words/format.ts';
import { waveWords } from '../../words/plan-words.ts';
import { html, type Markup } from './markup.ts';

/** Units of the picture; the page scales it. */
const width = 880;
const labelWidth = 190;
const boxHeight = 40;
const gap = 8;
const rowGap = 22;
const borderHeight = 34;
const leastBox = 46;
const mostBox = 400;

interface Box {
  readonly number: number;
  readonly operation: string;
  readonly packages: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

interface Row {
  readonly wave: Wave;
  readonly y: number;
  readonly boxes: readonly Box[];
  /** Where the point of no return is, above it. */
  readonly borderY?: number;
}

/** @returns the waves from top to bottom, one box for each dpkg call, as wide as it has packages */
export function planPicture(plan: PlannedReport): Markup {
  const { rows, height } = layOut(plan);
  const calls = plural(plan.calls, 'dpkg call');
  const border = plan.pointOfNoReturn;
  const words = border === null ? '' : ` The point of no return is after call ${border.afterCall}.`;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="picture-title picture-text">
<title id="picture-title">The plan, wave by wave</title>
<desc id="picture-text">${calls} in ${plural(plan.waves.length, 'wave')}.${words} The table below says the same.</desc>
${rows.map(drawRow)}</svg>`;
}

function layOut(plan: PlannedReport): { rows: Row[]; height: number } {
  const most = Math.max(1, ...plan.waves.flatMap(({ calls }) => calls.map((call) => call.instances.length)));
  const rows: Row[] = [];
  let y = 4;
  for (const wave of plan.waves) {
    const isBorder = wave.calls[0]?.number === (plan.pointOfNoReturn?.afterCall ?? -1) + 1;
    const borderY = isBorder ? y + borderHeight / 2 : undefined;
    if (isBorder) y += borderHeight;
    const boxes: Box[] = [];
    let x = labelWidth;
    const top = y;
    for (const { number, operation, instances } of wave.calls) {
      // Areas are compared by eye: a box of four times as many packages is twice as wide.
      const wanted = leastBox + (mostBox - leastBox) * Math.sqrt(instances.length / most);
      if (x > labelWidth && x + wanted > width) {
        x = labelWidth;
        y += boxHeight + gap;
      }
      boxes.push({ number, operation, packages: instances.length, x, y, width: Math.round(wanted) });
      x += Math.round(wanted) + gap;
    }
    rows.push({ wave, y: top, boxes, ...(borderY !== undefined && { borderY }) });
    y += boxHeight + rowGap;
  }
  return { rows, height: y };
}

function drawRow({ wave, y, boxes, borderY }: Row): Markup {
  return html`${borderY === undefined ? '' : drawBorder(borderY)}<g>
<text class="name" x="0" y="${y + 17}">${wave.name}</text>
<text class="small" x="0" y="${y + 33}">${shortWords[wave.name]}</text>
${boxes.map(drawBox)}</g>
`;
}

function drawBorder(y: number): Markup {
  return html`<g><line class="border" x1="0" y1="${y + 8}" x2="${width}" y2="${y + 8}"/>
<text class="border-text" x="0" y="${y}">Point of no return: until here, crossgrade rollback takes everything back</text></g>
`;
}

function drawBox({ number, operation, packages, x, y, width: boxWidth }: Box): Markup {
  const middle = x + boxWidth / 2;
  const count = boxWidth > 90 ? plural(packages, 'package') : String(packages);
  return html`<g><title>Call ${number}: dpkg --${operation}, ${plural(packages, 'package')}</title>
<rect class="box" x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="5"/>
<text class="inside" x="${middle}" y="${y + 17}">${number}</text>
<text class="inside small" x="${middle}" y="${y + 32}">${count}</text></g>
`;
}

/** They have to fit beside the boxes. */
const shortWords: Readonly<Record<Wave['name'], string>> = {
  ...waveWords,
  libraries: 'beside the ones that are there',
};
