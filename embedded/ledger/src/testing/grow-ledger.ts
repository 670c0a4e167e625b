import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { openChannel } from '../channel-opening.js';
import { commitBlock } from '../committer/committer.js';
import { MspCache } from '../config/msp-cache.js';
import { sha256 } from '../crypto/hash.js';
import { transactionIdOf } from '../endorser/proposal.js';
import { ConfigurationError } from '../errors.js';
import { silentLog } from '../log.js';
import { Msp } from '../msp/msp.js';
import { SigningIdentity } from '../msp/signing-identity.js';
import { type LedgerNetwork } from '../network.js';
import { buildBlock } from '../orderer/block-builder.js';
import { ChannelHeader, Envelope, headerType, Payload, SignatureHeader } from '../wire/common.js';
import { KVRWSet, TxReadWriteSet } from '../wire/rwset.js';
import {
  ChaincodeAction,
  ChaincodeActionPayload,
  ChaincodeHeaderExtension,
  ChaincodeInvocationSpec,
  ChaincodeProposalPayload,
  ProposalResponsePayload,
  Transaction,
} from '../wire/transaction.js';

export interface GrowthOptions {
  readonly network: LedgerNetwork;
  /** As in `LedgerOptions`; nobody serves it meanwhile. */
  readonly dataFolder: string;
  readonly channel: string;
  readonly chaincode: string;
  /** Local MSP folder of the client that signs, and its organisation. */
  readonly creator: { readonly mspId: string; readonly msp: string };
  /** MSP ids of those whose peers endorse: enough for the chaincode's policy. */
  readonly endorsers: readonly string[];
  /** How many to add. */
  readonly transactions: number;
  /** Bytes of the value that each writes, to a key of its own. */
  readonly valueBytes?: number;
  readonly onBlock?: (transactions: number) => void;
}

const transactionsInBlock = 500;

/**
 * Adds transactions to a channel without any of its servers: made as a client, endorsers and the orderer would make them,
 * signed by all of these, then validated and committed as any block is. For ledgers of a size that would take hours.
 */
export async function growLedger(options: GrowthOptions): Promise<void> {
  const { network, dataFolder, channel: name, transactions, onBlock } = options;
  const description = network.channels[name];
  if (description === undefined) throw new ConfigurationError(`the network has no channel ${name}`);
  const signers = await openSigners(options);
  const channel = await openChannel(
    name,
    { genesisFile: description.genesis },
    new MspCache(),
    path.join(dataFolder, name),
    {
      durable: false,
    },
  );
  try {
    for (let made = 0; made < transactions;) {
      const count = Math.min(transactionsInBlock, transactions - made);
      const { store } = channel;
      const envelopes = Array.from({ length: count }, () => envelopeOf(options, signers));
      const block = buildBlock(
        signers.orderer,
        store.height,
        store.lastHash,
        envelopes,
        channel.lastConfigBlock,
      );
      await commitBlock(channel, block, silentLog);
      made += count;
      onBlock?.(made);
    }
  } finally {
    await channel.store.close();
  }
}

interface Signers {
  readonly creator: SigningIdentity;
  readonly endorsers: readonly SigningIdentity[];
  readonly orderer: SigningIdentity;
}

async function openSigners({ network, creator, endorsers }: GrowthOptions): Promise<Signers> {
  const { organizations, orderer } = network;
  const open = async (
    mspId: string,
    msp: string,
    folder: string | undefined,
    role: 'peer' | 'orderer' | 'client',
  ) => {
    if (folder === undefined) throw new ConfigurationError(`${mspId} has no node`);
    return SigningIdentity.open(await Msp.open(mspId, msp), folder, role);
  };
  const organizationOf = (mspId: string) => {
    const found = organizations[mspId];
    if (found === undefined) throw new ConfigurationError(`the network has no organisation ${mspId}`);
    return found;
  };
  return {
    creator: await open(creator.mspId, organizationOf(creator.mspId).msp, creator.msp, 'client'),
    endorsers: await Promise.all(
      endorsers.map((mspId) => {
        const { msp, peers } = organizationOf(mspId);
        return open(mspId, msp, Object.values(peers)[0]?.msp, 'peer');
      }),
    ),
    orderer: await open(orderer.mspId, orderer.msp, Object.values(orderer.nodes)[0]?.msp, 'orderer'),
  };
}

function envelopeOf({ channel, chaincode, valueBytes = 512 }: GrowthOptions, signers: Signers): Buffer {
  const { creator, endorsers } = signers;
  const signatureHeader = { creator: creator.serialized, nonce: randomBytes(24) };
  const id = transactionIdOf(signatureHeader);
  const chaincodeId = { name: chaincode, path: '', version: '1.0' };
  const now = Date.now();
  const header = {
    channelHeader: ChannelHeader.encode({
      type: headerType.endorserTransaction,
      txId: id,
      channelId: channel,
      timestamp: { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1_000_000 },
      extension: ChaincodeHeaderExtension.encode({ chaincodeId: { ...chaincodeId, version: '' } }),
    }),
    signatureHeader: SignatureHeader.encode(signatureHeader),
  };
  const input = { args: [Buffer.from('grow'), Buffer.from(id)], decorations: [], isInit: false };
  const chaincodeProposalPayload = ChaincodeProposalPayload.encode({
    input: ChaincodeInvocationSpec.encode({ chaincodeSpec: { type: 0, chaincodeId, input, timeout: 0 } }),
  });
  const key = `grown-${id}`;
  const rwset = KVRWSet.encode({
    reads: [{ key, version: undefined }],
    writes: [{ key, isDelete: false, value: randomBytes(valueBytes) }],
  });
  const extension = ChaincodeAction.encode({
    results: TxReadWriteSet.encode({
      nsRwset: [{ namespace: chaincode, rwset, collectionHashedRwset: [] }],
    }),
    response: { status: 200, message: '', payload: Buffer.from(id) },
    chaincodeId,
  });
  const proposalHash = sha256(header.channelHeader, header.signatureHeader, chaincodeProposalPayload);
  const proposalResponsePayload = ProposalResponsePayload.encode({ proposalHash, extension });
  const endorsements = endorsers.map((endorser) => ({
    endorser: endorser.serialized,
    signature: endorser.sign(Buffer.concat([proposalResponsePayload, endorser.serialized])),
  }));
  const action = ChaincodeActionPayload.encode({
    chaincodeProposalPayload,
    action: { proposalResponsePayload, endorsements },
  });
  const data = Transaction.encode({ actions: [{ header: header.signatureHeader, payload: action }] });
  const payload = Payload.encode({ header, data });
  return Envelope.encode({ payload, signature: creator.sign(payload) });
}
