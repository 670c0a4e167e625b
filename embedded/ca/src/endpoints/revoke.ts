import { type CaRequest, type CertifiedCaller } from '../http/ca-request.js';
import { type Endpoint, operation } from '../http/endpoint.js';
import { attributeName } from '../identities/attributes.js';
import { type Caller } from '../identities/caller.js';
import { Refusal, refusalCode } from '../refusal.js';
import { type CertificateRecord, type IdentityRecord, normalHex, revokedState } from '../store/records.js';
import { generateCrl } from './generate-crl.js';

/** RFC 5280, section 5.3.1; any other word counts as unspecified. */
const reasons: ReadonlyMap<string, number> = new Map([
  ['unspecified', 0],
  ['keycompromise', 1],
  ['cacompromise', 2],
  ['affiliationchanged', 3],
  ['superseded', 4],
  ['cessationofoperation', 5],
  ['certificatehold', 6],
  ['removefromcrl', 8],
  ['privilegewithdrawn', 9],
  ['aacompromise', 10],
]);

/** Everybody may revoke what is their own. @throws {@link Refusal} 403. */
function requireMayRevoke(caller: Caller, owner: string): void {
  if (caller.name === owner || caller.isTrue(attributeName.revoker)) return;
  throw Refusal.authorization(refusalCode.notRevoker, 'Caller does not have authority to revoke');
}

async function ownerOf(request: CaRequest, id: string): Promise<IdentityRecord> {
  const owner = await request.authority.store.identity(id);
  if (owner !== undefined) return owner;
  throw new Refusal(
    404,
    refusalCode.revokedIdentityNotFound,
    `Identity ${id} was not found: Failed to get User: sql: no rows in result set`,
  );
}

type Revoked = Pick<CertificateRecord, 'serial' | 'aki'>;

interface Named {
  readonly id: string;
  readonly serial: string;
  readonly aki: string;
  readonly reason: number;
}

async function revokeOne(
  request: CaRequest,
  { caller, certificate: own }: CertifiedCaller,
  { id, serial, aki, reason }: Named,
): Promise<Revoked[]> {
  const { store } = request.authority;
  const refuse = (status: number, code: Refusal['code'], what: string) =>
    new Refusal(status, code, `Certificate with serial ${serial} and AKI ${aki} ${what}`);
  await store.change(async (changes) => {
    const record = await store.certificate(serial, aki);
    if (record === undefined) {
      throw refuse(
        404,
        refusalCode.certificateNotFound,
        'was not found: Failed to get Certificate: sql: no rows in result set',
      );
    }
    requireMayRevoke(caller, record.id);
    if (record.revoked !== undefined) throw refuse(404, refusalCode.alreadyRevoked, 'was already revoked');
    if (id !== '' && id !== record.id) {
      throw refuse(400, refusalCode.certificateOfAnother, `is not owned by ${id}`);
    }
    const owner = await ownerOf(request, record.id);
    if (record.serial !== own.serial || record.aki !== own.aki) caller.requireAuthorityOver(owner);
    await changes.revokeCertificate(record, reason);
  });
  return [{ serial, aki }];
}

/** All certificates of somebody; they can enroll no more. */
async function revokeAll(request: CaRequest, caller: Caller, { id, reason }: Named): Promise<Revoked[]> {
  const { store } = request.authority;
  requireMayRevoke(caller, id);
  return store.change(async (changes) => {
    const owner = await ownerOf(request, id);
    if (caller.name !== owner.name) caller.requireAuthorityOver(owner);
    changes.putIdentity({ ...owner, state: revokedState });
    return changes.revokeCertificatesOf(id, reason);
  });
}

async function run(request: CaRequest): Promise<unknown> {
  const { fields } = request;
  const named: Named = {
    id: fields.string('id'),
    serial: normalHex(fields.string('serial')),
    aki: normalHex(fields.string('aki')),
    reason: reasons.get(fields.string('reason')) ?? 0,
  };
  const withList = fields.boolean('gencrl');
  const certified = await request.authenticate();
  const one = named.serial !== '' && named.aki !== '';
  if (!one && named.id === '') {
    throw new Refusal(
      400,
      refusalCode.revokeArguments,
      'Either Name or Serial and AKI are required for a revoke request',
    );
  }
  const revoked = one
    ? await revokeOne(request, certified, named)
    : await revokeAll(request, certified.caller, named);
  return {
    RevokedCerts:
      revoked.length === 0 ? null : revoked.map(({ serial, aki }) => ({ Serial: serial, AKI: aki })),
    CRL: withList && revoked.length > 0 ? await generateCrl(request.authority) : '',
  };
}

export const revoke: Endpoint = { path: 'revoke', methods: { POST: operation(200, run) } };
