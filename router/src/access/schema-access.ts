import {
  isInterfaceType,
  isObjectType,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { linkedDirectivesOf } from '../engine/linked-directives.js';
import { requirementOf, type Requirement } from './requirement.js';

/**
 * What a schema asks of those who want its parts. Composition lets interfaces inherit what their objects ask; an interface of an
 * older composition that asks something none of its objects does asks it of all of them.
 */
export class SchemaAccess {
  readonly #schema: GraphQLSchema;
  readonly #types = new Map<string, Requirement>();
  readonly #fields = new Map<string, Requirement>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
    for (const type of Object.values(schema.getTypeMap())) {
      const required = requirementOf(linkedDirectivesOf(type));
      if (required) this.#types.set(type.name, required);
      if (!isObjectType(type) && !isInterfaceType(type)) continue;
      for (const field of Object.values(type.getFields())) this.#setField(type.name, field);
    }
    for (const type of Object.values(schema.getTypeMap())) if (isInterfaceType(type)) this.#handDown(type);
  }

  /** Whether nothing is asked of anybody. */
  get open(): boolean {
    return this.#types.size === 0 && this.#fields.size === 0;
  }

  /** What is asked for any value of a type. */
  type(name: string): Requirement | undefined {
    return this.#types.get(name);
  }

  /** What is asked for a field of a type. */
  field(typeName: string, fieldName: string): Requirement | undefined {
    return this.#fields.get(`${typeName}.${fieldName}`);
  }

  #setField(typeName: string, { name, extensions }: GraphQLField<unknown, unknown>): void {
    const required = requirementOf(linkedDirectivesOf({ extensions }));
    if (required) this.#fields.set(`${typeName}.${name}`, required);
  }

  #handDown(type: GraphQLInterfaceType): void {
    const objects: readonly GraphQLObjectType[] = this.#schema.getPossibleTypes(type);
    const ofType = this.#types.get(type.name);
    if (ofType && !objects.some(({ name }) => this.#types.has(name)))
      for (const { name } of objects) this.#types.set(name, ofType);
    for (const { name: field } of Object.values(type.getFields())) {
      const ofField = this.#fields.get(`${type.name}.${field}`);
      if (!ofField || objects.some(({ name }) => this.#fields.has(`${name}.${field}`))) continue;
      for (const { name } of objects) this.#fields.set(`${name}.${field}`, ofField);
    }
  }
}
