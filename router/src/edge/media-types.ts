import { NotAcceptableError } from '../errors.js';

/** What the router can answer a GraphQL request with. */
export type ResponseMediaType =
  'application/graphql-response+json' | 'application/json' | 'text/event-stream';

/** A range of an `Accept` header with its weight. */
interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

/** Ranges of an `Accept` header, or one like it, the most wanted first. */
export function rangesOf(accept: string): readonly MediaRange[] {
  return accept
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
      return { type, weight: Number.isNaN(weight) ? 0 : weight };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
}

/** The media type for an answer; clients that do not say get `application/json`. @throws {@link NotAcceptableError} */
export function negotiate(accept: string | undefined): ResponseMediaType {
  if (!accept?.trim()) return 'application/json';
  for (const { type } of rangesOf(accept)) {
    switch (type) {
      case 'application/graphql-response+json':
      case 'application/json':
      case 'text/event-stream':
        return type;
      case '*/*':
      case 'application/*':
        return 'application/json';
    }
  }
  throw new NotAcceptableError();
}

/** Whether a browser asks for a page. */
export function prefersHtml(accept: string | undefined): boolean {
  const [first] = rangesOf(accept ?? '');
  return first?.type === 'text/html';
}

/** Whether a request's `Content-Type` is JSON in UTF-8. */
export function isJson(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  return type === 'application/json' && (charset === undefined || charset.replaceAll('"', '') === 'utf-8');
}
