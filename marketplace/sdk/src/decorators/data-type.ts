/// <reference types="reflect-metadata" />
import { schemaOfValue, type ValueRules, type ValueSchema } from './value-schema.js';
import '@medigraph/chaincode-lib';

export interface PropertyRules extends ValueRules {
  /** May be absent: null in the graph. */
  readonly optional?: boolean;
}

interface DeclaredProperty {
  readonly optional: boolean;
  readonly schema: ValueSchema;
}
type Properties = Readonly<Record<string, DeclaredProperty>>;

/** Where fabric-contract-api keeps the types of a process. */
const objectsKey = 'fabric:objects';
const propertiesKey = 'medigraph:properties';

/**
 * A property of a {@link DataType}.
 * @param description - what it is, for whoever reads the graph.
 */
export function Property(description: string, rules: PropertyRules = {}) {
  return (target: object, name: string): void => {
    const { optional = false, ...rest } = rules;
    const said: unknown = Reflect.getMetadata('design:type', target, name);
    try {
      const schema = { ...schemaOfValue(said, rest, ''), description };
      const others = Reflect.getMetadata(propertiesKey, target) as Properties | undefined;
      Reflect.defineMetadata(propertiesKey, { ...others, [name]: { optional, schema } }, target);
    } catch (error) {
      throw new TypeError(`${target.constructor.name}.${name}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  };
}

/**
 * A type of a DApp: what its transactions take and answer and its events carry. Nothing but its properties is taken.
 * @param description - what it is, for whoever reads the graph.
 */
export function DataType(description: string) {
  return (target: abstract new (...args: never[]) => object): void => {
    const objects = (Reflect.getMetadata(objectsKey, globalThis) ?? {}) as Record<string, { cnstr: unknown }>;
    if (Object.hasOwn(objects, target.name) && objects[target.name]?.cnstr !== target)
      throw new TypeError(`two types have the name ${target.name}`);
    const properties = Object.entries(
      (Reflect.getMetadata(propertiesKey, target.prototype as object) ?? {}) as Properties,
    );
    if (properties.length === 0) throw new TypeError(`${target.name} has no property`);
    const required = properties.flatMap(([name, { optional }]) => (optional ? [] : [name]));
    const schema = {
      $id: target.name,
      type: 'object',
      description,
      cnstr: target,
      properties: Object.fromEntries(properties.map(([name, property]) => [name, property.schema])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
    Reflect.defineMetadata(objectsKey, { ...objects, [target.name]: schema }, globalThis);
  };
}
