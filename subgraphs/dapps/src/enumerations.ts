import { enumerationOf } from '@medigraph/platform/graph';
import { registry } from '@medigraph/schema';
import { dappCategories } from '@medigraph/schema/dapps';

export const dappStatusEnum = enumerationOf(
  'DAppStatus',
  'SUBMITTED until a version runs, DEPRECATED once its end is announced, REVOKED when the consortium stopped it.',
  ['submitted', 'active', 'deprecated', 'revoked'],
);
export const releaseStatusEnum = enumerationOf(
  'DAppReleaseStatus',
  'What becomes of a version: SUBMITTED, CHECKED, APPROVED, ACTIVE; SUPERSEDED, REFUSED, REVOKED end it.',
  registry.versionStatuses,
);
export const dappCategoryEnum = enumerationOf(
  'DAppCategory',
  'What the marketplace files DApps under.',
  dappCategories,
);
export const checkSeverityEnum = enumerationOf(
  'CheckSeverity',
  'How bad a finding is: an ERROR refuses the version.',
  registry.checkSeverities,
);
export const checkOutcomeEnum = enumerationOf('CheckOutcome', 'What checks came to.', ['passed', 'failed']);
export const voteDecisionEnum = enumerationOf('VoteDecision', 'An organisation’s word.', [
  'approve',
  'refuse',
]);
export const publisherKeyStatusEnum = enumerationOf(
  'PublisherKeyStatus',
  'Whether a key signs what is published from now on.',
  ['active', 'revoked'],
);
export const priceModelEnum = enumerationOf('DAppPriceModel', 'How a DApp is paid for.', [
  'free',
  'once',
  'monthly',
  'yearly',
]);
export const installationStatusEnum = enumerationOf(
  'DAppInstallationStatus',
  'Whether an installation stands.',
  ['active', 'ended'],
);
export const dappChangeEnum = enumerationOf('DAppChangeKind', 'What became of a DApp.', [
  'published',
  'checked',
  'approved',
  'refused',
  'activated',
  'rollback-requested',
  'deprecated',
  'revocation-proposed',
  'revoked',
  'installed',
  'uninstalled',
  'rated',
]);
export const dappOrderEnum = enumerationOf(
  'DAppOrder',
  'By NAME; RECENT: whose running version was published last comes first; INSTALLATIONS: with the most; RATING: the best rated, where few ratings count less.',
  ['name', 'recent', 'installations', 'rating'],
);
