import type { Why } from '../../plan/why.ts';
import { fitSigns, type Look } from '../screen/terminal.ts';
import { changeWords } from '../words/plan-words.ts';
import { hang, listSome, textColumns } from '../words/text.ts';

export interface WhyViewOptions {
  readonly look: Look;
  readonly columns?: number | undefined;
  readonly verbose?: boolean;
}

const fewDependers = 8;

/** @returns lines: what becomes of one package, why, and in which dpkg call */
export function formatWhy(why: Why, { look, columns, verbose }: WhyViewOptions): string[] {
  const width = textColumns(columns);
  const { paint, signs } = look;
  const known = changeWords.find(([change]) => change === why.change);
  const short = why.change === 'vanishing' ? 'vanishes' : (known?.[2] ?? why.change);
  const versions = [why.before ?? 'not installed', why.after ?? 'gone'];
  const change = versions[0] === versions[1] ? `stays ${versions[0]}` : versions.join(` ${signs.remedy} `);
  return fitSigns(
    [
      `${paint('bold', why.name)}: ${short}, ${change}`,
      ...hang('  ', why.sentence, width),
      ...why.chain
        .slice(0, -1)
        .flatMap(({ name, needs }, index) =>
          hang(`    ${name} `, `needs ${needs}${gives(needs, why.chain[index + 1]?.name ?? '')}`, width),
        ),
      ...(why.neededBy.length === 0
        ? []
        : hang('  Needed by: ', listSome(why.neededBy, verbose === true ? why.neededBy.length : fewDependers), width)),
      ...(why.calls.length === 0 ? ['  No dpkg call touches it.'] : []),
      ...why.calls.map(
        ({ number, of, wave, id, operation, instance }) =>
          `  dpkg call ${number} of ${of}, wave ${wave} (${id}): ${operation} ${instance}`,
      ),
    ],
    look,
  );
}

/** A dependency can be on something that the package provides. */
function gives(needs: string, name: string): string {
  return needs.split(' | ').some((one) => one.replace(/[ :(].*/, '') === name) ? '' : `, which ${name} provides`;
}
