import { PlatformError } from '@medigraph/platform/errors';

/** There is no such DApp, or not for the caller. */
export class DAppNotFound extends PlatformError {
  constructor(dapp: string) {
    super('DAPP_NOT_FOUND', `There is no DApp ${dapp.slice(0, 40)}.`);
  }
}

/** No version of the DApp runs. */
export class DAppNotActive extends PlatformError {
  constructor(dapp: string) {
    super('DAPP_NOT_ACTIVE', `No version of DApp ${dapp} runs.`);
  }
}

/** The end of the DApp that its publisher announced has come. */
export class DAppEnded extends PlatformError {
  constructor(dapp: string) {
    super('DAPP_ENDED', `DApp ${dapp} has ended, as its publisher announced.`);
  }
}

/** The consortium has stopped the DApp. */
export class DAppRevoked extends PlatformError {
  constructor(dapp: string) {
    super('DAPP_REVOKED', `The consortium has stopped DApp ${dapp}.`);
  }
}

/** The DApp has no such web hook that was ever served. */
export class WebhookNotFound extends PlatformError {
  constructor(dapp: string, event: string) {
    super('WEBHOOK_NOT_FOUND', `DApp ${dapp} has no web hook for ${event.slice(0, 64)} there.`);
  }
}

/** The DApp asks for no such scope. */
export class ScopeUnknown extends PlatformError {
  constructor(scope: string) {
    super('SCOPE_UNKNOWN', `The DApp asks for no scope ${scope.slice(0, 128)}.`);
  }
}

/** A scope that the DApp requires is not granted. */
export class ScopeRequired extends PlatformError {
  constructor(scope: string) {
    super('SCOPE_REQUIRED', `Scope ${scope} must be granted.`);
  }
}

/** The publisher is another organisation's. */
export class PublisherImpersonated extends PlatformError {
  constructor(publisher: string) {
    super('PUBLISHER_IMPERSONATED', `You do not act for publisher ${publisher}.`);
  }
}
