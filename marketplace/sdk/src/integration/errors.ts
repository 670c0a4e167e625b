/** The tests were run by something else than `medigraph dapp test`. */
export class NetworkMissing extends Error {
  override readonly name = 'NetworkMissing';
  readonly code = 'NETWORK_MISSING';

  constructor(options?: ErrorOptions) {
    super('there is no network to test on: run the tests with medigraph dapp test', options);
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
