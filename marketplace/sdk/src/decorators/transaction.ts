/// <reference types="reflect-metadata" />
import '@medigraph/chaincode-lib';
import { type Told, understood } from './told.js';
import {
  schemaOfType,
  schemaOfValue,
  type TypeReference,
  type ValueRules,
  type ValueSchema,
} from './value-schema.js';

/** A transaction as fabric-contract-api describes it in a contract's metadata; descriptions are ours. */
interface TransactionDescription {
  readonly name: string;
  readonly description?: string;
  readonly deprecated?: string;
  readonly tag?: readonly string[];
  readonly parameters?: readonly ParameterDescription[];
  readonly returns?: ValueSchema;
}

interface ParameterDescription {
  readonly name: string;
  readonly description?: string;
  readonly schema: ValueSchema;
}

export interface TransactionRules {
  /** Why it should not be called any more, and what instead. */
  readonly deprecated?: string;
}

/** Where fabric-contract-api keeps the transactions of a contract. */
const transactionsKey = 'fabric:transactions';
const parametersKey = 'medigraph:parameters';
const types = '#/components/schemas/';

function describe(target: object, name: string, facts: Partial<TransactionDescription>): void {
  const known = (Reflect.getMetadata(transactionsKey, target) ?? []) as readonly TransactionDescription[];
  const before = known.find((one) => one.name === name);
  const others = known.filter((one) => one !== before);
  Reflect.defineMetadata(transactionsKey, [...others, { ...before, ...facts, name }], target);
}

function callable(told: Told<TransactionRules>, tag: readonly string[]) {
  const { description, rules } = understood<TransactionRules>(told);
  return (target: object, name: string): void => {
    const said = (Reflect.getMetadata('design:paramtypes', target, name) ?? []) as readonly unknown[];
    const declared = Reflect.getMetadata(parametersKey, target, name) as
      Map<number, ParameterDescription> | undefined;
    // The first parameter is the context.
    const parameters = Array.from({ length: Math.max(said.length - 1, 0) }, (_, index) => {
      const parameter = declared?.get(index + 1);
      if (!parameter)
        throw new TypeError(`${target.constructor.name}.${name}: parameter ${index + 1} has no @Param`);
      return parameter;
    });
    describe(target, name, { ...(description !== undefined && { description }), ...rules, tag, parameters });
  };
}

/** A method that writes: a mutation of the graph. What it does is described here or in the comment above. */
export const Transaction = (...told: Told<TransactionRules>) => callable(told, ['SUBMIT', 'submitTx']);

/** A method that only reads: a query of the graph. What it answers is described here or in the comment above. */
export const Evaluation = (...told: Told<TransactionRules>) => callable(told, ['EVALUATE']);

/**
 * What a transaction answers: a type, or a list of it in brackets. Without it, nothing.
 * @param description - of what is answered, where the transaction's own says too little of it; `@returns` of the comment above unless said.
 */
export const Returns =
  (type: TypeReference, description?: string) =>
  (target: object, name: string): void => {
    const schema = schemaOfType(type, types);
    describe(target, name, { returns: { ...schema, ...(description !== undefined && { description }) } });
  };

/**
 * A parameter of a transaction. All are required: what may be absent is a property of a type.
 * @param name - in the graph.
 * @param told - what it is, here or as `@param` in the comment above the transaction; rules.
 */
export function Param(name: string, ...told: Told<ValueRules>) {
  const { description, rules } = understood<ValueRules>(told);
  return (target: object, method: string, index: number): void => {
    const said = (Reflect.getMetadata('design:paramtypes', target, method) ?? []) as readonly unknown[];
    const others = Reflect.getMetadata(parametersKey, target, method) as
      Map<number, ParameterDescription> | undefined;
    try {
      const schema = schemaOfValue(said[index], rules, types);
      const declared = new Map(others).set(index, {
        name,
        ...(description !== undefined && { description }),
        schema,
      });
      Reflect.defineMetadata(parametersKey, declared, target, method);
    } catch (error) {
      throw new TypeError(`${target.constructor.name}.${method}, ${name}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  };
}
