import { randomBytes } from 'node:crypto';
import { type Channel } from '../channel.js';
import { ChannelConfig } from '../config/channel-config.js';
import { UnsupportedCapabilityError } from '../config/capabilities.js';
import { checkTransition } from '../config/config-transition.js';
import { applyUpdate } from '../config/config-update.js';
import { type MspCache } from '../config/msp-cache.js';
import { reasonOf } from '../errors.js';
import { hasExpired } from '../msp/identity.js';
import { type SigningIdentity } from '../msp/signing-identity.js';
import { PolicyNotSatisfiedError } from '../policy/policy-manager.js';
import { openEnvelope } from '../validation/transaction-content.js';
import { ChannelHeader, Envelope, headerType, Payload, SignatureHeader, status } from '../wire/common.js';
import { ConfigEnvelope, ConfigUpdateEnvelope } from '../wire/config.js';

/** Why an orderer does not take a message. */
export class NotAdmittedError extends Error {
  constructor(
    /** Of `common.Status`. */
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A change of configuration as it is ordered. */
export interface AdmittedUpdate {
  /** `Envelope` of type CONFIG, signed by the orderer. */
  readonly bytes: Buffer;
  readonly size: number;
  readonly config: ChannelConfig;
}

/** A message taken apart. */
export type OpenedEnvelope = ReturnType<typeof openEnvelope>;

/** Bytes of a message that count for sizes. */
export const sizeOf = ({ payload, signature }: Envelope): number => payload.length + signature.length;

const badRequest = (message: string, cause?: unknown) =>
  new NotAdmittedError(status.badRequest, message, { cause });

/**
 * The filters in front of an orderer: a message has content, is not too large, and comes from somebody who may write.
 * @throws {@link NotAdmittedError}.
 */
export function admit(
  { config }: Pick<Channel, 'config'>,
  { envelope, signatureHeader }: OpenedEnvelope,
): void {
  if (envelope.payload.length === 0) throw badRequest('Message was empty');
  const size = sizeOf(envelope);
  const { absoluteMaxBytes } = config.orderer.batch;
  if (size > absoluteMaxBytes)
    throw badRequest(
      `message payload is ${size} bytes and exceeds maximum allowed ${absoluteMaxBytes} bytes`,
    );
  const identity = config.members.find(signatureHeader.creator);
  if (identity !== undefined && hasExpired(identity)) throw badRequest('broadcast client identity expired');
  const { payload: data, signature } = envelope;
  try {
    config.policies.evaluate('/Channel/Writers', [{ identity: signatureHeader.creator, data, signature }]);
  } catch (error) {
    if (!(error instanceof PolicyNotSatisfiedError)) throw error;
    throw new NotAdmittedError(status.forbidden, `${error.message}: permission denied`, { cause: error });
  }
}

/**
 * Makes of a CONFIG_UPDATE the configuration that follows the channel's present one.
 * @throws {@link NotAdmittedError}.
 */
export async function admitUpdate(
  channel: Channel,
  opened: OpenedEnvelope,
  signer: SigningIdentity,
  msps: MspCache,
): Promise<AdmittedUpdate> {
  prefixed('config update for existing channel did not pass initial checks', () => admit(channel, opened));
  try {
    const { envelope, channelHeader, data } = opened;
    if (channelHeader.type !== headerType.configUpdate)
      throw new Error('error converting envelope to config update: invalid type');
    const config = applyUpdate(channel.config, ConfigUpdateEnvelope.decode(data));
    const next = await openNext(channel, config, msps);
    const signed = signConfig(channel.name, ConfigEnvelope.encode({ config, lastUpdate: envelope }), signer);
    const result = openEnvelope(signed);
    prefixed('config update for existing channel did not pass final checks', () => admit(channel, result));
    return { bytes: signed, size: sizeOf(result.envelope), config: next };
  } catch (error) {
    if (error instanceof NotAdmittedError) throw error;
    throw badRequest(
      `error applying config update to existing channel '${channel.name}': ${reasonOf(error)}`,
      error,
    );
  }
}

async function openNext(
  channel: Channel,
  config: ChannelConfig['config'],
  msps: MspCache,
): Promise<ChannelConfig> {
  try {
    const next = await ChannelConfig.open(channel.name, config, msps);
    checkTransition(channel.config, next);
    return next;
  } catch (error) {
    if (!(error instanceof UnsupportedCapabilityError)) throw error;
    throw new Error(`config update is not compatible: ${error.message}`, { cause: error });
  }
}

function prefixed(what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof NotAdmittedError)) throw error;
    throw new NotAdmittedError(error.status, `${what}: ${error.message}`, { cause: error });
  }
}

function signConfig(channelId: string, data: Buffer, signer: SigningIdentity): Buffer {
  const now = Date.now();
  const header = {
    channelHeader: ChannelHeader.encode({
      type: headerType.config,
      channelId,
      timestamp: { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1_000_000 },
    }),
    signatureHeader: SignatureHeader.encode({ creator: signer.serialized, nonce: randomBytes(24) }),
  };
  const payload = Payload.encode({ header, data });
  return Envelope.encode({ payload, signature: signer.sign(payload) });
}
