import { type Authority } from '../authority.js';
import { type CaRequest } from '../http/ca-request.js';
import { type Endpoint, operation } from '../http/endpoint.js';

/** The Fabric CA whose interface this is. */
const version = '1.5.15';

/** What an authority says of itself. There are no keys for Idemix: it issues none of its credentials. */
export const caInfoOf = ({ name, key }: Authority) => ({
  CAName: name,
  CAChain: Buffer.from(key.chainPem).toString('base64'),
  IssuerPublicKey: '',
  IssuerRevocationPublicKey: '',
  Version: '',
});

const tell = (request: CaRequest) => Promise.resolve({ ...caInfoOf(request.authority), Version: version });

export const caInfo: Endpoint = {
  path: 'cainfo',
  methods: { GET: operation(200, tell), POST: operation(200, tell), HEAD: operation(200, tell) },
};
