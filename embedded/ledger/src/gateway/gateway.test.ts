import { type ServiceError, status } from '@grpc/grpc-js';
import { EndorseError, GatewayError } from '@hyperledger/fabric-gateway';
import { prepareEmbedded } from '@medigraph/network';
import { type RawClient } from '../testing/raw-client.js';
import { readUser } from '../testing/client.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { ErrorDetail, RpcStatus } from '../wire/services.js';
import { validationCode } from '../wire/transaction.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;

describe('the gateway', () => {
  let network: TestNetwork;
  let client: RawClient;
  beforeAll(async () => {
    network = await TestNetwork.start({
      prepare,
      ledger: { executeTimeoutMs: 1_000, chaincodeStartTimeoutMs: 5_000 },
    });
    client = await network.raw();
  });
  afterAll(() => network.close());

  const failureOf = async (promise: Promise<unknown>) => {
    const error = (await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )) as ServiceError | undefined;
    const [encoded] = error?.metadata.get('grpc-status-details-bin') ?? [];
    const details = Buffer.isBuffer(encoded)
      ? RpcStatus.decode(encoded).details.map(({ value }) => ErrorDetail.decode(value))
      : [];
    return { code: error?.code, message: error?.details, details };
  };
  const proposal = (...args: string[]) => client.propose('main', 'sample', args);

  test('tells what the chaincode refused, and which peer said so', async () => {
    expect(await failureOf(client.endorse(await proposal('refuse', 'no')))).toEqual({
      code: status.ABORTED,
      message: 'failed to endorse transaction, see attached details for more info',
      details: [
        {
          address: network.ledger.peers['AlphaMSP'],
          mspId: 'AlphaMSP',
          message: 'chaincode response 500, no',
        },
      ],
    });
    expect(await failureOf(client.evaluate(await proposal('refuse', 'no')))).toMatchObject({
      code: status.UNKNOWN,
      message: 'evaluate call to endorser returned error: chaincode response 500, no',
      details: [{ mspId: 'AlphaMSP', message: 'chaincode response 500, no' }],
    });
  });

  test('gives the SDK errors that it understands', async () => {
    const contract = (await network.client()).gateway.getNetwork('main').getContract('sample');
    const endorsing = contract.submitTransaction('refuse', 'no');
    await expect(endorsing).rejects.toBeInstanceOf(EndorseError);
    await expect(endorsing).rejects.toMatchObject({ details: [{ message: 'chaincode response 500, no' }] });
    await expect(contract.evaluateTransaction('refuse', 'no')).rejects.toBeInstanceOf(GatewayError);
  });

  test('does not put together endorsements that differ', async () => {
    expect(await failureOf(client.endorse(await proposal('differ', 'd')))).toMatchObject({
      code: status.ABORTED,
      message: 'failed to collect enough transaction endorsements, see attached details for more info',
      details: [
        { message: 'ProposalResponsePayloads do not match' },
        { message: 'ProposalResponsePayloads do not match' },
      ],
    });
  });

  test('asks the organisations that the client names, and no others', async () => {
    expect(await failureOf(client.endorse(await proposal('put', 'a', '1'), ['NobodyMSP']))).toEqual({
      code: status.UNAVAILABLE,
      message: 'failed to find any endorsing peers for org(s): NobodyMSP',
      details: [],
    });
    expect(await client.transact('main', 'sample', ['put', 'a', '1'], ['BetaMSP', 'GammaMSP'])).toBe(
      validationCode.VALID,
    );
  });

  test.each([
    [
      'a wrong signature',
      { signature: Buffer.from('3006020101020101', 'hex') },
      'access denied: channel [main] creator org [AlphaMSP]',
    ],
    ['a wrong transaction id', { header: { txId: 'ab' } }, "incorrectly computed txid 'ab'"],
    ['an epoch', { header: { epoch: 1 } }, 'epoch is non-zero'],
    ['no nonce', { nonce: Buffer.alloc(0) }, 'nonce is empty'],
    ['another type', { header: { type: 2 } }, 'invalid header type CONFIG_UPDATE'],
    ['an unknown organisation', { creator: Buffer.from('0a034d6164120178', 'hex') }, 'creator org unknown'],
  ])('refuses a proposal with %s', async (_, overrides, reason) => {
    const wrong = await client.propose('main', 'sample', ['get', 'a'], overrides);
    const evaluating = await failureOf(client.evaluate(wrong));
    expect(evaluating.code).toBe(status.FAILED_PRECONDITION);
    expect(evaluating.message).toContain(reason);
    const endorsing = await failureOf(client.endorse(wrong));
    expect(endorsing.code).toBe(status.ABORTED);
    expect(endorsing.details[0]?.message).toContain(`error validating proposal: `);
  });

  test('refuses what is no proposal, or names what is not there', async () => {
    const garbage = { id: '', channel: 'main', bytes: Buffer.from('garbage') };
    expect((await failureOf(client.evaluate(garbage))).code).toBe(status.INVALID_ARGUMENT);
    expect((await failureOf(client.endorse({ ...garbage, bytes: Buffer.alloc(0) }))).code).toBe(
      status.INVALID_ARGUMENT,
    );
    const channel = await failureOf(client.evaluate(await client.propose('nowhere', 'sample', ['get', 'a'])));
    expect(channel).toEqual({
      code: status.UNAVAILABLE,
      message: 'failed to get config for channel [nowhere]: could not get last config for channel nowhere',
      details: [],
    });
    const chaincode = await failureOf(client.endorse(await client.propose('main', 'nobody', ['get', 'a'])));
    expect(chaincode).toEqual({
      code: status.FAILED_PRECONDITION,
      message:
        'no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode nobody in channel main',
      details: [],
    });
    expect(await failureOf(client.submit('main', Buffer.alloc(0)))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      message: 'a prepared transaction is required',
    });
    expect((await failureOf(client.submit('nowhere', await client.signEnvelope(Buffer.alloc(0))))).code).toBe(
      status.FAILED_PRECONDITION,
    );
  });

  const late = { seconds: Math.floor(Date.now() / 1000) - 1_200, nanos: 0 };
  test.each([
    ['20 minutes old', { timestamp: late }],
    ['without a time', { timestamp: undefined }],
  ])('every peer filters out a proposal %s', async (_, header) => {
    const wrong = await client.propose('main', 'sample', ['get', 'a'], { header });
    const filtered =
      /^request unauthorized due to incorrect timestamp .* peer\.authentication\.timewindow 15m0s$/;
    const evaluating = await failureOf(client.evaluate(wrong));
    expect(evaluating.code).toBe(status.UNAVAILABLE);
    expect(evaluating.details.map(({ mspId }) => mspId)).toEqual(['AlphaMSP', 'BetaMSP', 'GammaMSP']);
    expect(evaluating.details[0]?.message).toMatch(filtered);
    expect(evaluating.details[1]?.message).toMatch(/^rpc error: code = Unknown desc = request unauthorized/);
    const endorsing = await failureOf(client.endorse(wrong));
    expect(endorsing).toMatchObject({ code: status.ABORTED, details: [{ mspId: 'AlphaMSP' }] });
  });

  test('a peer is no writer: it may neither evaluate nor order', async () => {
    const peer = await readUser(
      'AlphaMSP',
      network.material('organizations/peerOrganizations/alpha.example/peers/peer0.alpha.example/msp'),
    );
    const asPeer = await network.raw('AlphaMSP', peer);
    const proposed = await asPeer.propose('main', 'sample', ['get', 'a']);
    const { code, message } = await failureOf(asPeer.evaluate(proposed));
    expect(code).toBe(status.FAILED_PRECONDITION);
    expect(message).toContain('with policy [/Channel/Application/Writers]');
    const envelope = await client.endorse(await proposal('put', 'b', '1'));
    expect(await client.broadcast(await asPeer.signEnvelope(envelope))).toMatchObject({ status: 403 });
  });

  test('knows only the channels of its own peer', async () => {
    const gamma = await network.raw('AlphaMSP', undefined, 'GammaMSP');
    const elsewhere = await client.propose('narrow', 'sample', ['get', 'a']);
    expect(await failureOf(gamma.evaluate(elsewhere))).toMatchObject({
      code: status.UNAVAILABLE,
      message: 'failed to get config for channel [narrow]: could not get last config for channel narrow',
    });
  });

  test('gives commit status to members alone', async () => {
    const gamma = await network.raw('GammaMSP', undefined, 'AlphaMSP');
    expect((await failureOf(gamma.commitStatus('narrow', 'ab'))).code).toBe(status.PERMISSION_DENIED);
    expect((await failureOf(client.commitStatus('nowhere', 'ab'))).code).toBe(status.PERMISSION_DENIED);
    expect((await failureOf(client.commitStatus('main', ''))).code).toBe(status.INVALID_ARGUMENT);
  });

  test('keeps transient data to its own organisation, and out of the transaction', async () => {
    const secret = await client.propose('main', 'sample', ['put', 't', '1'], { transient: true });
    const envelope = await client.endorse(secret);
    expect(envelope.includes('secret')).toBe(false);
    await client.submit('main', await client.signEnvelope(envelope));
    expect((await client.commitStatus('main', secret.id)).result).toBe(validationCode.VALID);
  });

  test('a chaincode that takes too long fails its transaction alone', async () => {
    const late = failureOf(client.evaluate(await proposal('hang', '3000'), ['AlphaMSP']));
    expect(await client.evaluate(await proposal('get', 'a'))).toBe('1');
    const { code, details } = await late;
    expect(code).toBe(status.ABORTED);
    expect(details[0]?.message).toMatch(/error sending: timeout expired while executing transaction$/);
  });

  test('a chaincode that dies in mid-transaction fails it, and works again once restarted', async () => {
    const dying = await failureOf(client.endorse(await proposal('die'), ['AlphaMSP', 'BetaMSP']));
    expect(dying.code).toBe(status.ABORTED);
    expect(dying.details[0]?.message).toMatch(/chaincode stream terminated$/);
    const absent = await failureOf(client.evaluate(await proposal('get', 'a'), ['AlphaMSP']));
    expect(absent.details[0]?.message).toMatch(/could not launch chaincode sample:[0-9a-f]{64}/);
    await network.startChaincode('sample');
    expect(await client.transact('main', 'sample', ['put', 'again', '1'])).toBe(validationCode.VALID);
  });
});
