import { batchesOf, chunksOf } from './batches.js';

const sized = (...sizes: number[]) => sizes.map((size) => ({ bytes: new Uint8Array(size) }));
const shape = (batches: { bytes: Uint8Array }[][]) =>
  batches.map((batch) => batch.map(({ bytes }) => bytes.length));

describe('batchesOf', () => {
  test.each<[string, number[], number[][]]>([
    ['nothing', [], []],
    ['by number', [1, 1, 1, 1, 1], [[1, 1], [1, 1], [1]]],
    ['by size', [6, 5, 5], [[6], [5, 5]]],
    ['one too large goes alone', [1, 20, 1], [[1], [20], [1]]],
  ])('%s', (_what, sizes, expected) => {
    expect(shape(batchesOf(sized(...sizes), { items: 2, bytes: 10 }))).toEqual(expected);
  });
});

test('chunksOf keeps order', () => {
  expect(chunksOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
});
