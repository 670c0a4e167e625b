import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type HttpPages } from '@medigraph/platform/graph';
import { type RecordsContext } from './context.js';

/** Several kinds of pages, each with the paths that are its own. */
export class PagesByPath implements HttpPages<RecordsContext> {
  readonly paths: readonly string[];
  readonly #kinds: readonly HttpPages<RecordsContext>[];

  constructor(...kinds: readonly HttpPages<RecordsContext>[]) {
    this.paths = kinds.flatMap(({ paths }) => paths);
    this.#kinds = kinds;
  }

  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    context: RecordsContext,
  ): Promise<void> {
    const owner = this.#kinds.find(({ paths }) => paths.some((path) => url.pathname.startsWith(path)));
    await owner?.serve(request, response, url, context);
  }
}
