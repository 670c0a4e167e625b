import { type CaRequest } from '../http/ca-request.js';
import { type Endpoint, operation } from '../http/endpoint.js';
import { notBoolean, parseBoolean } from '../http/query.js';
import { attributeName, merged } from '../identities/attributes.js';
import { type Caller, isWithin } from '../identities/caller.js';
import { Refusal, type RefusalCode, refusalCode } from '../refusal.js';
import { type IdentityRecord } from '../store/records.js';
import { subtree, wholeTree } from './affiliation-tree.js';
import { requireLengths } from './register.js';

/** RFC 5280: the certificates of those who are removed with their affiliation. */
const affiliationChanged = 3;

async function authenticate(request: CaRequest): Promise<Caller> {
  const { caller } = await request.authenticate();
  caller.requireRole(attributeName.affiliationManager);
  return caller;
}

async function requireThere(request: CaRequest, name: string): Promise<void> {
  if (await request.authority.store.hasAffiliation(name)) return;
  throw new Refusal(404, refusalCode.databaseGet, 'Failed to get affiliation: sql: no rows in result set');
}

async function identitiesWithin(request: CaRequest, affiliation: string): Promise<IdentityRecord[]> {
  const found: IdentityRecord[] = [];
  for await (const each of request.authority.store.identities()) {
    if (isWithin(each.affiliation, affiliation)) found.push(each);
  }
  return found;
}

async function list(request: CaRequest): Promise<unknown> {
  const caller = await authenticate(request);
  const tree = wholeTree(await request.authority.store.affiliations(caller.identity.affiliation));
  if (tree === undefined) {
    throw new Refusal(404, refusalCode.affiliation, 'No affiliations are configured on the CA');
  }
  return { ...tree, caname: request.authorityName };
}

async function show(request: CaRequest): Promise<unknown> {
  const caller = await authenticate(request);
  const name = request.variable;
  caller.requireAffiliation(name);
  await requireThere(request, name);
  const all = await request.authority.store.affiliations(name);
  return { ...subtree(name, all), caname: request.authorityName };
}

async function add(request: CaRequest): Promise<unknown> {
  const caller = await authenticate(request);
  const name = request.fields.string('name');
  const { store } = request.authority;
  if (await store.hasAffiliation(name)) {
    throw new Refusal(409, refusalCode.addAffiliation, 'Affiliation already exists');
  }
  caller.requireAffiliation(name);
  const force = request.query.boolean('force');
  requireName(name);
  const parts = name.split('.');
  await store.change(async (changes) => {
    const parent = parts.slice(0, -1).join('.');
    if (!force && parent !== '') await requireThere(request, parent);
    for (const index of parts.keys()) {
      const each = parts.slice(0, index + 1).join('.');
      if (!(await store.hasAffiliation(each))) changes.addAffiliation(each);
    }
  });
  return { name, caname: request.authorityName };
}

function requireName(name: string): void {
  requireLengths({ affiliation: name });
  if (name.split('.').every((part) => part !== '')) return;
  throw new Refusal(
    400,
    refusalCode.addAffiliation,
    `Failed to add affiliation '${name}': a part of it is empty`,
  );
}

const refuse = (code: RefusalCode, message: string) => Refusal.authorization(code, message);

/** Nothing that somebody still needs is removed without `force`. @throws {@link Refusal} 403. */
function requireRemovable(
  name: string,
  identities: readonly IdentityRecord[],
  affiliations: readonly string[],
  { force, isRegistrar }: { readonly force: boolean; readonly isRegistrar: boolean },
): void {
  const code = refusalCode.removeAffiliation;
  if (identities.length > 0 && !isRegistrar) {
    throw refuse(code, 'Removing affiliation affects identities, but caller is not a registrar');
  }
  if (force) return;
  if (identities.length > 0) {
    throw refuse(code, `Cannot delete affiliation '${name}'. The affiliation has identities associated`);
  }
  if (affiliations.length > 1) {
    throw refuse(code, `Cannot delete affiliation '${name}'. The affiliation has sub-affiliations`);
  }
}

async function remove(request: CaRequest): Promise<unknown> {
  const caller = await authenticate(request);
  const name = request.variable;
  if (caller.identity.affiliation === name) {
    throw refuse(
      refusalCode.removeAffiliation,
      `Can't remove affiliation '${name}' because the caller is associated with this affiliation`,
    );
  }
  caller.requireAffiliation(name);
  const force = request.query.boolean('force');
  const isRegistrar = caller.isRegistrar();
  const { store } = request.authority;
  const removed = await store.change(async (changes) => {
    await requireThere(request, name);
    const identities = await identitiesWithin(request, name);
    const affiliations = await store.affiliations(name);
    requireRemovable(name, identities, affiliations, { force, isRegistrar });
    for (const each of identities) {
      changes.deleteIdentity(each.name);
      await changes.revokeCertificatesOf(each.name, affiliationChanged);
    }
    for (const each of affiliations) changes.deleteAffiliation(each);
    return subtree(name, affiliations, identities);
  });
  return { ...removed, caname: request.authorityName };
}

function forceOf(request: CaRequest): boolean {
  const text = request.query.string('force');
  const value = text === '' ? false : parseBoolean(text);
  if (value !== undefined) return value;
  throw new Refusal(
    400,
    refusalCode.addAffiliation,
    `The 'force' query parameter value must be a boolean: ${notBoolean(text)}`,
  );
}

/** Somebody in another affiliation, which their certificates say from now on. */
function moved(identity: IdentityRecord, affiliation: string): IdentityRecord {
  const attribute = { name: attributeName.affiliation, value: affiliation, ecert: false };
  return { ...identity, affiliation, attributes: merged(identity.attributes, [attribute]) };
}

async function rename(request: CaRequest): Promise<unknown> {
  const caller = await authenticate(request);
  const from = request.variable;
  const to = request.fields.string('name');
  caller.requireAffiliation(from);
  caller.requireAffiliation(to);
  const force = forceOf(request);
  const isRegistrar = caller.isRegistrar();
  requireName(to);
  const { store } = request.authority;
  const renamed = await store.change(async (changes) => {
    await requireThere(request, from);
    if (await store.hasAffiliation(to))
      throw Refusal.unknown(`Failed to modify affiliation from '${from}' to '${to}'`);
    const identities = await identitiesWithin(request, from);
    if (identities.length > 0 && !isRegistrar) {
      throw refuse(
        refusalCode.notRegistrar,
        'Modifying affiliation affects identities, but caller is not a registrar',
      );
    }
    if (identities.length > 0 && !force) {
      const names = identities.map(({ name }) => name).join(',');
      throw new Refusal(
        400,
        refusalCode.modifyAffiliation,
        `The request to modify affiliation '${from}' has the following identities associated: ${names}. Need to use 'force' to remove identities and affiliation`,
      );
    }
    const place = (name: string) => `${to}${name.slice(from.length)}`;
    const affiliations = await store.affiliations(from);
    for (const each of affiliations) {
      changes.deleteAffiliation(each);
      changes.addAffiliation(place(each));
    }
    const members = identities.map((each) => moved(each, place(each.affiliation)));
    for (const each of members) changes.putIdentity(each);
    return subtree(to, affiliations.map(place), members);
  });
  return { ...renamed, caname: request.authorityName };
}

export const affiliations: Endpoint = {
  path: 'affiliations',
  methods: { GET: operation(200, list), POST: operation(201, add) },
};

export const affiliation: Endpoint = {
  path: 'affiliations/',
  methods: { GET: operation(200, show), PUT: operation(200, rename), DELETE: operation(200, remove) },
};
