import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { signWith } from '../crypto/signatures.js';
import { ConfigurationError, reasonOf } from '../errors.js';
import { SerializedIdentity } from '../wire/common.js';
import { type Identity, type NodeRole } from './identity.js';
import { type Msp } from './msp.js';

/** A node's own identity: what it signs with. */
export class SigningIdentity {
  readonly #privateKey: KeyObject;

  private constructor(
    readonly identity: Identity,
    /** `SerializedIdentity`. */
    readonly serialized: Buffer,
    privateKey: KeyObject,
  ) {
    this.#privateKey = privateKey;
  }

  /**
   * Opens a local MSP folder (`signcerts`, `keystore`).
   * @throws {@link ConfigurationError} if there is no valid identity of that role in it.
   */
  static async open(msp: Msp, folder: string, role: NodeRole): Promise<SigningIdentity> {
    try {
      const pem = await onlyFile(path.join(folder, 'signcerts'));
      const key = createPrivateKey(await onlyFile(path.join(folder, 'keystore')));
      const identity = msp.identity(pem);
      if (identity.invalid !== undefined) throw new ConfigurationError(identity.invalid);
      if (msp.tellsRoles && identity.role !== role)
        throw new ConfigurationError(`its certificate is of a ${identity.role ?? 'nobody'}, not a ${role}`);
      const serialized = SerializedIdentity.encode({ mspid: msp.mspId, idBytes: pem });
      return new SigningIdentity(identity, serialized, key);
    } catch (error) {
      throw new ConfigurationError(`cannot use the identity in ${folder}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  sign(data: Uint8Array): Buffer {
    return signWith(this.#privateKey, this.identity, data);
  }
}

async function onlyFile(folder: string): Promise<Buffer> {
  const [name] = await readdir(folder);
  if (name === undefined) throw new ConfigurationError(`${folder} is empty`);
  return readFile(path.join(folder, name));
}
