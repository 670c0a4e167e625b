import { type Endpoint } from '../http/endpoint.js';
import { affiliation, affiliations } from './affiliations.js';
import { caInfo } from './ca-info.js';
import { certificates } from './certificates.js';
import { enroll, reenroll } from './enroll.js';
import { generateCrlEndpoint } from './generate-crl.js';
import { identities, identity } from './identities.js';
import { registration } from './register.js';
import { revoke } from './revoke.js';

/** Everything that can be asked. Credentials of Idemix (`idemix/credential`, `idemix/cri`) are not issued. */
export const endpoints: readonly Endpoint[] = [
  caInfo,
  registration,
  enroll,
  reenroll,
  revoke,
  generateCrlEndpoint,
  identities,
  identity,
  affiliations,
  affiliation,
  certificates,
];
