/** @returns the same value, each text in it changed, keys of objects as well; the very same one where nothing changes */
export function mapTexts<Value>(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value) as Value;
  if (Array.isArray(value)) return mapItems(value, change) as Value;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return mapEntries(value as Record<string, unknown>, change) as Value;
}

/** A report has thousands of texts, and nearly none that changes: nothing is made before one does. */
function mapItems(items: readonly unknown[], change: (text: string) => string): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = mapTexts(items[index], change);
    if (!Object.is(item, items[index])) changed ??= items.slice(0, index);
    changed?.push(item);
  }
  return changed ?? items;
}

function mapEntries(
  object: Readonly<Record<string, unknown>>,
  change: (text: string) => string,
): Readonly<Record<string, unknown>> {
  let changed: [string, unknown][] | undefined;
  const keys = Object.keys(object);
  for (const [index, key] of keys.entries()) {
    const entry: [string, unknown] = [change(key), mapTexts(object[key], change)];
    if (entry[0] !== key || !Object.is(entry[1], object[key])) {
      changed ??= keys.slice(0, index).map((earlier) => [earlier, object[earlier]]);
    }
    changed?.push(entry);
  }
  return changed ? Object.fromEntries(changed) : object;
}
