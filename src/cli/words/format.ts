/** Numbers as people read them, always with a unit. */

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const gibibyte = 1024 * mebibyte;

/** @returns `120.4 MiB`; KiB below 1 MiB, GiB from 10 GiB on, so that numbers can be compared at a glance */
export function formatBytes(bytes: number): string {
  if (bytes >= 10 * gibibyte) return `${(bytes / gibibyte).toFixed(1)} GiB`;
  if (bytes >= mebibyte) return `${mebibytes(bytes)} MiB`;
  if (bytes >= kibibyte) return `${Math.round(bytes / kibibyte)} KiB`;
  return plural(Math.round(bytes), 'byte');
}

/** @returns `120.4/250.1 MiB`: both in the same unit, so that the first can be seen to approach the second */
export function formatBytesOf(done: number, total: number): string {
  return `${mebibytes(done)}/${mebibytes(total)} MiB`;
}

function mebibytes(bytes: number): string {
  return (bytes / mebibyte).toFixed(1);
}

/** @returns `0.4 s`, `41 s`, `2 min 03 s`, `1 h 04 min` */
export function formatDuration(seconds: number): string {
  if (seconds < 0.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  const minutes = Math.floor(whole / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/**
 * @param iso as it is stored
 * @returns `2026-11-24 16:20`, by this machine's clock
 */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const date = [time.getFullYear(), twoDigits(time.getMonth() + 1), twoDigits(time.getDate())].join('-');
  return `${date} ${twoDigits(time.getHours())}:${twoDigits(time.getMinutes())}`;
}

/** @returns `1,384` */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @returns `1 package`, `1,384 packages`; the plural is given where an `s` is not enough */
export function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : many}`;
}

/** @returns whole percent, rounded down: 100 only when all is done */
export function percent(done: number, total: number): number {
  if (total <= 0) return 100;
  return Math.max(0, Math.min(100, Math.floor((done / total) * 100)));
}

/** @returns `[########------]` */
export function formatBar(done: number, total: number, cells: number): { filled: string; rest: string } {
  const share = total <= 0 ? 1 : Math.max(0, Math.min(1, done / total));
  // Full only when all is done, empty only when nothing is: the ends of a bar are read as statements.
  const rounded = Math.round(share * cells);
  const filled = share > 0 && share < 1 ? Math.max(1, Math.min(cells - 1, rounded)) : rounded;
  return { filled: '#'.repeat(filled), rest: '-'.repeat(cells - filled) };
}
