import { parseSmartScope, primitives, roles, type SmartContext } from '@medigraph/schema';
import { dappOfClient } from '@medigraph/schema/dapps';
import { z } from 'zod';
import { isGraphScope } from '../provider/scopes.js';

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{1,63}$/, 'must be 2 to 64 of a-z, 0-9, ".", "_", "-"');

const scopesOf = (...contexts: readonly SmartContext[]) => {
  const isOpen = (scope: string): boolean => {
    const smart = parseSmartScope(scope);
    return isGraphScope(scope) && (smart === undefined || contexts.includes(smart.context));
  };
  const message = `must be medigraph, medigraph:operate or a SMART scope of ${contexts.join(' or ')}`;
  return z.array(z.string().refine(isOpen, message)).min(1).max(64);
};
/** What people let it do. */
const scopesOfPeople = scopesOf('patient', 'user');

/** Where people come back to: https, or http on the loopback. */
const redirectUri = z.url().refine((text) => {
  const { protocol, hostname, hash } = new URL(text);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return hash === '' && (protocol === 'https:' || (protocol === 'http:' && loopback));
}, 'must be https, or http on the loopback, without a fragment');

/** Of a point on P-256: 32 bytes, base64url. */
const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const common = {
  id,
  /** What people are shown. */
  name: z.string().min(1).max(100),
};

/** An application that people sign in to. */
const application = z.strictObject({
  ...common,
  kind: z.literal('application'),
  /** What it may ask for at most; `patient/*.rs` lets it ask for `patient/Observation.r`. */
  scopes: scopesOfPeople,
  redirectUris: z.array(redirectUri).min(1).max(16),
  postLogoutRedirectUris: z.array(redirectUri).max(16).default([]),
  /** Of the platform itself: people are not asked whether it may. */
  firstParty: z.boolean().default(false),
  /** Keeps a secret, being a server; applications in browsers and on phones cannot. */
  confidential: z.boolean().default(false),
});

/** A program on a machine without a browser: people sign in elsewhere with a code that it shows. */
const device = z.strictObject({
  ...common,
  kind: z.literal('device'),
  scopes: scopesOfPeople,
  firstParty: z.boolean().default(false),
});

/** A program that acts for an institution, without people. */
const service = z.strictObject({
  ...common,
  kind: z.literal('service'),
  scopes: scopesOf('system'),
  role: z.enum(roles).exclude(['patient', 'dapp']),
  mspId: primitives.mspId,
  institution: primitives.identifier,
});

/** The back end of a DApp: a program in the place of the institution that publishes it. */
const dapp = z.strictObject({
  /** No other client has a colon in its id. */
  id: z.string().refine((text) => dappOfClient(text) !== undefined, 'must be dapp: and the id of the DApp'),
  name: common.name,
  kind: z.literal('dapp'),
  scopes: scopesOf('system'),
  mspId: primitives.mspId,
  institution: primitives.identifier,
  /** Signs what it authenticates with (`private_key_jwt`); without one it keeps a secret. */
  publicKey: z
    .strictObject({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: coordinate,
      y: coordinate,
      kid: z.string().min(1).max(100),
    })
    .optional(),
});

/** A client as an administrator describes it. */
export const clientDescription = z.discriminatedUnion('kind', [application, device, service, dapp]);
export type ClientDescription = z.infer<typeof clientDescription>;

/** As kept: a confidential one with its secret. */
export const client = z.strictObject({
  description: clientDescription,
  secret: z.string().optional(),
});
export type Client = z.infer<typeof client>;

/** True if people are not asked whether it may. */
export const isFirstParty = ({ description }: Client): boolean =>
  'firstParty' in description && description.firstParty;
