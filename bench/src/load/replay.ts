import { Client, credentials } from '@grpc/grpc-js';
import { CommitError, connect, type Gateway, signers, StatusCode } from '@hyperledger/fabric-gateway';
import { type ConnectionProfile, type LedgerIdentity, type SubmitRequest } from '@medigraph/platform/ledger';
import { type RecordedStep } from './recording-ledger.js';

/** Bare gateways on an embedded network: a connection for each organisation, a gateway for each signer. */
class BareGateways {
  readonly #profile: ConnectionProfile;
  readonly #clients = new Map<string, Client>();
  readonly #gateways = new Map<string, Gateway>();

  constructor(profile: ConnectionProfile) {
    this.#profile = profile;
  }

  of({ mspId, certificate, privateKey }: LedgerIdentity): Gateway {
    const known = this.#gateways.get(certificate);
    if (known) return known;
    const gateway = connect({
      client: this.#clientOf(mspId),
      identity: { mspId, credentials: Buffer.from(certificate) },
      signer: signers.newPrivateKeySigner(privateKey),
    });
    this.#gateways.set(certificate, gateway);
    return gateway;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  #clientOf(mspId: string): Client {
    const known = this.#clients.get(mspId);
    if (known) return known;
    const address = this.#profile.organizations[mspId]?.peers[0]?.address ?? '';
    const client = new Client(address, credentials.createInsecure(), {
      'grpc.max_send_message_length': 100 * 1024 * 1024,
    });
    this.#clients.set(mspId, client);
    return client;
  }
}

const conflicts: ReadonlySet<number> = new Set([
  StatusCode.MVCC_READ_CONFLICT,
  StatusCode.PHANTOM_READ_CONFLICT,
]);

/** One recorded transaction; one that loses to another is submitted again, as the platform's client does it too. */
async function submitRecorded(gateways: BareGateways, request: SubmitRequest): Promise<void> {
  const { channel, chaincode, contract, transaction, argument, signer } = request;
  const target = gateways.of(signer).getNetwork(channel).getContract(chaincode, contract);
  for (;;) {
    try {
      await target.submitTransaction(transaction, JSON.stringify(argument));
      return;
    } catch (error) {
      if (!(error instanceof CommitError && conflicts.has(error.code))) throw error;
    }
  }
}

/**
 * Submits what was recorded, by a bare gateway client: each transaction once all those are committed that were before it
 * began in the recording, so with the same overlap. Resolves when the last is committed.
 */
export async function replay(steps: readonly RecordedStep[], profile: ConnectionProfile): Promise<void> {
  const gateways = new BareGateways(profile);
  const submitted = new Map<number, Promise<unknown>>();
  try {
    for (const step of steps) {
      if ('committed' in step) {
        await submitted.get(step.committed);
        submitted.delete(step.committed);
        continue;
      }
      const submit = submitRecorded(gateways, step.request);
      // Awaited at its step; until then a failure must not count as unhandled.
      submit.catch(() => undefined);
      submitted.set(step.begins, submit);
    }
  } finally {
    await Promise.allSettled(submitted.values());
    gateways.close();
  }
}
