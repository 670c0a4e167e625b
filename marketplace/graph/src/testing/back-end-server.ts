import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { type AddressInfo } from 'node:net';
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

/** What came. */
export interface ReceivedMessage {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The back end of a DApp on the loopback: it hears of events over TLS, and answers as it is told. */
export class BackEndServer {
  readonly received: ReceivedMessage[] = [];
  /** Its own certificate (PEM), which nobody trusts who is not told to. */
  readonly certificate: string;
  /** What it answers the next messages with; 204 by default. */
  answer: (response: ServerResponse, message: ReceivedMessage) => void = (response) => {
    response.writeHead(204).end();
  };
  readonly #server: Server;

  private constructor(server: Server, certificate: string) {
    this.#server = server;
    this.certificate = certificate;
  }

  static async start(): Promise<BackEndServer> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: 'CN=localhost',
      notBefore: new Date(Date.now() - dayMs),
      notAfter: new Date(Date.now() + dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
      ],
    });
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    const cert = certificate.toString('pem');
    const server = createServer({ cert, key: key.export({ type: 'pkcs8', format: 'pem' }) });
    const backEnd = new BackEndServer(server, cert);
    server.on('request', (request, response) => void backEnd.#receive(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return backEnd;
  }

  /** @param host - by which it is called. */
  url(path: string, host = 'localhost'): string {
    return `https://${host}:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const message = { path: request.url ?? '', headers: request.headers, body };
    this.received.push(message);
    this.answer(response, message);
  }
}
