/** @returns the same value, each text in it changed, keys of objects as well; the very same one where nothing changes */
export function mapTexts<Value>(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value) as Value;
  if (Array.isArray(value)) {
    const changed = value.map((one: unknown) => mapTexts(one, change));
    return changed.every((one, index) => one === value[index]) ? value : (changed as Value);
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value);
  const changed = entries.map(([key, one]) => [change(key), mapTexts(one, change)] as const);
  const isSame = changed.every(([key, one], index) => key === entries[index]?.[0] && one === entries[index]?.[1]);
  return isSame ? value : (Object.fromEntries(changed) as Value);
}
