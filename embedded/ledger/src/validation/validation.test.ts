import { prepareEmbedded } from '@medigraph/network';
import { randomBytes } from 'node:crypto';
import { openAction, openEnvelope } from './transaction-content.js';
import { type RawClient } from '../testing/raw-client.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { ChannelHeader, Envelope, Payload, SignatureHeader } from '../wire/common.js';
import { KVRWSet, TxReadWriteSet } from '../wire/rwset.js';
import {
  ChaincodeAction,
  ChaincodeActionPayload,
  ProposalResponsePayload,
  Transaction,
  validationCode,
} from '../wire/transaction.js';
import { toLowS } from '../crypto/low-s.js';
import { FilteredBlock } from '../wire/services.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;

describe('validation of transactions', () => {
  let network: TestNetwork;
  let client: RawClient;
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
    client = await network.raw();
  });
  afterAll(() => network.close());

  const endorsed = async (
    args: string[],
    organizations?: string[],
    chaincode = 'sample',
    channel = 'main',
  ) => {
    const proposal = await client.propose(channel, chaincode, args);
    return { id: proposal.id, envelope: await client.endorse(proposal, organizations) };
  };
  /** Signs and orders an envelope as it is; the code it gets. */
  const commit = async (id: string, envelope: Buffer, channel = 'main') => {
    expect((await client.broadcast(await client.signEnvelope(envelope))).status).toBe(200);
    return (await client.commitStatus(channel, id)).result;
  };
  const withChannelHeader = (envelope: Buffer, change: Parameters<typeof ChannelHeader.encode>[0]) => {
    const { header, data, channelHeader } = openEnvelope(envelope);
    const changed = { ...header, channelHeader: ChannelHeader.encode({ ...channelHeader, ...change }) };
    return Envelope.encode({ payload: Payload.encode({ header: changed, data }) });
  };
  type ActionPayload = ReturnType<typeof ChaincodeActionPayload.decode>;
  const withAction = (envelope: Buffer, change: (action: ActionPayload) => ActionPayload) => {
    const { header, data } = openEnvelope(envelope);
    const actions = Transaction.decode(data).actions.map((action) => ({
      ...action,
      payload: ChaincodeActionPayload.encode(change(ChaincodeActionPayload.decode(action.payload))),
    }));
    return Envelope.encode({ payload: Payload.encode({ header, data: Transaction.encode({ actions }) }) });
  };
  const withResults = (
    envelope: Buffer,
    change: (action: ReturnType<typeof ChaincodeAction.decode>) => object,
  ) =>
    withAction(envelope, ({ chaincodeProposalPayload, action }) => {
      const payload = ProposalResponsePayload.decode(action?.proposalResponsePayload ?? Buffer.alloc(0));
      const extension = ChaincodeAction.encode(change(ChaincodeAction.decode(payload.extension)));
      const proposalResponsePayload = ProposalResponsePayload.encode({ ...payload, extension });
      return {
        chaincodeProposalPayload,
        action: { endorsements: action?.endorsements ?? [], proposalResponsePayload },
      };
    });

  test('VALID', async () => {
    expect(await client.transact('main', 'sample', ['put', 'v', '1'])).toBe(validationCode.VALID);
  });

  test('DUPLICATE_TXID for a transaction sent again, and the endorsers refuse its proposal', async () => {
    const proposal = await client.propose('main', 'sample', ['put', 'again', '1']);
    const envelope = await client.signEnvelope(await client.endorse(proposal));
    await client.submit('main', envelope);
    const first = await client.commitStatus('main', proposal.id);
    expect(first.result).toBe(validationCode.VALID);
    await client.submit('main', envelope);
    expect(await client.transact('main', 'sample', ['put', 'after', '1'])).toBe(validationCode.VALID);
    const height = network.ledger.heights()['main'] ?? 0;
    const codes: number[] = [];
    const answers = await client.deliver(
      'main',
      { start: position({ specified: { number: first.blockNumber + 1 } }), stop: position({ newest: {} }) },
      'filtered',
    );
    expect(answers).toHaveLength(height - first.blockNumber);
    for (const { filteredBlock } of answers) codes.push(...codesOf(filteredBlock, proposal.id));
    expect(codes).toEqual([validationCode.DUPLICATE_TXID]);
    // What it is answered with stays what it was.
    expect(await client.commitStatus('main', proposal.id)).toEqual(first);
    await expect(client.endorse(proposal)).rejects.toMatchObject({ code: 10 });
  });

  test('ENDORSEMENT_POLICY_FAILURE with too few endorsements, or the same one twice', async () => {
    const alone = await endorsed(['put', 'e', '1'], ['AlphaMSP']);
    expect(await commit(alone.id, alone.envelope)).toBe(validationCode.ENDORSEMENT_POLICY_FAILURE);
    const twice = await endorsed(['put', 'e', '2'], ['BetaMSP']);
    const doubled = withAction(twice.envelope, ({ chaincodeProposalPayload, action }) => ({
      chaincodeProposalPayload,
      action: action && { ...action, endorsements: [...action.endorsements, ...action.endorsements] },
    }));
    expect(await commit(twice.id, doubled)).toBe(validationCode.ENDORSEMENT_POLICY_FAILURE);
  });

  test('ENDORSEMENT_POLICY_FAILURE when the results were changed after endorsement', async () => {
    const { id, envelope } = await endorsed(['put', 'forged', '1']);
    const rwset = KVRWSet.encode({
      writes: [{ key: 'forged', isDelete: false, value: Buffer.from('million') }],
    });
    const results = TxReadWriteSet.encode({
      nsRwset: [{ namespace: 'sample', rwset, collectionHashedRwset: [] }],
    });
    const forged = withResults(envelope, (action) => ({ ...action, results }));
    expect(await commit(id, forged)).toBe(validationCode.ENDORSEMENT_POLICY_FAILURE);
    expect(await client.evaluate(await client.propose('main', 'sample', ['get', 'forged']))).toBe('');
  });

  test('ENDORSEMENT_POLICY_FAILURE for endorsements by clients', async () => {
    const { id, envelope } = await endorsed(['put', 'e', '3'], ['AlphaMSP']);
    const beta = await network.raw('BetaMSP');
    const content = openAction(openEnvelope(envelope).data);
    const signature = await beta.sign(Buffer.concat([content.responsePayload, beta.creator]));
    const withClient = withAction(envelope, ({ chaincodeProposalPayload, action }) => ({
      chaincodeProposalPayload,
      action: action && {
        ...action,
        endorsements: [...action.endorsements, { endorser: beta.creator, signature }],
      },
    }));
    expect(await commit(id, withClient)).toBe(validationCode.ENDORSEMENT_POLICY_FAILURE);
  });

  test('INVALID_CHAINCODE for a write into a namespace that does not exist', async () => {
    const { id, envelope } = await endorsed(['put', 'n', '1']);
    const rwset = KVRWSet.encode({ writes: [{ key: 'n', isDelete: false, value: Buffer.from('1') }] });
    const results = TxReadWriteSet.encode({
      nsRwset: [{ namespace: 'nobody', rwset, collectionHashedRwset: [] }],
    });
    const code = await commit(
      id,
      withResults(envelope, (action) => ({ ...action, results })),
    );
    // Namespaces are checked one after the other: either refusal is right, and none is VALID.
    expect([validationCode.INVALID_CHAINCODE, validationCode.ENDORSEMENT_POLICY_FAILURE]).toContain(code);
  });

  test.each([
    ['ILLEGAL_WRITESET', ['sample', 'sample']],
    ['ENDORSEMENT_POLICY_FAILURE', ['sample', 'other']],
  ] as const)('%s for namespaces %s', async (code, namespaces) => {
    const { id, envelope } = await endorsed(['put', 'n', '1']);
    const rwset = KVRWSet.encode({ writes: [{ key: 'n', isDelete: false, value: Buffer.from('1') }] });
    const nsRwset = namespaces.map((namespace) => ({ namespace, rwset, collectionHashedRwset: [] }));
    const results = TxReadWriteSet.encode({ nsRwset });
    expect(
      await commit(
        id,
        withResults(envelope, (action) => ({ ...action, results })),
      ),
    ).toBe(validationCode[code]);
  });

  test('BAD_RWSET for results that cannot be read', async () => {
    const { id, envelope } = await endorsed(['put', 'r', '1']);
    const broken = withResults(envelope, (action) => ({ ...action, results: Buffer.from('12ff', 'hex') }));
    expect(await commit(id, broken)).toBe(validationCode.BAD_RWSET);
  });

  test('INVALID_CHAINCODE when another chaincode is said to have answered', async () => {
    const { id, envelope } = await endorsed(['put', 'c', '1']);
    const chaincodeId = { name: 'other', version: '1.0', path: '' };
    const other = withResults(envelope, (action) => ({ ...action, chaincodeId }));
    expect(await commit(id, other)).toBe(validationCode.INVALID_CHAINCODE);
  });

  test('INVALID_OTHER_REASON for an event in the name of another chaincode', async () => {
    const { id, envelope } = await endorsed(['emit', 'c', 'E', '1']);
    const events = Buffer.from('0a056f74686572', 'hex');
    const other = withResults(envelope, (action) => ({ ...action, events }));
    expect(await commit(id, other)).toBe(validationCode.INVALID_OTHER_REASON);
  });

  test('INVALID_ENDORSER_TRANSACTION when the proposal was changed, or there are two actions', async () => {
    const changed = await endorsed(['put', 'p', '1']);
    const other = withAction(changed.envelope, ({ action }) => ({
      chaincodeProposalPayload: Buffer.from('0a00', 'hex'),
      action,
    }));
    expect(await commit(changed.id, other)).toBe(validationCode.INVALID_ENDORSER_TRANSACTION);
    const double = await endorsed(['put', 'p', '2']);
    const { header, data } = openEnvelope(double.envelope);
    const { actions } = Transaction.decode(data);
    const two = Transaction.encode({ actions: [...actions, ...actions] });
    const envelope = Envelope.encode({ payload: Payload.encode({ header, data: two }) });
    expect(await commit(double.id, envelope)).toBe(validationCode.INVALID_ENDORSER_TRANSACTION);
  });

  test('BAD_PROPOSAL_TXID, BAD_COMMON_HEADER, TARGET_CHAIN: headers that were changed', async () => {
    const id = randomBytes(32).toString('hex');
    const wrongId = withChannelHeader((await endorsed(['put', 'h', '1'])).envelope, { txId: id });
    expect(await commit(id, wrongId)).toBe(validationCode.BAD_PROPOSAL_TXID);
    const epoch = await endorsed(['put', 'h', '2']);
    expect(await commit(epoch.id, withChannelHeader(epoch.envelope, { epoch: 7 }))).toBe(
      validationCode.BAD_COMMON_HEADER,
    );
    // Endorsed on one channel, sent to another: the proposal's hash no longer fits.
    const elsewhere = await endorsed(['put', 'h', '3']);
    expect(
      await commit(elsewhere.id, withChannelHeader(elsewhere.envelope, { channelId: 'narrow' }), 'narrow'),
    ).toBe(validationCode.INVALID_ENDORSER_TRANSACTION);
  });

  test('MVCC_READ_CONFLICT for the second of two that read the same', async () => {
    await client.transact('main', 'sample', ['put', 'counter', '10']);
    const [one, two] = [await endorsed(['add', 'counter', '1']), await endorsed(['add', 'counter', '5'])];
    expect(await commit(one.id, one.envelope)).toBe(validationCode.VALID);
    expect(await commit(two.id, two.envelope)).toBe(validationCode.MVCC_READ_CONFLICT);
    expect(await client.evaluate(await client.propose('main', 'sample', ['get', 'counter']))).toBe('11');
  });

  test('MVCC_READ_CONFLICT within one block, and of a key that did not exist', async () => {
    const proposals = await Promise.all(Array.from({ length: 8 }, () => endorsed(['add', 'fresh', '1'])));
    const codes = await Promise.all(proposals.map(({ id, envelope }) => commit(id, envelope)));
    expect(codes.filter((code) => code === validationCode.VALID)).toHaveLength(1);
    expect(codes.filter((code) => code === validationCode.MVCC_READ_CONFLICT)).toHaveLength(7);
  });

  test.each([
    ['inserted', ['put', 'ph-3', 'x']],
    ['changed', ['put', 'ph-1', 'y']],
    ['removed', ['remove', 'ph-2']],
  ])('PHANTOM_READ_CONFLICT when a key of a range was %s', async (_, change) => {
    for (const key of ['ph-1', 'ph-2']) await client.transact('main', 'sample', ['put', key, key]);
    const counting = await endorsed(['count', 'ph-', 'ph-~', 'phantoms']);
    expect(await client.transact('main', 'sample', change)).toBe(validationCode.VALID);
    expect(await commit(counting.id, counting.envelope)).toBe(validationCode.PHANTOM_READ_CONFLICT);
  });

  test('a large range is kept as hashes, and its phantoms are found too', async () => {
    await client.transact('main', 'sample', ['putMany', 'big-', '3000']);
    const still = await endorsed(['count', 'big-', 'big-~', 'bigs']);
    expect(await commit(still.id, still.envelope)).toBe(validationCode.VALID);
    const moved = await endorsed(['count', 'big-', 'big-~', 'bigs']);
    await client.transact('main', 'sample', ['put', 'big-02999', 'changed']);
    expect(await commit(moved.id, moved.envelope)).toBe(validationCode.PHANTOM_READ_CONFLICT);
  });

  test('the orderer refuses what is not signed by a member, is malformed or too large', async () => {
    const { envelope } = await endorsed(['put', 'o', '1']);
    const { payload } = Envelope.decode(envelope);
    const wrong = Envelope.encode({ payload, signature: await client.sign(Buffer.from('something else')) });
    expect((await client.broadcast(wrong)).status).toBe(403);
    expect((await client.broadcast(Buffer.from('ff', 'hex'))).status).toBe(400);
    const gamma = await network.raw('GammaMSP');
    const narrow = withChannelHeader(envelope, { channelId: 'narrow' });
    expect((await gamma.broadcast(await gamma.signEnvelope(withCreator(narrow, gamma.creator)))).status).toBe(
      403,
    );
    const unknown = withChannelHeader(envelope, { channelId: 'nowhere' });
    expect(await client.broadcast(await client.signEnvelope(unknown))).toEqual({
      status: 400,
      info: 'channel does not exist',
    });
    const large = Envelope.encode({
      payload: Payload.encode({ ...Payload.decode(payload), data: randomBytes(1_100_000) }),
    });
    expect((await client.broadcast(await client.signEnvelope(large))).status).toBe(400);
    await expect(client.submit('main', wrong)).rejects.toMatchObject({ code: 10 });
  });

  test('a signature with a high s is refused', async () => {
    const { envelope } = await endorsed(['put', 's', '1']);
    const { payload } = Envelope.decode(envelope);
    const high = highS(await client.sign(payload));
    expect(toLowS(high).equals(high)).toBe(false);
    expect((await client.broadcast(Envelope.encode({ payload, signature: high }))).status).toBe(403);
  });
});

const withCreator = (envelope: Buffer, creator: Buffer) => {
  const { header, data, signatureHeader } = openEnvelope(envelope);
  const changed = { ...header, signatureHeader: SignatureHeader.encode({ ...signatureHeader, creator }) };
  return Envelope.encode({ payload: Payload.encode({ header: changed, data }) });
};

function position(given: object) {
  return { newest: undefined, oldest: undefined, specified: undefined, nextCommit: undefined, ...given };
}

/** Codes of a transaction in a filtered block. */
function codesOf(filteredBlock: Buffer, id: string): number[] {
  return FilteredBlock.decode(filteredBlock)
    .filteredTransactions.filter(({ txid }) => txid === id)
    .map(({ txValidationCode }) => txValidationCode);
}

/** The other signature that verifies: s replaced by the group's order less s. */
function highS(signature: Buffer): Buffer {
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const rEnd = 4 + (signature[3] ?? 0);
  const s = order - BigInt(`0x${signature.subarray(rEnd + 2).toString('hex')}`);
  const digits = Buffer.from(s.toString(16).padStart(64, '0'), 'hex');
  const padded = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
  const body = Buffer.concat([signature.subarray(2, rEnd), Buffer.of(2, padded.length), padded]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}
