import { PlatformError } from '@medigraph/platform/errors';

/** The metadata of a DApp's contracts are not what a graph can be made of. */
export class DAppMetadataInvalid extends PlatformError {
  /** @param where - place in the metadata. */
  constructor(where: string, what: string, options?: ErrorOptions) {
    super('DAPP_METADATA_INVALID', `${where}: ${what}`, options);
  }
}

/** The contracts that run are others than those of the manifest. */
export class DAppContractsMismatch extends PlatformError {
  constructor(named: readonly string[], found: readonly string[]) {
    super(
      'DAPP_CONTRACTS_MISMATCH',
      `The manifest names the contracts ${named.join(', ')}; the metadata have ${found.join(', ') || 'none'}.`,
    );
  }
}

/** What the manifest says of the graph does not fit the metadata. */
export class DAppGraphInvalid extends PlatformError {
  /** @param where - place in the manifest's `graph`. */
  constructor(where: string, what: string) {
    super('DAPP_GRAPH_INVALID', `graph.${where}: ${what}`);
  }
}

/** Two things of a DApp would have one name. */
export class DAppNameCollision extends PlatformError {
  constructor(name: string, one: string, other: string) {
    super(
      'DAPP_NAME_COLLISION',
      `${name} would be both ${one} and ${other}; give one of them another name in graph.names, or hide it.`,
    );
  }
}

/** The graph could not be served with a change of a DApp. */
export class DAppGraphRefused extends PlatformError {
  constructor(dapp: string, what: string, options?: ErrorOptions) {
    super('DAPP_GRAPH_REFUSED', `With ${dapp} the graph could not be served: ${what}`, options);
  }
}

/** Whoever calls has not installed the DApp. */
export class DAppNotInstalled extends PlatformError {
  override readonly extensions: { readonly dapp: string };

  constructor(dapp: string) {
    super('DAPP_NOT_INSTALLED', `You have no DApp ${dapp} installed.`);
    this.extensions = { dapp };
  }
}

/** A contract of a DApp refused a call. Its code is told beside ours, never in the place of ours. */
export class DAppRefused extends PlatformError {
  override readonly extensions: { readonly dapp: string; readonly dappCode?: string };

  constructor(
    dapp: string,
    refusal: { readonly code?: string; readonly message: string },
    options?: ErrorOptions,
  ) {
    super('DAPP_REFUSED', refusal.message, options);
    this.extensions = { dapp, ...(refusal.code !== undefined && { dappCode: refusal.code }) };
  }
}

/** A contract of a DApp answered something else than its metadata promise. */
export class DAppResultInvalid extends PlatformError {
  /** With the transaction, where one was committed all the same. */
  override readonly extensions: { readonly dapp: string; readonly transactionId?: string };

  /** @param where - place in the answer. */
  constructor(
    dapp: string,
    where: string,
    what: string,
    { transactionId, ...options }: ErrorOptions & { readonly transactionId?: string } = {},
  ) {
    super('DAPP_RESULT_INVALID', `${where}: ${what}`, options);
    this.extensions = { dapp, ...(transactionId !== undefined && { transactionId }) };
  }
}
