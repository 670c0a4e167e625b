import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { createTokenIssuer, createTokenVerifiers, SealedStore, type TokenVerifier } from './index.js';

const local = 'urn:medigraph:local';
const folder = temporaryFolder();
const now = (): number => Math.floor(Date.now() / 1000);

/** A provider of somebody else: its own metadata, keys, algorithm and claims. */
class OtherProvider {
  readonly #server: Server;
  readonly #sign: (claims: object) => Promise<string>;
  issuer = '';
  metadata: Record<string, unknown> = {};
  fails = false;

  private constructor(server: Server, sign: (claims: object) => Promise<string>) {
    this.#server = server;
    this.#sign = sign;
  }

  static async start(): Promise<OtherProvider> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'other', alg: 'RS256' }] };
    const server = createServer((request, response) => {
      response.statusCode = provider.fails ? 503 : 200;
      response.end(JSON.stringify(request.url === '/keys' ? keys : provider.metadata));
    });
    const provider: OtherProvider = new OtherProvider(server, (claims): Promise<string> =>
      new SignJWT({ iss: provider.issuer, aud: 'medigraph', iat: now(), exp: now() + 60, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'other', typ: 'at+jwt' })
        .sign(privateKey),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    provider.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    provider.metadata = { issuer: provider.issuer, jwks_uri: `${provider.issuer}/keys` };
    return provider;
  }

  sign(claims: object): Promise<string> {
    return this.#sign(claims);
  }

  stop(): Promise<unknown> {
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

const patient = 'a'.repeat(40);
const ofPatient = { sub: patient, role: 'patient', msp_id: 'PatientsMSP', patient };
let other: OtherProvider;
let localToken: string;

async function verifiers(options: object = {}): Promise<TokenVerifier> {
  const issuer = await createTokenIssuer({ store: await SealedStore.open({ folder }), issuer: local });
  localToken = await issuer.issue(
    { subject: patient, role: 'patient', mspId: 'PatientsMSP', patient, scopes: [] },
    60,
  );
  return createTokenVerifiers([
    { issuer: local, keys: issuer },
    { issuer: other.issuer, keys: 'discovery', algorithms: ['RS256'], ...options },
  ]);
}

beforeEach(async () => {
  other = await OtherProvider.start();
});
afterEach(() => other.stop());

describe('several issuers', () => {
  it('are trusted, each with its own keys', async () => {
    const verifier = await verifiers();
    await expect(verifier.verify(localToken)).resolves.toMatchObject({ patient });
    await expect(verifier.verify(await other.sign(ofPatient))).resolves.toMatchObject({ patient });
  });

  it('cannot sign for each other', async () => {
    const verifier = await verifiers();
    await expect(verifier.verify(await other.sign({ ...ofPatient, iss: local }))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'algorithm',
    });
  });

  it('are the only ones', async () => {
    const verifier = await verifiers();
    const token = await other.sign({ ...ofPatient, iss: 'https://mallory.example' });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', reason: 'iss' });
  });

  it.each(['', 'abc', 'a.b.c'])('say what is wrong with %j', async (token) => {
    await expect((await verifiers()).verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('discovery', () => {
  it('is tried again after it failed', async () => {
    const verifier = await verifiers();
    const token = await other.sign(ofPatient);
    other.fails = true;
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'IDENTITY_UNAVAILABLE' });
    other.fails = false;
    await expect(verifier.verify(token)).resolves.toMatchObject({ patient });
  });

  it('takes the metadata of no other provider', async () => {
    const verifier = await verifiers();
    other.metadata = { ...other.metadata, issuer: 'https://mallory.example' };
    await expect(verifier.verify(await other.sign(ofPatient))).rejects.toMatchObject({
      code: 'IDENTITY_UNAVAILABLE',
    });
  });
});

describe('claims by other names', () => {
  const claimNames = {
    role: 'https://hospital.example/role',
    msp_id: '=HospitalAMSP',
    institution: 'organisation/id',
    practitioner: 'organisation/staff',
  };
  const theirs = {
    sub: '4711',
    'https://hospital.example/role': 'practitioner',
    organisation: { id: 'hospital-a', staff: 'dr-grey' },
  };

  it('are read as ours, and the subject is of the institution', async () => {
    const verifier = await verifiers({ claimNames });
    await expect(verifier.verify(await other.sign(theirs))).resolves.toMatchObject({
      subject: 'hospital-a/4711',
      role: 'practitioner',
      mspId: 'HospitalAMSP',
      institution: 'hospital-a',
      practitioner: 'dr-grey',
    });
  });

  it('cannot be given by ours where a value is fixed', async () => {
    const verifier = await verifiers({ claimNames });
    const token = await other.sign({ ...theirs, msp_id: 'RegulatorMSP' });
    await expect(verifier.verify(token)).resolves.toMatchObject({ mspId: 'HospitalAMSP' });
  });

  it('that are missing name nobody', async () => {
    const verifier = await verifiers({ claimNames });
    await expect(verifier.verify(await other.sign({ sub: '4711' }))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'claims',
    });
  });
});
