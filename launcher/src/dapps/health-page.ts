import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type SandboxHost } from '@medigraph/dapp-sandbox';

/** Says to whoever looks after this machine that DApps can run, which do, and what keeps them in. */
export class HealthPage {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on the loopback alone: it is for what runs beside it. */
  static async listen(port: number, sandbox: SandboxHost): Promise<HealthPage> {
    const server = createServer((request, response) => {
      if (request.url !== '/health') {
        response.writeHead(404).end();
        return;
      }
      void sandbox.status().then(
        (status) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(status)),
        () => response.writeHead(503).end(),
      );
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new HealthPage(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
