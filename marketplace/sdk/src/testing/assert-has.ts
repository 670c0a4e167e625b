import assert from 'node:assert/strict';

/** Of a value as much as another one names: its properties, however deep; of lists every member. */
function narrowed(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected))
    return actual.map((member, index) => narrowed(member, expected[index]));
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null)
    return actual;
  const own = actual as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => [name, narrowed(own[name], value)]),
  );
}

/**
 * That something has what is named, and may have more; lists have as many members.
 * @throws AssertionError showing what differs.
 * @example
 * assertHas(await bench.evaluate(ann, 'Slots:mine'), [{ id: 'slot-1', status: 'booked' }]);
 */
export function assertHas(actual: unknown, expected: unknown): void {
  assert.deepEqual(narrowed(actual, expected), expected);
}
