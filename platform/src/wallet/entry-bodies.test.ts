import { expect, test } from '@jest/globals';
import { care } from '@medigraph/schema';
import { sealedBodies } from './entry-bodies.js';

test('an entry that claims more parts than the ledger takes is refused before any is asked for', async () => {
  let asked = 0;
  const reading = sealedBodies([{ id: 'e1', parts: care.maxParts + 1 }], () => {
    asked += 1;
    return Promise.resolve([]);
  });
  await expect(reading).rejects.toMatchObject({ code: 'BODY_TAMPERED' });
  expect(asked).toBe(0);
});
