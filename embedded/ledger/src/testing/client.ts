import { Client } from '@grpc/grpc-js';
import { connect, hash, type Gateway, type Identity, type Signer } from '@hyperledger/fabric-gateway';
import { createPrivateKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { sign, type KeyObject } from 'node:crypto';
import { plainText, type Security } from './security.js';
import { toLowS } from '../crypto/low-s.js';

/** A user of the network: what a client signs with. */
export interface User {
  readonly identity: Identity;
  readonly privateKey: KeyObject;
  readonly signer: Signer;
}

/** Signs messages (not digests) natively. */
export function signerOf(privateKey: KeyObject): Signer {
  return (message) => Promise.resolve(toLowS(sign('sha256', message, privateKey)));
}

export function userOf(mspId: string, certificate: string, privateKeyPem: string): User {
  const privateKey = createPrivateKey(privateKeyPem);
  return {
    identity: { mspId, credentials: Buffer.from(certificate) },
    privateKey,
    signer: signerOf(privateKey),
  };
}

/** A user whose certificate and key are in a local MSP folder. */
export async function readUser(mspId: string, msp: string): Promise<User> {
  const onlyFile = async (folder: string) => {
    const [name = ''] = await readdir(path.join(msp, folder));
    return readFile(path.join(msp, folder, name), 'utf8');
  };
  return userOf(mspId, await onlyFile('signcerts'), await onlyFile('keystore'));
}

/** A connection of the unmodified client SDK. */
export class TestClient {
  readonly gateway: Gateway;
  readonly #client: Client;

  constructor(
    readonly address: string,
    readonly user: User,
    security: Security = plainText,
  ) {
    this.#client = new Client(address, security.credentials);
    const { identity, signer } = user;
    const { tlsCertificateHash } = security;
    this.gateway = connect({
      client: this.#client,
      identity,
      signer,
      hash: hash.none,
      ...(tlsCertificateHash && { tlsClientCertificateHash: tlsCertificateHash }),
    });
  }

  close(): void {
    this.gateway.close();
    this.#client.close();
  }
}
