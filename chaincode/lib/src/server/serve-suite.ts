import { readFile } from 'node:fs/promises';
import { type ChaincodeServerOpts, Shim } from 'fabric-shim';
import { type ContractClass, dispatcherOf } from './dispatcher.js';
import { InFlight } from './in-flight.js';
import { listeningAddress } from './listening-address.js';
import { silenceShimLoggers } from './shim-loggers.js';
import { loggingAsked } from '../quiet.js';

/** How long running transactions may finish after the process was told to stop. */
const graceMs = 2_000;
/** How long the last answer may take to leave the process. */
const flushMs = 50;

export interface Suite {
  /** Name of the suite; with the version it is the default chaincode id. */
  readonly name: string;
  readonly version?: string;
  readonly contracts: readonly ContractClass[];
}

/**
 * Serves a contract suite as this process: chaincode as a service, to which peers connect.
 *
 * `CHAINCODE_SERVER_ADDRESS` is where it listens (default: any port of 127.0.0.1), `CHAINCODE_ID` what it registers as
 * (default `name:version`). With `CHAINCODE_TLS_CERT` and `CHAINCODE_TLS_KEY`, PEM files, it speaks TLS. Says `{ type: 'ready', address }` over IPC once it listens. SIGTERM, SIGINT and a parent that
 * is gone end the process: running transactions finish first, for at most two seconds. If it cannot listen, it says why on
 * the standard error output and exits with 1.
 */
export async function serveSuite({ name, version = '1.0', contracts }: Suite): Promise<void> {
  // The shim calls a method that its gRPC library no longer needs; operators cannot do anything about it.
  process.noDeprecation = true;
  if (!loggingAsked) silenceShimLoggers();
  const chaincode = new InFlight(dispatcherOf(contracts, name, version));
  const address = await listeningAddress(process.env['CHAINCODE_SERVER_ADDRESS'] ?? '127.0.0.1:0');
  const stop = () => {
    setTimeout(() => process.exit(0), graceMs);
    void chaincode.idle().then(() => setTimeout(() => process.exit(0), flushMs));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (process.send) process.once('disconnect', stop);
  const tls = { cert: process.env['CHAINCODE_TLS_CERT'], key: process.env['CHAINCODE_TLS_KEY'] };
  const options = {
    ...(tls.cert !== undefined &&
      tls.key !== undefined && {
        tlsProps: { cert: await readFile(tls.cert), key: await readFile(tls.key) },
      }),
    ccid: process.env['CHAINCODE_ID'] ?? `${name}:${version}`,
    address,
    // As the standard server does: batches are larger than gRPC's default of 4 MB.
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
  };
  // The shim's types ask for TLS files; its server does without them on loopback.
  const server = Shim.server(chaincode, options as Partial<ChaincodeServerOpts> as ChaincodeServerOpts);
  try {
    await server.start();
  } catch (error) {
    // Said here, because the shim catches unhandled rejections and lets the process live on.
    process.stderr.write(`chaincode ${name} cannot listen on ${address}: ${String(error)}\n`);
    process.exit(1);
  }
  process.send?.({ type: 'ready', address });
}
