import { GatewayError } from '@hyperledger/fabric-gateway';

/** What the caller of a transaction is told. */
export async function refusalOf(transaction: Promise<unknown>): Promise<string> {
  const error: unknown = await transaction.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GatewayError)) return error === undefined ? '' : (error as Error).message;
  return error.details.map(({ message }) => message).join() || error.message;
}
