import { PlatformError } from '@medigraph/platform/errors';

/** There is no such claim, or the caller is none of its parties: the two are told alike. */
export class ClaimNotFound extends PlatformError {
  constructor(id: string) {
    super('CLAIM_NOT_FOUND', `There is no claim ${id} of yours.`);
  }
}

/** There is no such coverage, or none that the caller may use. */
export class CoverageNotFound extends PlatformError {
  constructor(id: string) {
    super('COVERAGE_NOT_FOUND', `There is no coverage ${id}.`);
  }
}
