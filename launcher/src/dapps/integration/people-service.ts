/** What tests of a DApp ask whoever started the network for: tokens for anybody, and people whom nobody knew before. */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { z } from 'zod';
import { CommandError } from '../../errors.js';
import { type Home } from '../development/home.js';
import { install, registerPatient, registerPractitioner } from '../development/people.js';

/** @see PeopleService */
export interface PeopleServiceOptions extends Pick<Home, 'as' | 'token'> {
  /** DApps that new patients install. */
  readonly dapps: readonly Pick<DAppManifest, 'id' | 'scopes'>[];
}

const questions = {
  token: z.object({ role: z.string() }),
  patient: z.object({ installed: z.boolean() }),
  practitioner: z.object({ institution: z.string(), id: z.string() }),
} as const;

/** Listens on this machine alone, and answers whoever has its secret. */
export class PeopleService {
  readonly #options: PeopleServiceOptions;
  readonly #server: Server;
  readonly secret = randomBytes(32).toString('base64url');

  private constructor(options: PeopleServiceOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(([status, body]) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      );
    });
  }

  static async listen(options: PeopleServiceOptions): Promise<PeopleService> {
    const service = new PeopleService(options);
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage): Promise<[status: number, body: object]> {
    if (!this.#knows(request.headers.authorization))
      return [401, { code: 'UNAUTHENTICATED', message: 'the secret of the network is another' }];
    try {
      return [200, await this.#do(request.url ?? '', await json(request))];
    } catch (error) {
      const { code = 'QUESTION_INVALID', message } = error as Error & { code?: string };
      return [400, { code, message }];
    }
  }

  async #do(what: string, given: unknown): Promise<object> {
    const { as, token, dapps } = this.#options;
    switch (what) {
      case '/token':
        return { token: await token(questions.token.parse(given).role) };
      case '/patient': {
        const { installed } = questions.patient.parse(given);
        const address = await registerPatient(as, randomUUID());
        if (installed) for (const dapp of dapps) await install(as, dapp, { patient: address });
        return { address, token: await token(`patient:${address}`) };
      }
      case '/practitioner': {
        const { institution, id } = questions.practitioner.parse(given);
        await registerPractitioner(as, institution, id);
        return { token: await token(`practitioner:${institution}/${id}`) };
      }
      default:
        throw new CommandError('QUESTION_INVALID', `nobody answers ${what}`);
    }
  }

  #knows(authorization = ''): boolean {
    const [said, meant] = [Buffer.from(authorization), Buffer.from(`Bearer ${this.secret}`)];
    return said.length === meant.length && timingSafeEqual(said, meant);
  }
}
