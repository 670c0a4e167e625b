import { expect, test } from '@jest/globals';
import { understood } from './told.js';

test.each([
  [[], undefined, {}],
  [['Own.'], 'Own.', {}],
  [[{ maxLength: 9 }], undefined, { maxLength: 9 }],
  [['Own.', { maxLength: 9 }], 'Own.', { maxLength: 9 }],
  // As a build leaves it, with what the comment says in front.
  [['Of the comment.', { maxLength: 9 }], 'Of the comment.', { maxLength: 9 }],
  [['Of the comment.', 'Own.', { maxLength: 9 }], 'Own.', { maxLength: 9 }],
  [
    ['Own.', { deprecated: 'a' }, { deprecated: 'b', optional: true }],
    'Own.',
    { deprecated: 'b', optional: true },
  ],
])('%j is understood', (told, description, rules) => {
  expect(understood<object>(told)).toEqual({ description, rules });
});
