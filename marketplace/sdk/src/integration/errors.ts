/** The tests were run by something else than `medigraph dapp test`. */
export class NetworkMissing extends Error {
  override readonly name = 'NetworkMissing';
  readonly code = 'NETWORK_MISSING';

  constructor(options?: ErrorOptions) {
    super('there is no network to test on: run the tests with medigraph dapp test', options);
  }
}

/** An error as a graph answers it. */
export interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly dappCode?: string };
}

/** The graph answered with errors. */
export class GraphRefusal extends Error {
  override readonly name = 'GraphRefusal';
  /** Of the platform, such as `DAPP_REFUSED`. */
  readonly code: string;
  /** Of the DApp's own contract, where one refused. */
  readonly dappCode: string | undefined;

  constructor(readonly errors: readonly GraphError[]) {
    super(errors.map(({ message }) => message).join('; '));
    const [first] = errors;
    this.code = first?.extensions?.code ?? 'GRAPH_ERROR';
    this.dappCode = first?.extensions?.dappCode;
  }
}

/** A subscription told of nothing for as long as a test waits. */
export class EventMissing extends Error {
  override readonly name = 'EventMissing';
  readonly code = 'EVENT_MISSING';

  constructor(milliseconds: number) {
    super(`no event came within ${milliseconds / 1000} s`);
  }
}
