import { calculateJwkThumbprint, type CryptoKey, type JWK } from 'jose';
import { type primitives } from '@medigraph/schema';
import { base64, hex, sha256, utf8 } from './bytes.js';
import { fabricSignature } from './signature.js';

const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const agreement = { name: 'ECDH', namedCurve: 'P-256' } as const;

/** A pair of Web Crypto. */
export interface KeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** A key with which a wallet signs. */
export class SigningKey {
  private constructor(
    readonly pair: KeyPair,
    /** SubjectPublicKeyInfo in base64. */
    readonly publicKey: string,
    /** Chain address. */
    readonly address: string,
  ) {}

  static async create(): Promise<SigningKey> {
    return SigningKey.#of(await crypto.subtle.generateKey(signing, true, ['sign', 'verify']));
  }

  static async import(jwk: JWK): Promise<SigningKey> {
    return SigningKey.#of(await importPair(jwk, signing, ['sign'], ['verify']));
  }

  export(): Promise<JWK> {
    return crypto.subtle.exportKey('jwk', this.pair.privateKey);
  }

  /** ECDSA over SHA-256, R and S of 32 bytes each. */
  async sign(message: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign(signing, this.pair.privateKey, new Uint8Array(message)));
  }

  /** As Fabric takes it: DER, low S, in base64. */
  async signForLedger(message: Uint8Array): Promise<string> {
    return base64(fabricSignature(await this.sign(message)));
  }

  /** Of text, as contracts take it: R and S in base64. */
  async signStatement(statement: string): Promise<string> {
    return base64(await this.sign(utf8(statement)));
  }

  static async #of(pair: KeyPair): Promise<SigningKey> {
    const der = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
    return new SigningKey(pair, base64(der), hex(await sha256(der)).slice(0, 40));
  }
}

/** A key for which content keys are wrapped. */
export class EncryptionKey {
  private constructor(
    readonly privateKey: CryptoKey,
    readonly publicKey: primitives.EncryptionKey,
  ) {}

  static async create(): Promise<EncryptionKey> {
    return EncryptionKey.#of(await crypto.subtle.generateKey(agreement, true, ['deriveBits']));
  }

  static async import(jwk: JWK): Promise<EncryptionKey> {
    return EncryptionKey.#of(await importPair(jwk, agreement, ['deriveBits'], []));
  }

  export(): Promise<JWK> {
    return crypto.subtle.exportKey('jwk', this.privateKey);
  }

  static async #of({ privateKey, publicKey }: KeyPair): Promise<EncryptionKey> {
    const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey);
    const key = { kty: 'EC', crv: 'P-256', x, y } as const;
    return new EncryptionKey(privateKey, { ...key, kid: await calculateJwkThumbprint(key) });
  }
}

type Usages = ('sign' | 'verify' | 'deriveBits')[];

async function importPair(
  jwk: JWK,
  algorithm: typeof signing | typeof agreement,
  privateUsages: Usages,
  publicUsages: Usages,
): Promise<KeyPair> {
  const { kty, crv, x, y, d } = jwk;
  const publicPart = { kty, crv, x, y };
  return {
    privateKey: await crypto.subtle.importKey('jwk', { ...publicPart, d }, algorithm, true, privateUsages),
    publicKey: await crypto.subtle.importKey('jwk', publicPart, algorithm, true, publicUsages),
  };
}
