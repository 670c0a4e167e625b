import { PlatformError } from '../errors/index.js';
import { type ConnectionProfile } from '../ledger/index.js';

type Channels = Pick<ConnectionProfile, 'channels'>;

/** A contract suite on a channel. */
export interface SuitePlace {
  readonly channel: string;
  readonly chaincode: string;
  /** Organisation of the insurer, on a claims channel. */
  readonly insurerMspId?: string;
}

/** The network's channels and suites do not allow what was asked. */
export class SuiteNotFound extends PlatformError {
  constructor(message: string) {
    super('SUITE_NOT_FOUND', message);
  }
}

/** Every channel that a suite runs on, by name. */
export function placesOf(network: Channels, suite: string): SuitePlace[] {
  return Object.entries(network.channels)
    .flatMap(([channel, { suites, insurer }]) => {
      const chaincode = suites[suite];
      return chaincode === undefined ? [] : [{ channel, chaincode, insurerMspId: insurer }];
    })
    .sort((a, b) => (a.channel < b.channel ? -1 : 1));
}

/**
 * The one place of a suite that runs on a single channel.
 * @throws {@link SuiteNotFound}
 */
export function placeOf(network: Channels, suite: string): SuitePlace {
  const places = placesOf(network, suite);
  const [place] = places;
  if (!place || places.length > 1)
    throw new SuiteNotFound(`Suite ${suite} must run on one channel; it runs on ${places.length}.`);
  return place;
}
