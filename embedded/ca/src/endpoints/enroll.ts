import { type Authority } from '../authority.js';
import { alternativeNames } from '../certificates/alternative-names.js';
import { attributeExtension } from '../certificates/attribute-extension.js';
import { SigningRequest } from '../certificates/csr.js';
import { issue } from '../certificates/issue.js';
import { type Profile, profiles } from '../certificates/profile.js';
import { type RequestedSubject, subjectOf } from '../certificates/subject.js';
import { type CaRequest } from '../http/ca-request.js';
import { type Endpoint, operation } from '../http/endpoint.js';
import { type Fields } from '../http/fields.js';
import { attributeName } from '../identities/attributes.js';
import { Caller } from '../identities/caller.js';
import { Refusal, refusalCode } from '../refusal.js';
import { type CertificateRecord, type IdentityRecord, normalHex } from '../store/records.js';
import { caInfoOf } from './ca-info.js';
import { logIn } from './login.js';

const minute = 60_000;
/** Fabric CA's name for the profile of authorities. */
const authorityProfile = 'ca';

function profileNamed(name: string): Profile {
  const profile = profiles.get(name);
  if (profile === undefined) throw Refusal.unknown(`Invalid profile: '${name}'`);
  return profile;
}

function requestedSubject(fields: Fields): (RequestedSubject & { readonly commonName: string }) | undefined {
  const subject = fields.object('subject');
  if (subject === undefined) return undefined;
  return {
    commonName: subject.string('CN'),
    serialNumber: subject.string('SerialNumber'),
    names: (subject.objects('names') ?? []).map((name) => ({
      C: name.string('C'),
      ST: name.string('ST'),
      L: name.string('L'),
      O: name.string('O'),
    })),
  };
}

/** What only the registry may say, or nobody here can do. */
function refuseForeignContent(fields: Fields): void {
  for (const name of ['extensions', 'crl_override', 'ReturnPrecert']) {
    const asked =
      name === 'extensions'
        ? (fields.objects(name) ?? []).length > 0
        : name === 'ReturnPrecert'
          ? fields.boolean(name)
          : fields.string(name) !== '';
    if (asked) throw new Refusal(400, refusalCode.badRequest, `A request may not set '${name}'`);
  }
}

/** From when, as long as the authority itself is valid, to when. */
function validity({ certificate }: Authority['key'], { lifetime }: Profile, wantedFrom: number | undefined) {
  const earliest = Date.parse(certificate.validFrom);
  const latest = Date.parse(certificate.validTo);
  return {
    notBefore: Math.max(wantedFrom ?? earliest, earliest),
    notAfter: Math.min(Math.round(Date.now() / minute) * minute + lifetime, latest),
  };
}

async function certify(request: CaRequest, identity: IdentityRecord): Promise<CertificateRecord> {
  const { fields, authority } = request;
  const csr = SigningRequest.parse(fields.string('certificate_request'));
  const subject = requestedSubject(fields);
  if (
    (subject !== undefined && subject.commonName !== identity.name) ||
    csr.subject('CN') !== identity.name
  ) {
    throw new Refusal(
      403,
      refusalCode.commonName,
      'The CSR subject common name must equal the enrollment ID',
    );
  }
  const profileName = fields.string('profile');
  if (profileName === authorityProfile || csr.asksForAuthority) refuseAuthority(identity);
  const profile = profileNamed(profileName);
  csr.checkLengths();
  refuseForeignContent(fields);
  const attributes = attributeExtension(
    identity.attributes,
    fields
      .objects('attr_reqs')
      ?.map((each) => ({ name: each.string('name'), optional: each.boolean('optional') })),
  );
  await csr.checkKey();
  const span = validity(authority.key, profile, fields.time('NotBefore'));
  const { pem, serial } = await issue(
    authority.key,
    {
      ...span,
      subject: subjectOf(identity, subject, csr),
      publicKey: csr.publicKey,
      alternativeNames: alternativeNames(fields.strings('hosts'), csr.alternativeNames),
      attributes,
    },
    profile,
  );
  return {
    serial,
    aki: normalHex(authority.key.identifier),
    id: identity.name,
    label: fields.string('label'),
    expiry: span.notAfter,
    pem,
  };
}

/** Nobody gets the certificate of an authority here; who may not even ask is told so. */
function refuseAuthority(identity: IdentityRecord): never {
  if (new Caller(identity).isTrue(attributeName.intermediateCa)) {
    throw Refusal.unknown('Certificate signing failure: the authority issues no authorities');
  }
  throw Refusal.authorization(
    refusalCode.invokerAttribute,
    `Enrolled failed: Attribute '${attributeName.intermediateCa}' is not set to true for identity '${identity.name}'`,
  );
}

const enrolled = (authority: Authority, { pem }: CertificateRecord) => ({
  Cert: Buffer.from(pem).toString('base64'),
  ServerInfo: caInfoOf(authority),
});

/** A name and a password become a certificate. */
async function enrollWithPassword(request: CaRequest): Promise<unknown> {
  const { name } = await logIn(request);
  const { authority } = request;
  const { store } = authority;
  const found = await store.identity(name);
  const certificate = await certify(request, found ?? gone(name));
  await store.change(async (changes) => {
    // Others may have enrolled with the same name meanwhile, or taken it away.
    const identity = (await store.identity(name)) ?? gone(name);
    const { state, maxEnrollments } = identity;
    if (state < 0 || (maxEnrollments !== -1 && state >= maxEnrollments)) {
      throw Refusal.unknown(`No rows were affected when updating the state of identity ${name}`);
    }
    changes.putIdentity({ ...identity, state: state + 1 });
    changes.addCertificate(certificate);
  });
  return enrolled(authority, certificate);
}

/** A certificate that is good becomes another. */
async function enrollWithCertificate(request: CaRequest): Promise<unknown> {
  const { caller } = await request.authenticate();
  const certificate = await certify(request, caller.identity);
  await request.authority.store.change((changes) => {
    changes.addCertificate(certificate);
    return Promise.resolve();
  });
  return enrolled(request.authority, certificate);
}

function gone(name: string): never {
  throw Refusal.authentication(refusalCode.invalidUser, `Failed to get user '${name}'`);
}

export const enroll: Endpoint = { path: 'enroll', methods: { POST: operation(201, enrollWithPassword) } };
export const reenroll: Endpoint = {
  path: 'reenroll',
  methods: { POST: operation(201, enrollWithCertificate) },
};
