import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { PackageInvalidError } from './errors.js';

/** A chaincode package as `_lifecycle` takes it. */
export interface ChaincodePackage {
  /** `label:hash`, by which peers and the service know it. */
  readonly id: string;
  readonly content: Uint8Array;
}

async function archive(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const pack = tar.pack();
  // A fixed time: equal content makes an equal package, whose id every organisation can compute for itself.
  for (const [name, content] of Object.entries(files)) {
    pack.entry({ name, mode: 0o644, mtime: new Date(0) }, content);
  }
  pack.finalize();
  // Stored, not compressed, whose result differs between versions of the library.
  return gzipSync(await buffer(pack), { level: 0 });
}

const labelPattern = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;
const addressPattern = /^[^:\s]+:\d{1,5}$/;

/**
 * Packages a chaincode that already runs as a service at `address` (`host:port`).
 *
 * @param tlsCaCertificate - PEM of the authority of its TLS certificate; without it peers connect in the clear.
 * @throws {@link PackageInvalidError} if no peer would take the label or the address.
 */
export async function packageService(
  label: string,
  address: string,
  tlsCaCertificate?: string,
): Promise<ChaincodePackage> {
  if (!labelPattern.test(label))
    throw new PackageInvalidError(
      `'${label}' is no label: it has letters, digits, '.', '+', '-' and '_', and begins with a letter or digit`,
    );
  if (!addressPattern.test(address))
    throw new PackageInvalidError(`'${address}' is no address: it must be host:port`);
  const connection = {
    address,
    dial_timeout: '10s',
    tls_required: tlsCaCertificate !== undefined,
    ...(tlsCaCertificate !== undefined && { root_cert: tlsCaCertificate }),
  };
  const code = await archive({ 'connection.json': JSON.stringify(connection) });
  const content = await archive({
    'metadata.json': JSON.stringify({ path: '', type: 'ccaas', label }),
    'code.tar.gz': code,
  });
  return { id: `${label}:${createHash('sha256').update(content).digest('hex')}`, content };
}
