import { readFile } from 'node:fs/promises';
import { type AuthorityDescription } from './description.js';
import { type AuthorityKey, openAuthorityKey } from './certificates/authority-key.js';
import { Trust } from './certificates/trust.js';
import { registrarAttributes } from './identities/attributes.js';
import { type AuthorityStore } from './store/authority-store.js';
import { type CaStore } from './store/ca-store.js';

/** One authority: what it is called, signs with, trusts and keeps. */
export class Authority {
  private constructor(
    readonly name: string,
    readonly key: AuthorityKey,
    readonly trust: Trust,
    readonly store: AuthorityStore,
    /** Password of the registrar, until it is given another: the description's file is where it is kept. */
    readonly registrarSecret: string,
  ) {}

  /**
   * Reads its key and chain; the first time, it begins with its registrar and affiliations.
   * @throws `CaConfigurationError`
   */
  static async open(description: AuthorityDescription, data: CaStore): Promise<Authority> {
    const [certificate, privateKey, chain] = await Promise.all(
      [description.certificate, description.privateKey, description.chain].map((file) =>
        readFile(file, 'utf8'),
      ),
    );
    const key = await openAuthorityKey(certificate ?? '', privateKey ?? '', chain ?? '');
    const store = await data.authority(description.name);
    await begin(store, description);
    const secret = await readFile(description.registrar.secret, 'utf8');
    return new Authority(description.name, key, new Trust(key.chainPem), store, secret.trim());
  }
}

/** Adds what the description names and is not there; what somebody has changed since stays. */
async function begin(
  store: AuthorityStore,
  { registrar, affiliations }: AuthorityDescription,
): Promise<void> {
  await store.change(async (changes) => {
    for (const affiliation of affiliations) {
      const parts = affiliation.split('.');
      for (const index of parts.keys()) {
        const name = parts.slice(0, index + 1).join('.');
        if (!(await store.hasAffiliation(name))) changes.addAffiliation(name);
      }
    }
    if ((await store.identity(registrar.name)) !== undefined) return;
    changes.putIdentity({
      name: registrar.name,
      type: 'client',
      affiliation: '',
      attributes: registrarAttributes,
      state: 0,
      maxEnrollments: -1,
      failedLogins: 0,
    });
  });
}
