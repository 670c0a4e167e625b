import { describe, expect, test } from '@jest/globals';
import { ownedValue } from './owned-value.js';

const made = (members: object): object => Object.assign(Object.create(null) as object, members);

describe('ownedValue', () => {
  test('copies what resolvers hold, as JSON would carry it', () => {
    const held = { at: new Date(0), list: [{ deep: true }] };
    const result = ownedValue(made({ held, items: [made({ held }), held.at, null, 1] }));
    expect(JSON.parse(JSON.stringify(result))).toEqual({
      held: { at: '1970-01-01T00:00:00.000Z', list: [{ deep: true }] },
      items: [
        { held: { at: '1970-01-01T00:00:00.000Z', list: [{ deep: true }] } },
        '1970-01-01T00:00:00.000Z',
        null,
        1,
      ],
    });
    expect(result).toHaveProperty('items.1', '1970-01-01T00:00:00.000Z');
    (result as unknown as { held: typeof held }).held.list.pop();
    expect(held.list).toHaveLength(1);
  });
  test('takes over what the execution made', () => {
    const inner = made({ id: '1' });
    const result = made({ inner, list: [inner] });
    expect(ownedValue(result)).toBe(result);
    expect((result as { inner: object }).inner).toBe(inner);
  });
});
