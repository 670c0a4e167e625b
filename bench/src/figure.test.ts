import { expect, test } from '@jest/globals';
import { figureLine } from './figure.js';

test('a figure is one line of JSON, rounded to what can be repeated', () => {
  const figure = { n: 3, ratio: 0.98765, peer: 'p', unit: 'ms', value: 1234.5, figure: 'f', bench: 'b' };
  expect(figureLine(figure)).toBe(
    '{"bench":"b","figure":"f","value":1230,"unit":"ms","peer":"p","ratio":0.988,"n":3}',
  );
});

test('what has no peer has no ratio', () => {
  expect(JSON.parse(figureLine({ bench: 'b', figure: 'f', value: 0.5, unit: 's', n: 1 }))).toEqual({
    bench: 'b',
    figure: 'f',
    value: 0.5,
    unit: 's',
    n: 1,
  });
});
