import { type CaRequest } from '../http/ca-request.js';
import { Streamed } from '../http/answer.js';
import { type Endpoint, operation } from '../http/endpoint.js';
import { attributeName, merged } from '../identities/attributes.js';
import { type Caller, isWithin } from '../identities/caller.js';
import { hashPassword } from '../passwords.js';
import { Refusal, refusalCode } from '../refusal.js';
import { type Attribute, type IdentityRecord } from '../store/records.js';
import { changedIdentityAnswer, identityAnswer } from './identity-answer.js';
import { locationOf, readRegistration, register, type Registration, requireLengths } from './register.js';

/** RFC 5280: an identity that is removed ceases to operate. */
const cessationOfOperation = 5;

async function find(request: CaRequest, caller: Caller): Promise<IdentityRecord> {
  const found = await request.authority.store.identity(request.variable);
  if (found === undefined) {
    throw new Refusal(404, refusalCode.databaseGet, 'Failed to get User: sql: no rows in result set');
  }
  caller.requireAuthorityOver(found);
  return found;
}

async function* visibleTo(caller: Caller, all: AsyncIterable<IdentityRecord>) {
  const roles = (caller.roles ?? '').split(',').map((role) => role.trim());
  for await (const identity of all) {
    const ofType = roles.includes('*') || roles.includes(identity.type);
    if (ofType && isWithin(identity.affiliation, caller.identity.affiliation)) yield identityAnswer(identity);
  }
}

async function list(request: CaRequest): Promise<unknown> {
  const { caller } = await request.authenticate();
  if (!caller.isRegistrar()) {
    throw Refusal.authorization(refusalCode.gettingUser, 'Caller is not a registrar');
  }
  const { store } = request.authority;
  return new Streamed('identities', visibleTo(caller, store.identities()), { caname: request.authorityName });
}

async function show(request: CaRequest): Promise<unknown> {
  const { caller } = await request.authenticate();
  return { ...identityAnswer(await find(request, caller)), caname: request.authorityName };
}

async function add(request: CaRequest): Promise<unknown> {
  const { caller } = await request.authenticate();
  const asked = readRegistration(request.fields);
  if (asked.name === '') {
    throw new Refusal(400, refusalCode.addIdentity, "Missing 'ID' in request to add a new identity");
  }
  const secret = await register(request.authority, caller, asked);
  request.location = locationOf(asked.name);
  const added = await request.authority.store.identity(asked.name);
  if (added === undefined) throw Refusal.unknown(`Identity '${asked.name}' was removed at once`);
  return changedIdentityAnswer(added, request.authorityName, secret);
}

async function remove(request: CaRequest): Promise<unknown> {
  const { caller } = await request.authenticate();
  const force = request.query.boolean('force');
  if (request.variable === caller.name && !force) {
    throw new Refusal(
      403,
      refusalCode.removeIdentity,
      "Need to use 'force' option to delete your own identity",
    );
  }
  const removed = await request.authority.store.change(async (changes) => {
    const identity = await find(request, caller);
    changes.deleteIdentity(identity.name);
    await changes.revokeCertificatesOf(identity.name, cessationOfOperation);
    return identity;
  });
  return changedIdentityAnswer(removed, request.authorityName);
}

/** Attributes that follow from what is changed, after those that are changed. */
function changedAttributes({ type, affiliation, attributes }: Registration): readonly Attribute[] {
  const own = (name: string, value: string) => ({ name, value, ecert: true });
  return [
    ...attributes,
    ...(affiliation === '' ? [] : [own(attributeName.affiliation, affiliation === '.' ? '' : affiliation)]),
    ...(type === '' ? [] : [own(attributeName.type, type)]),
  ];
}

/** 0 leaves it as it is, -2 sets it to 0: nobody enrolls. */
function changedTimes(current: number, wanted: number): number {
  if (wanted === 0) return current;
  return wanted === -2 ? 0 : wanted;
}

async function requireMayChange(
  request: CaRequest,
  caller: Caller,
  identity: IdentityRecord,
  wanted: Registration,
): Promise<void> {
  const { affiliation, type, attributes } = wanted;
  if (affiliation !== '') {
    if (affiliation !== '.' && !(await request.authority.store.hasAffiliation(affiliation))) {
      throw new Refusal(400, refusalCode.modifyIdentity, `Affiliation '${affiliation}' is not supported`);
    }
    caller.requireAffiliation(affiliation);
  }
  if (type !== '') caller.requireType(type);
  if (attributes.length > 0) caller.requireAttributes(attributes, identity.attributes);
}

async function modify(request: CaRequest): Promise<unknown> {
  const { caller } = await request.authenticate();
  await find(request, caller);
  const { fields, authority } = request;
  const wanted = readRegistration(fields);
  requireLengths(wanted);
  const passwordHash = wanted.secret === '' ? undefined : await hashPassword(wanted.secret);
  const modified = await authority.store.change(async (changes) => {
    const identity = await find(request, caller);
    await requireMayChange(request, caller, identity, wanted);
    const { affiliation, type } = wanted;
    const next: IdentityRecord = {
      ...identity,
      ...(passwordHash !== undefined && { passwordHash, failedLogins: 0 }),
      ...(affiliation !== '' && { affiliation: affiliation === '.' ? '' : affiliation }),
      ...(type !== '' && { type }),
      maxEnrollments: changedTimes(identity.maxEnrollments, wanted.maxEnrollments),
      attributes: merged(identity.attributes, changedAttributes(wanted)),
    };
    changes.putIdentity(next);
    return next;
  });
  return changedIdentityAnswer(modified, request.authorityName, wanted.secret);
}

export const identities: Endpoint = {
  path: 'identities',
  methods: { GET: operation(200, list), POST: operation(201, add) },
};

export const identity: Endpoint = {
  path: 'identities/',
  methods: { GET: operation(200, show), PUT: operation(200, modify), DELETE: operation(200, remove) },
};
