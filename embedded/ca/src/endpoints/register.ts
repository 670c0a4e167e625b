import { type Authority } from '../authority.js';
import { type Endpoint, operation } from '../http/endpoint.js';
import { type Fields } from '../http/fields.js';
import { attributeName } from '../identities/attributes.js';
import { type Caller } from '../identities/caller.js';
import { maxEnrollments } from '../identities/max-enrollments.js';
import { hashPassword, newSecret } from '../passwords.js';
import { Refusal, refusalCode } from '../refusal.js';
import { type Attribute } from '../store/records.js';

/** Most characters of what an identity is made of. */
const longest = { name: 255, type: 256, affiliation: 1024, attributes: 64 * 1024, secret: 1024 } as const;

/** Somebody who is to be registered. */
export interface Registration {
  readonly name: string;
  readonly secret: string;
  readonly type: string;
  readonly affiliation: string;
  readonly attributes: readonly Attribute[];
  readonly maxEnrollments: number;
}

const readAttributes = (fields: Fields): readonly Attribute[] =>
  (fields.objects('attrs') ?? []).map((each) => ({
    name: each.string('name'),
    value: each.string('value'),
    ecert: each.boolean('ecert'),
  }));

export const readRegistration = (fields: Fields): Registration => ({
  name: fields.string('id'),
  secret: fields.string('secret'),
  type: fields.string('type'),
  affiliation: fields.string('affiliation'),
  attributes: readAttributes(fields),
  maxEnrollments: fields.integer('max_enrollments'),
});

/** Attributes that every registered identity's certificates say without being asked. */
const ownAttributes = ({ name, type, affiliation }: Registration): readonly Attribute[] =>
  [
    [attributeName.enrollmentId, name],
    [attributeName.type, type],
    [attributeName.affiliation, affiliation],
  ].map(([key = '', value = '']) => ({ name: key, value, ecert: true }));

/** @throws {@link Refusal} 400 if something is longer than it can be kept. */
export function requireLengths(registration: Partial<Registration>): void {
  const { attributes = [], ...texts } = registration;
  const tooLong = Object.entries(longest).find(([part, limit]) => {
    if (part === 'attributes') return JSON.stringify(attributes).length > limit;
    return String(texts[part as keyof typeof texts] ?? '').length > limit;
  });
  if (tooLong === undefined) return;
  throw new Refusal(400, refusalCode.addIdentity, `The ${tooLong[0]} exceeds ${tooLong[1]} characters`);
}

async function requireMayRegister(caller: Caller, wanted: Registration, { store }: Authority): Promise<void> {
  caller.requireType(wanted.type);
  caller.requireAffiliation(wanted.affiliation);
  if (wanted.affiliation !== '' && !(await store.hasAffiliation(wanted.affiliation))) {
    throw new Refusal(404, refusalCode.affiliation, `Failed getting affiliation '${wanted.affiliation}'`);
  }
  caller.requireAttributes(wanted.attributes);
}

/** Registers somebody. Answers the secret with which they can enroll. @throws {@link Refusal} */
export async function register(authority: Authority, caller: Caller, asked: Registration): Promise<string> {
  const { store } = authority;
  const affiliation = asked.affiliation === '' ? caller.identity.affiliation : asked.affiliation;
  const wanted: Registration = {
    ...asked,
    affiliation: affiliation === '.' ? '' : affiliation,
    type: asked.type === '' ? caller.identity.type : asked.type,
  };
  try {
    await requireMayRegister(caller, wanted, authority);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // The caller is told as much, whatever it was.
    throw Refusal.authorization(
      refusalCode.registrarAuthority,
      `Registration of '${wanted.name}' failed: ${error.logged.message}`,
    );
  }
  requireLengths(wanted);
  const times = maxEnrollments(wanted.maxEnrollments);
  const secret = wanted.secret === '' ? newSecret() : wanted.secret;
  const passwordHash = await hashPassword(secret);
  await store.change(async (changes) => {
    if ((await store.identity(wanted.name)) !== undefined) {
      throw new Refusal(
        409,
        refusalCode.duplicateIdentity,
        `Identity '${wanted.name}' is already registered`,
      );
    }
    const own = ownAttributes(wanted);
    changes.putIdentity({
      name: wanted.name,
      passwordHash,
      type: wanted.type,
      affiliation: wanted.affiliation,
      attributes: [...wanted.attributes, ...own],
      state: 0,
      maxEnrollments: times,
      failedLogins: 0,
    });
  });
  return secret;
}

/** Where somebody who was registered is found. */
export const locationOf = (name: string): string => `/api/v1/identities/${encodeURIComponent(name)}`;

export const registration: Endpoint = {
  path: 'register',
  methods: {
    POST: operation(201, async (request) => {
      const { authority } = request;
      const asked = readRegistration(request.fields);
      const { caller } = await request.authenticate();
      const secret = await register(authority, caller, asked);
      request.location = locationOf(asked.name);
      return { secret };
    }),
  },
};
