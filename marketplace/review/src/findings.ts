import { type Finding } from '@medigraph/schema/dapps';

/** What checks look at, as {@link Finding} names them. */
export type Check =
  | 'manifest'
  | 'provenance'
  | 'licence'
  | 'static-analysis'
  | 'dependencies'
  | 'contracts'
  | 'tests'
  | 'determinism';

type Severity = Finding['severity'];

/** Characters of a message that the ledger keeps. */
const longestMessage = 1_000;
const longestLocation = 300;

/** One thing found. */
export const found = (
  check: Check,
  severity: Severity,
  code: string,
  message: string,
  location?: string,
): Finding => ({
  check,
  severity,
  code,
  message: message.slice(0, longestMessage),
  ...(location !== undefined && { location: location.slice(0, longestLocation) }),
});

/** A version is refused for these. */
export const refuses = (findings: readonly Finding[]): boolean =>
  findings.some(({ severity }) => severity === 'error');
