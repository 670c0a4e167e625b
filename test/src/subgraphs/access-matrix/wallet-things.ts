import { nativeSigner } from '@medigraph/platform/ledger';
import { type WalletGraph, Wallet } from '@medigraph/platform/wallet';
import { type LiveGraph, type Person } from '../live-graph.js';
import { type Things } from './matrix-case.js';

/** What the operations for wallets are asked with: a request to enrol, a recovery, something that waits for a signature. */
export async function walletThings(graph: LiveGraph, desk: Person, patient: Person): Promise<Things> {
  const address = patient.patient ?? '';
  let certificateRequest = '';
  const atTheDesk: WalletGraph = {
    async request<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
      const { input } = variables as { input: { certificateRequest?: string } };
      certificateRequest = input.certificateRequest ?? certificateRequest;
      const { data, errors } = await graph.ask('patients', desk, query, variables);
      if (errors?.[0]) throw new Error(errors[0].message);
      return data as Data;
    },
  };
  const wallet = await Wallet.create();
  await wallet.requestRecovery(atTheDesk, address, 'MRN-1');
  const { custody } = graph.services('patients');
  const { certificate, privateKey } = await custody.signerFor({
    ...patient,
    subject: address,
    scopes: new Set(),
    expiresAt: 0,
  });
  const { data } = await graph.ask(
    'patients',
    patient,
    'mutation($input: PrepareTransactionInput!) { prepareTransaction(input: $input) { preparation messages } }',
    {
      input: {
        transaction: 'Access:ConsentsOf',
        argument: JSON.stringify({ patient: address }),
        certificate,
        nonce: Buffer.alloc(24, 2).toString('base64'),
      },
    },
  );
  const { preparation, messages } = data?.['prepareTransaction'] as {
    preparation: string;
    messages: [string];
  };
  const signature = await nativeSigner(privateKey)(Buffer.from(messages[0], 'base64'));
  return {
    certificateRequest,
    certificate,
    preparation,
    signature: Buffer.from(signature).toString('base64'),
    Signer: wallet.signer,
  };
}
