import { z } from 'zod';
import { reasonOf } from '../errors.js';
import { fileOf } from './chaincode-package.js';

const duration = /^(\d+(?:\.\d+)?)(ms|s|m)$/;
const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

const connection = z
  .object({
    address: z.string().regex(/^.+:\d+$/, 'must be host:port'),
    /** Such as `10s`; 3 s if it is not said, as a peer takes it. */
    dial_timeout: z.string().regex(duration).default('3s'),
    tls_required: z.boolean().default(false),
    client_auth_required: z.boolean().default(false),
    /** PEM: key and certificate of the peer as the chaincode's client, and the authority of the chaincode's certificate. */
    client_key: z.string().default(''),
    client_cert: z.string().default(''),
    root_cert: z.string().default(''),
  })
  .refine(({ tls_required, root_cert }) => !tls_required || root_cert !== '', {
    message: 'tls_required needs a root_cert',
  })
  .refine(
    ({ tls_required, client_auth_required, client_key, client_cert }) =>
      !tls_required || !client_auth_required || (client_key !== '' && client_cert !== ''),
    { message: 'client_auth_required needs client_key and client_cert' },
  );

/** Where and how a peer reaches chaincode that runs as a service. */
export interface ServiceAddress {
  /** `host:port`. */
  readonly address: string;
  readonly dialTimeoutMs: number;
  /** PEM; absent for a connection without TLS. */
  readonly tls?: {
    readonly rootCertificate: string;
    /** Where the chaincode wants to know its client. */
    readonly client?: { readonly certificate: string; readonly privateKey: string };
  };
}

const connectionFile = 'connection.json';

/** Reads `connection.json` of a code package. @throws if there is none, or it is wrong. */
export async function readServiceAddress(code: Buffer): Promise<ServiceAddress> {
  const file = await fileOf(code, connectionFile);
  if (file === undefined) throw new Error(`${connectionFile} not found in the code package`);
  let content: unknown;
  try {
    content = JSON.parse(file.toString());
  } catch (error) {
    throw new Error(`malformed ${connectionFile}: ${reasonOf(error)}`, { cause: error });
  }
  const parsed = connection.safeParse(content);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
    throw new Error(`malformed ${connectionFile}: ${issues.join('; ')}`);
  }
  const { address, dial_timeout, tls_required, client_auth_required, ...pem } = parsed.data;
  const [, amount = '', unit = ''] = duration.exec(dial_timeout) ?? [];
  const base = { address, dialTimeoutMs: Number(amount) * (milliseconds[unit] ?? 0) };
  if (!tls_required) return base;
  const client = { certificate: pem.client_cert, privateKey: pem.client_key };
  return {
    ...base,
    tls: { rootCertificate: pem.root_cert, ...(client_auth_required && { client }) },
  };
}
