import { type GraphQLFormattedError } from 'graphql';
import { PlatformError } from '../errors/index.js';

/** A request that is longer than the subgraph takes. */
export class BodyTooLarge extends PlatformError {
  constructor(limit: number) {
    super('BODY_TOO_LARGE', `The body is larger than ${limit} bytes; send less at a time.`);
  }
}

/** What a caller learns of a request that was refused before its operation began. */
export function refusalOf(error: unknown): GraphQLFormattedError & { readonly extensions: { code: string } } {
  return error instanceof PlatformError
    ? { message: error.message, extensions: { code: error.code } }
    : { message: 'Something went wrong here.', extensions: { code: 'INTERNAL_ERROR' } };
}
