import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type KeyCustody } from '../identity/index.js';
import { PreparationExpiredError, PreparationInvalidError } from './errors.js';

const shared = {
  /** Subject of the caller for whom it was prepared. */
  subject: z.string(),
  mspId: z.string(),
  certificate: z.string(),
  channel: z.string(),
  /** Until when it can be signed: ISO 8601. */
  expiresAt: z.string(),
};
const unsigned = z.object({ bytes: z.base64(), message: z.base64() });

const preparation = z.discriminatedUnion('stage', [
  z.object({ stage: z.literal('evaluation'), ...shared, proposal: unsigned }),
  z.object({ stage: z.literal('endorsement'), ...shared, proposal: unsigned }),
  z.object({ stage: z.literal('commit'), ...shared, transaction: unsigned, commitStatus: unsigned }),
]);
/** What was prepared for whom, between one step and the next. */
export type Preparation = z.infer<typeof preparation>;

/**
 * Preparations travel with the client, so that any instance takes the next step and none keeps anything for clients that
 * never come back. The seal shows that one of us made it.
 */
export class PreparationSeal {
  readonly #custody: Pick<KeyCustody, 'keyedHash'>;

  constructor(custody: Pick<KeyCustody, 'keyedHash'>) {
    this.#custody = custody;
  }

  seal(content: Preparation): string {
    const text = Buffer.from(JSON.stringify(content)).toString('base64url');
    return `${text}.${this.#digestOf(text)}`;
  }

  /** @throws {@link PreparationInvalidError}, {@link PreparationExpiredError} */
  open(sealed: string, subject: string): Preparation {
    const [text = '', digest = ''] = sealed.split('.');
    const expected = Buffer.from(this.#digestOf(text));
    const given = Buffer.from(digest);
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new PreparationInvalidError('it was altered, or made by nobody here');
    const content = preparation.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (content.subject !== subject) throw new PreparationInvalidError('it was made for another caller');
    if (content.expiresAt <= new Date().toISOString()) throw new PreparationExpiredError(content.expiresAt);
    return content;
  }

  #digestOf(text: string): string {
    return this.#custody.keyedHash('preparation', text);
  }
}
