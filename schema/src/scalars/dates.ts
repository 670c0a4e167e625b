import { GraphQLScalarType } from 'graphql';
import { GraphQLDate, GraphQLDateTime } from 'graphql-scalars';

const day = (value: Date): string => value.toISOString().slice(0, 10);
const instant = (value: Date): string => value.toISOString();

/** A calendar day; inside a `YYYY-MM-DD` string. */
export const dateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A calendar day, such as 2026-11-22 (RFC 3339 full-date).',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
  serialize: (value) => textOf(GraphQLDate.serialize(value), day),
  parseValue: (value) => day(GraphQLDate.parseValue(value)),
  parseLiteral: (node, variables) => day(GraphQLDate.parseLiteral(node, variables)),
});

/** An instant; inside a string in UTC with milliseconds, whatever offset the client wrote. */
export const dateTimeScalar = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description: 'An instant in UTC with milliseconds, such as 2026-11-22T10:15:30.000Z (RFC 3339 date-time).',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
  serialize: (value) => textOf(GraphQLDateTime.serialize(value), instant),
  parseValue: (value) => instant(GraphQLDateTime.parseValue(value)),
  parseLiteral: (node, variables) => instant(GraphQLDateTime.parseLiteral(node, variables)),
});

function textOf(value: unknown, write: (value: Date) => string): string {
  return value instanceof Date ? write(value) : String(value);
}
