import { Streamed } from '../http/answer.js';
import { type CaRequest } from '../http/ca-request.js';
import { type Endpoint, operation } from '../http/endpoint.js';
import { attributeName } from '../identities/attributes.js';
import { type Caller, isWithin } from '../identities/caller.js';
import { Refusal, refusalCode } from '../refusal.js';
import { type AuthorityStore } from '../store/authority-store.js';
import { type CertificateFilter, readFilter } from './certificate-filter.js';

/** Who registers or revokes may see certificates. @throws {@link Refusal} 403. */
async function authenticate(request: CaRequest): Promise<Caller> {
  const { caller } = await request.authenticate();
  if (caller.roles !== undefined || caller.isTrue(attributeName.revoker)) return caller;
  throw Refusal.authorization(
    refusalCode.authorization,
    'Caller does not posses either hf.Registrar.Roles or hf.Revoker attribute',
  );
}

async function* selected(store: AuthorityStore, caller: Caller, filter: CertificateFilter) {
  const { affiliation } = caller.identity;
  const all = filter.id === '' ? store.certificates() : store.certificatesOf(filter.id);
  for await (const record of all) {
    if (!filter.accepts(record)) continue;
    if (affiliation !== '') {
      // Certificates of those who are gone are seen from the root alone.
      const owner = await store.identity(record.id);
      if (owner === undefined || !isWithin(owner.affiliation, affiliation)) continue;
    }
    yield { PEM: record.pem };
  }
}

async function list(request: CaRequest): Promise<unknown> {
  const caller = await authenticate(request);
  const filter = readFilter(request.query);
  return new Streamed('certs', selected(request.authority.store, caller, filter), {
    caname: request.query.string('ca'),
  });
}

async function remove(request: CaRequest): Promise<never> {
  await authenticate(request);
  throw Refusal.unknown('DELETE Not Implemented');
}

export const certificates: Endpoint = {
  path: 'certificates',
  methods: { GET: operation(200, list), DELETE: operation(200, remove) },
};
