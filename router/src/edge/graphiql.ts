import { type IncomingMessage, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

const firstQuery = `# Who are you? Put an access token into the
# tab "Headers" below, as
#   { "authorization": "Bearer TOKEN" }
# Without one, only the schema is shown.
# On a development machine, a token for TOKEN:
#   npx medigraph token --as patient
{
  __typename
}
`;

/** GraphiQL in one page that loads nothing from elsewhere. It is made at the first visit and kept compressed. */
export class GraphiqlPage {
  readonly #endpoint: string;
  #page: Promise<Buffer> | undefined;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#page ??= this.#render();
    const compressed = await this.#page;
    const plain = !/\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      ...(!plain && { 'content-encoding': 'gzip' }),
    });
    response.end(plain ? await promisify(gunzip)(compressed) : compressed);
  }

  async #render(): Promise<Buffer> {
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
    return promisify(gzip)(
      renderGraphiQL({
        title: 'Medigraph',
        endpoint: this.#endpoint,
        subscriptionsProtocol: 'SSE',
        defaultQuery: firstQuery,
      }),
    );
  }
}
