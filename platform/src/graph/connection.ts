/** Relay connections: bounded pages, opaque cursors. */
import { type QueryFilter, type Model } from 'mongoose';
import { ArgsType, type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { CursorInvalidError } from '../projection/index.js';
import { BadUserInput } from './errors.js';
import { PageInfo } from './shared-types.js';

/** Most nodes of one page. */
export const maxPageSize = 100;
/** Nodes of a page whose size was not asked. */
export const defaultPageSize = 20;

/** Arguments of every connection. */
@ArgsType()
export class ConnectionArguments {
  @Field(() => Int, {
    defaultValue: defaultPageSize,
    description: `Size of the page, 1 to ${maxPageSize}.`,
  })
  first: number = defaultPageSize;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor to go on after, from an edge or from pageInfo.',
  })
  after?: string;
}

export interface Edge<Node> {
  cursor: string;
  node: Node;
}

export interface Connection<Node> {
  edges: Edge<Node>[];
  nodes: Node[];
  pageInfo: Readonly<Pick<PageInfo, keyof PageInfo>>;
}

/** Makes the object types `<name>Connection` and `<name>Edge`. */
export function connectionOf<Node extends object>(
  node: ClassType<Node>,
  name: string,
): ClassType<Connection<Node>> {
  @ObjectType(`${name}Edge`, { description: `A ${name} in a page.` })
  class EdgeType implements Edge<Node> {
    @Field(() => String, { description: 'Cursor of this edge.' })
    cursor!: string;

    @Field(() => node, { description: `The ${name}.` })
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${name}.` })
  class ConnectionType implements Connection<Node> {
    @Field(() => [EdgeType], { description: 'What the page holds, each with its cursor.' })
    edges!: EdgeType[];

    @Field(() => [node], { description: 'What the page holds.' })
    nodes!: Node[];

    @Field(() => PageInfo, { description: 'Where the page stands.' })
    pageInfo!: PageInfo;
  }
  return ConnectionType;
}

/** A page of documents in the order of one key and then of `_id`, so that equal keys neither repeat nor get lost. */
export interface PageOrder {
  readonly key: string;
  readonly direction: 1 | -1;
}

interface Keyed {
  readonly _id: string;
}

/**
 * Reads one page of what the filter lets through.
 * @throws `BAD_USER_INPUT` if `first` is out of bounds, `CURSOR_INVALID` if `after` is not a cursor of this list.
 */
export async function pageOf<Document extends Keyed, Node>(
  model: Model<Document>,
  filter: QueryFilter<Document>,
  order: PageOrder,
  { first, after }: ConnectionArguments,
  nodeOf: (document: Document) => Node,
): Promise<Connection<Node>> {
  requirePageSize(first);
  const { key, direction } = order;
  const conditions = after === undefined ? [filter] : [filter, beyond(order, after)];
  const found = await model
    .find({ $and: conditions } as QueryFilter<Document>)
    .sort({ [key]: direction, _id: direction })
    .limit(first + 1)
    .lean<Document[]>()
    .exec();
  const edges = found.slice(0, first).map((document) => ({
    cursor: encodeCursor(key, String((document as Record<string, unknown>)[key]), document._id),
    node: nodeOf(document),
  }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: found.length > first,
      startCursor: edges[0]?.cursor,
      endCursor: edges.at(-1)?.cursor,
    },
  };
}

/** A page with nothing in it: what a caller gets who may see nothing of a list. */
export function emptyPage<Node>({ first, after }: ConnectionArguments): Connection<Node> {
  requirePageSize(first);
  if (after !== undefined) decodeCursor(after);
  return { edges: [], nodes: [], pageInfo: { hasNextPage: false } };
}

function requirePageSize(first: number): void {
  if (first < 1 || first > maxPageSize)
    throw new BadUserInput(`first must be 1 to ${maxPageSize}, not ${first}.`);
}

function beyond({ key, direction }: PageOrder, after: string): object {
  const cursor = decodeCursor(after);
  if (cursor.key !== key) throw new CursorInvalidError('it is of another list');
  const side = direction === 1 ? '$gt' : '$lt';
  if (key === '_id') return { _id: { [side]: cursor.id } };
  return { $or: [{ [key]: { [side]: cursor.value } }, { [key]: cursor.value, _id: { [side]: cursor.id } }] };
}

function encodeCursor(key: string, value: string, id: string): string {
  return Buffer.from(JSON.stringify([key, value, id])).toString('base64url');
}

function decodeCursor(cursor: string): { key: string; value: string; id: string } {
  const parts = cursor.length > 1024 ? undefined : parseCursor(cursor);
  if (!Array.isArray(parts) || parts.length !== 3 || !parts.every((part) => typeof part === 'string'))
    throw new CursorInvalidError('this list did not give it; start again without it');
  const [key, value, id] = parts as [string, string, string];
  return { key, value, id };
}

function parseCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
