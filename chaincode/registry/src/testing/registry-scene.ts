/** The people of the registry suite's tests, a publisher with a key, and calls that check answers and events against the schema. */
import { type BenchIdentity, ContractBench, type Endorsed } from '@medigraph/chaincode-lib/testing';
import { CareScene } from '@medigraph/chaincode-care/testing';
import { registry, registryTransactions, type RegistryTransaction } from '@medigraph/schema';
import { publishedPayload } from '@medigraph/schema/dapps';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { contracts } from '../index.js';

type Table = typeof registryTransactions;
type Argument<Name extends RegistryTransaction> = z.input<Table[Name]['argument']>;
type Answer<Name extends RegistryTransaction> = z.output<Table[Name]['answer']>;

export interface Answered<Name extends RegistryTransaction> extends Endorsed {
  readonly result: Answer<Name>;
}

/** A key that signs packages. */
export class SigningKey {
  readonly #private: KeyObject;
  /** SubjectPublicKeyInfo in base64. */
  readonly spki: string;
  readonly kid: string;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#private = privateKey;
    this.spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
    this.kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  }

  /** A JWS in compact serialisation, its payload detached. */
  sign(claims: registry.PublishedClaims, changes: object = {}): string {
    const [head = '', payload = ''] = [
      JSON.stringify({ alg: 'ES256', kid: this.kid, typ: 'medigraph-dapp+jws', ...changes }),
      publishedPayload(claims),
    ].map((one) => Buffer.from(one).toString('base64url'));
    const signature = sign('sha256', Buffer.from(`${head}.${payload}`), {
      key: this.#private,
      dsaEncoding: 'ieee-p1363',
    });
    return `${head}..${signature.toString('base64url')}`;
  }
}

/** Digest of a package that stands for any. */
export const packageOf = (version: string): string => createHash('sha256').update(version).digest('hex');

export class RegistryScene {
  readonly key = new SigningKey();

  private constructor(
    readonly care: CareScene,
    readonly bench: ContractBench,
  ) {}

  /** The organisations of the care suite's tests, and publisher `acme` in the place of hospital-a. */
  static async open(): Promise<RegistryScene> {
    const care = await CareScene.open();
    const bench = new ContractBench({
      contracts,
      channel: 'care',
      chaincode: 'registry',
      others: [care.bench],
    });
    const scene = new RegistryScene(care, bench);
    await scene.submit(scene.publisher, 'DApps:RegisterPublisher', {
      id: 'acme',
      name: 'Acme',
      institution: 'hospital-a',
      key: scene.key.spki,
    });
    return scene;
  }

  get publisher(): BenchIdentity {
    return this.care.hospital;
  }

  /** Five of the six organisations: a majority of four is needed. */
  get reviewers(): BenchIdentity[] {
    const { hospital, otherHospital, insurer, otherInsurer, regulator } = this.care;
    return [hospital, otherHospital, insurer, otherInsurer, regulator];
  }

  /** What a publisher signs and sends; with a required scope `labs` and an optional one. */
  publication(
    version: string,
    changes: Partial<Argument<'DApps:Publish'>['manifest']> = {},
    signature?: string,
  ): Argument<'DApps:Publish'> {
    const sha256 = packageOf(version);
    const manifest = {
      id: 'diary',
      name: 'Diary',
      summary: 'Keeps a diary',
      publisher: 'acme',
      version,
      license: 'Apache-2.0',
      categories: ['wellbeing' as const],
      medigraph: '>=0.1.0',
      contracts: { entry: 'contracts/index.js', names: ['Diary'] },
      scopes: {
        required: [
          {
            id: 'labs',
            reason: 'to draw curves',
            purpose: ['PATRQT' as const],
            category: ['observation' as const],
            days: 30,
          },
        ],
        optional: [{ id: 'all', reason: 'to show everything', purpose: ['TREAT' as const] }],
      },
      support: {},
      ...changes,
    };
    const claims = { dapp: manifest.id, version, package: sha256 };
    return { manifest, package: { sha256, size: 1 }, signature: signature ?? this.key.sign(claims) };
  }

  publish(version: string): Promise<Answered<'DApps:Publish'>> {
    return this.submit(this.publisher, 'DApps:Publish', this.publication(version));
  }

  async check(version: string): Promise<void> {
    await this.submit(this.care.insurer, 'DApps:ReportChecks', { dapp: 'diary', version, findings: [] });
  }

  async approve(version: string, by = this.reviewers.slice(0, 4)): Promise<void> {
    for (const who of by) await this.submit(who, 'DApps:Approve', { dapp: 'diary', version });
  }

  /** Publishes a version and brings it to run. */
  async run(version: string): Promise<void> {
    await this.publish(version);
    await this.check(version);
    await this.approve(version);
    await this.submit(this.care.insurer, 'DApps:Activate', { dapp: 'diary', version });
  }

  async submit<Name extends RegistryTransaction>(
    who: BenchIdentity,
    name: Name,
    argument: Argument<Name>,
  ): Promise<Answered<Name>> {
    // One clock: what the other suite wrote was written before.
    this.bench.advance(Math.max(0, this.care.bench.now.getTime() - this.bench.now.getTime()));
    const endorsed = await this.bench.submit(who, name, argument);
    const result = registryTransactions[name].answer.parse(endorsed.result) as Answer<Name>;
    if (!endorsed.event) throw new Error(`${name} emitted no event`);
    const shape = registry.registryEvents[endorsed.event.name as keyof typeof registry.registryEvents];
    z.array<z.ZodType>(shape).length(1).parse(endorsed.event.payload);
    return { ...endorsed, result };
  }

  async evaluate<Name extends RegistryTransaction>(
    who: BenchIdentity,
    name: Name,
    argument: Argument<Name>,
  ): Promise<Answer<Name>> {
    return registryTransactions[name].answer.parse(
      await this.bench.evaluate(who, name, argument),
    ) as Answer<Name>;
  }
}
