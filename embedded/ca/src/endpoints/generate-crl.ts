import { type Authority } from '../authority.js';
import { revocationList } from '../certificates/revocation-list.js';
import { type Endpoint, operation } from '../http/endpoint.js';
import { type Fields } from '../http/fields.js';
import { attributeName } from '../identities/attributes.js';
import { Refusal, refusalCode } from '../refusal.js';
import { type CertificateRecord } from '../store/records.js';

/** Which revoked certificates a list should have; milliseconds since 1970. */
interface Selection {
  readonly revokedAfter?: number | undefined;
  readonly revokedBefore?: number | undefined;
  readonly expireAfter?: number | undefined;
  readonly expireBefore?: number | undefined;
}

const readSelection = (fields: Fields): Selection => ({
  revokedAfter: fields.time('revokedafter'),
  revokedBefore: fields.time('revokedbefore'),
  expireAfter: fields.time('expireafter'),
  expireBefore: fields.time('expirebefore'),
});

const later = (one: number | undefined, other: number | undefined) =>
  one !== undefined && other !== undefined && one > other;

function requireOrder({ revokedAfter, revokedBefore, expireAfter, expireBefore }: Selection): void {
  const refuse = (
    code: typeof refusalCode.revokedAfter | typeof refusalCode.expireAfter,
    after: string,
    before: string,
  ) => {
    throw new Refusal(
      400,
      code,
      `Invalid '${after}' value. It must not be a timestamp greater than '${before}'`,
    );
  };
  if (later(revokedAfter, revokedBefore)) refuse(refusalCode.revokedAfter, 'revokedafter', 'revokedbefore');
  if (later(expireAfter, expireBefore)) refuse(refusalCode.expireAfter, 'expireafter', 'expirebefore');
}

const selects =
  ({ revokedAfter = 0, revokedBefore = Infinity, expireAfter = 0, expireBefore = Infinity }: Selection) =>
  ({ expiry, revoked }: CertificateRecord): boolean =>
    revoked !== undefined &&
    revoked.at > revokedAfter &&
    revoked.at < revokedBefore &&
    expiry > expireAfter &&
    expiry < expireBefore;

/** A list of an authority's revoked certificates, PEM in base64. */
export async function generateCrl({ store, key }: Authority, selection: Selection = {}): Promise<string> {
  requireOrder(selection);
  const isSelected = selects(selection);
  const revoked: CertificateRecord[] = [];
  for await (const record of store.revokedCertificates()) if (isSelected(record)) revoked.push(record);
  return Buffer.from(await revocationList(key, revoked)).toString('base64');
}

export const generateCrlEndpoint: Endpoint = {
  path: 'gencrl',
  methods: {
    POST: operation(200, async (request) => {
      const selection = readSelection(request.fields);
      const { caller } = await request.authenticate();
      if (!caller.isTrue(attributeName.genCrl)) {
        throw Refusal.authorization(
          refusalCode.notGenCrl,
          `The identity '${caller.name}' does not have authority to generate a CRL`,
        );
      }
      return { CRL: await generateCrl(request.authority, selection) };
    }),
  },
};
