/// <reference types="reflect-metadata" />
import { type Told, understood } from './told.js';
import { schemaOfValue, type ValueRules, type ValueSchema } from './value-schema.js';
import '@medigraph/chaincode-lib';

export interface PropertyRules extends ValueRules {
  /** May be absent: null in the graph. */
  readonly optional?: boolean;
  /** Why it should not be used any more, and what instead. */
  readonly deprecated?: string;
}

interface DeclaredProperty {
  readonly optional: boolean;
  readonly schema: ValueSchema;
}
type Properties = Readonly<Record<string, DeclaredProperty>>;

/** Where fabric-contract-api keeps the types of a process. */
const objectsKey = 'fabric:objects';
const propertiesKey = 'medigraph:properties';

/** A property of a {@link DataType}, described here or in the comment above. */
export function Property(...told: Told<PropertyRules>) {
  const { description, rules } = understood<PropertyRules>(told);
  return (target: object, name: string): void => {
    const { optional = false, deprecated, ...rest } = rules;
    const said: unknown = Reflect.getMetadata('design:type', target, name);
    try {
      const schema = {
        ...schemaOfValue(said, rest, ''),
        ...(description !== undefined && { description }),
        ...(deprecated !== undefined && { deprecated }),
      };
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
 * @param description - what it is, for whoever reads the graph; the comment above unless said.
 */
export function DataType(description?: string) {
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
      ...(description !== undefined && { description }),
      cnstr: target,
      properties: Object.fromEntries(properties.map(([name, property]) => [name, property.schema])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
    Reflect.defineMetadata(objectsKey, { ...objects, [target.name]: schema }, globalThis);
  };
}
