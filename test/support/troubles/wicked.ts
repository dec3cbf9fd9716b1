import type { CheckReport } from '../../../src/check/check-report-schema.ts';

/** What somebody could write into a file name, a package's fields or a service's description. */
export const wickedText =
  `</style></script><script>window.injected = 1</script><img src=x onerror="window.injected = 1">` +
  `" onmouseover="window.injected = 1" '><svg onload=window.injected=1>&lt;b&gt;{{x}}\u0000\u001b[31m`;

/** The same report, with that in every text of it. Ids of waves and changes are ours, and stay. */
export function withWickedTexts(report: CheckReport): CheckReport {
  const ours = new Set(['severity', 'change', 'operation', 'verdict', 'wave', 'kind', 'beforeWave']);
  const spoil = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return ours.has(key) ? value : value + wickedText;
    if (Array.isArray(value)) return value.map((one) => spoil(one, key));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoil(one, name)]));
  };
  const spoiled = spoil(report, '') as CheckReport;
  const waves = report.plan?.waves.map((wave, index) => ({ ...spoiled.plan?.waves[index], name: wave.name })) ?? [];
  return { ...spoiled, plan: spoiled.plan && ({ ...spoiled.plan, waves } as CheckReport['plan']) };
}
