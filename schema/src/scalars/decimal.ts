import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { money } from '../ledger/primitives.js';

/** An amount as a decimal string with two places: no amount ever passes through a binary float. */
export const decimalScalar = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description: 'An amount as a decimal string with two places, such as "129.16"; never a binary float.',
  serialize: amount,
  parseValue: amount,
  parseLiteral(node) {
    if (node.kind !== Kind.STRING)
      throw new GraphQLError('Decimal must be a string, such as "129.16".', { nodes: node });
    return amount(node.value);
  },
});

function amount(value: unknown): string {
  const parsed = money.shape.value.safeParse(value);
  if (!parsed.success)
    throw new GraphQLError('Decimal must be a string with two decimal places, such as "129.16".');
  return parsed.data;
}
