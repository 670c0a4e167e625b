import { DEFAULT_DEPRECATION_REASON } from 'graphql';
import { z } from 'zod';
import { DAppMetadataInvalid, DAppNameCollision } from './errors.js';
import { type RawSchema } from './metadata.js';
import { type ObjectShape, type ScalarName, type Shape, type ShapeField, type Shapes } from './shapes.js';

const most = { objects: 400, fields: 200, enumValues: 200, nesting: 12 } as const;
const longestDescription = 1_000;
const fieldName = /^(?!__)[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const enumValue = /^(?!__|true$|false$|null$)[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const int32 = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };

const schemaNode = z.looseObject({
  $id: z.string().optional(),
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string()).max(8)]).optional(),
  format: z.string().optional(),
  description: z.string().optional(),
  deprecated: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  nullable: z.boolean().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  properties: z.record(z.string(), z.looseObject({})).nullish(),
  required: z.array(z.string()).nullish(),
  items: z.unknown().optional(),
  allOf: z.array(z.looseObject({})).max(20).optional(),
  anyOf: z.unknown().optional(),
  oneOf: z.unknown().optional(),
  not: z.unknown().optional(),
});
type SchemaNode = z.infer<typeof schemaNode>;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A description as the graph shows it: of bounded length, without what terminals and pages might take for commands. */
export function described(text: string | null | undefined): string | undefined {
  const plain = text?.replace(/[\p{Cc}\p{Cf}]/gu, (sign) => (sign === '\n' ? sign : '')).trim();
  return plain ? plain.slice(0, longestDescription) : undefined;
}

/** Why something should not be used any more: a reason, or `true` as JSON Schema has it. */
export const deprecation = (said: unknown): string | undefined =>
  (typeof said === 'string' ? described(said) : undefined) ??
  (said === true || said === '' ? DEFAULT_DEPRECATION_REASON : undefined);

/** Comes from JSON Schemas to {@link Shape}s. What a graph cannot say of a value (`oneOf`, maps, tuples) is JSON. */
export class ShapeReader implements Shapes {
  readonly objects = new Map<string, ObjectShape>();
  readonly enums = new Map<string, readonly string[]>();
  readonly #components: ReadonlyMap<string, RawSchema>;
  /** Components that are no objects, and those that are being read, by name. */
  readonly #read = new Map<string, Shape | 'open'>();

  constructor(components: ReadonlyMap<string, RawSchema>) {
    this.#components = components;
  }

  /**
   * The shape of values of a schema.
   * @param name - what a type gets that has none of its own.
   * @param where - place in the metadata, for errors.
   * @throws {@link DAppMetadataInvalid}, {@link DAppNameCollision}
   */
  shapeOf(schema: RawSchema, name: string, where: string, depth = 0): Shape {
    if (depth > most.nesting) throw new DAppMetadataInvalid(where, `is nested deeper than ${most.nesting}`);
    const node = nodeOf(schema, where);
    if (node.$ref !== undefined) return this.component(componentName(node.$ref, where), where);
    const types = typeof node.type === 'string' ? [node.type] : (node.type ?? []);
    const nullable = node.nullable === true || types.includes('null');
    const [type, ...others] = types.filter((each) => each !== 'null');
    const json: Shape = { kind: 'scalar', scalar: 'JSON', nullable };
    if (others.length > 0 || node.anyOf !== undefined || node.oneOf !== undefined || node.not !== undefined)
      return json;
    if (type === 'array') {
      if (!isRecord(node.items)) return json;
      return { kind: 'list', of: this.shapeOf(node.items, name, `${where}.items`, depth + 1), nullable };
    }
    if (type === 'object' || (type === undefined && (node.properties || node.allOf))) {
      const fields = this.#fieldsOf(node, name, where, depth, new Set());
      if (fields.size === 0) return json;
      this.#define(name, { description: described(node.description), fields }, where);
      return { kind: 'object', name, nullable };
    }
    if (type === 'string' && node.enum) return this.#enumOf(node.enum, name, nullable, where);
    const scalar = scalarOf(type, node);
    return { kind: 'scalar', scalar, nullable };
  }

  /**
   * The shape of a component.
   * @throws {@link DAppMetadataInvalid} where there is none, or it is nothing but itself.
   */
  component(name: string, where: string): Shape {
    const known = this.#read.get(name);
    if (known === 'open') throw new DAppMetadataInvalid(where, `${name} is defined by itself`);
    if (known) return known;
    const schema = this.#components.get(name);
    if (!schema) throw new DAppMetadataInvalid(where, `there is no schema ${name}`);
    const place = `components.schemas.${name}`;
    const { $id } = nodeOf(schema, place);
    // Java puts the package in front.
    if ($id !== undefined && $id !== name && !$id.endsWith(`.${name}`))
      throw new DAppMetadataInvalid(place, `has the $id of another schema`);
    this.#read.set(name, 'open');
    const shape = this.#componentShape(name, schema, place);
    this.#read.set(name, shape);
    return shape;
  }

  #componentShape(name: string, schema: RawSchema, place: string): Shape {
    const node = nodeOf(schema, place);
    const isObject = (node.type === 'object' || node.type === undefined) && (node.properties ?? node.allOf);
    if (!isObject || node.$ref !== undefined) return this.shapeOf(schema, name, place);
    // Named before its fields are read: they may be of its own type.
    const shape: Shape = { kind: 'object', name, nullable: false };
    const object: ObjectShape = { description: described(node.description), fields: new Map() };
    this.#read.set(name, shape);
    this.#define(name, object, place);
    for (const [field, each] of this.#fieldsOf(node, name, place, 0, new Set([name])))
      object.fields.set(field, each);
    if (object.fields.size > 0) return shape;
    this.objects.delete(name);
    return { kind: 'scalar', scalar: 'JSON', nullable: false };
  }

  /** Own fields and those of what `allOf` names. */
  #fieldsOf(
    node: SchemaNode,
    name: string,
    where: string,
    depth: number,
    above: ReadonlySet<string>,
  ): Map<string, ShapeField> {
    const fields = new Map<string, ShapeField>();
    for (const [index, part] of (node.allOf ?? []).entries()) {
      const place = `${where}.allOf.${index}`;
      for (const [field, each] of this.#inherited(part, name, place, depth, above)) fields.set(field, each);
    }
    const properties = Object.entries(node.properties ?? {});
    if (properties.length > most.fields)
      throw new DAppMetadataInvalid(where, `has more than ${most.fields} properties`);
    const required = new Set(node.required);
    for (const [field, schema] of properties) {
      const place = `${where}.properties.${field}`;
      if (!fieldName.test(field)) throw new DAppMetadataInvalid(place, 'is no name for a field in GraphQL');
      const shape = this.shapeOf(schema, `${name}${capital(field)}`, place, depth + 1);
      const { description, deprecated } = nodeOf(schema, place);
      fields.set(field, {
        shape: { ...shape, nullable: shape.nullable || !required.has(field) },
        description: described(description),
        deprecated: deprecation(deprecated),
      });
    }
    for (const field of required)
      if (!fields.has(field))
        throw new DAppMetadataInvalid(where, `requires ${field}, which it does not have`);
    return fields;
  }

  #inherited(
    part: RawSchema,
    name: string,
    where: string,
    depth: number,
    above: ReadonlySet<string>,
  ): Map<string, ShapeField> {
    const node = nodeOf(part, where);
    if (depth > most.nesting) throw new DAppMetadataInvalid(where, `is nested deeper than ${most.nesting}`);
    if (node.$ref === undefined) return this.#fieldsOf(node, name, where, depth + 1, above);
    const parent = componentName(node.$ref, where);
    const schema = this.#components.get(parent);
    if (!schema) throw new DAppMetadataInvalid(where, `there is no schema ${parent}`);
    if (above.has(parent)) throw new DAppMetadataInvalid(where, `${parent} is defined by itself`);
    const place = `components.schemas.${parent}`;
    return this.#fieldsOf(nodeOf(schema, place), name, place, depth + 1, new Set([...above, parent]));
  }

  #enumOf(values: readonly unknown[], name: string, nullable: boolean, where: string): Shape {
    const names = values.filter(
      (value): value is string => typeof value === 'string' && enumValue.test(value),
    );
    // Values that GraphQL cannot name, such as `in progress`, stay text.
    if (names.length !== values.length || names.length === 0 || new Set(names).size !== names.length)
      return { kind: 'scalar', scalar: 'String', nullable };
    if (names.length > most.enumValues)
      throw new DAppMetadataInvalid(where, `has more than ${most.enumValues} values`);
    this.#unused(name, where);
    this.enums.set(name, names);
    return { kind: 'enum', name, nullable };
  }

  #define(name: string, object: ObjectShape, where: string): void {
    this.#unused(name, where);
    if (this.objects.size >= most.objects)
      throw new DAppMetadataInvalid(where, `there are more than ${most.objects} types`);
    this.objects.set(name, object);
  }

  #unused(name: string, where: string): void {
    if (this.objects.has(name) || this.enums.has(name))
      throw new DAppNameCollision(name, where, 'another type');
  }
}

function nodeOf(schema: RawSchema, where: string): SchemaNode {
  const parsed = schemaNode.safeParse(schema);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DAppMetadataInvalid([where, ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is no schema');
}

/** A component by a reference within the metadata: in full, or by its name alone as within components. */
function componentName(reference: string, where: string): string {
  const found = /^(?:#\/components\/schemas\/)?([A-Za-z][A-Za-z0-9_]{0,63})$/.exec(reference)?.[1];
  if (found === undefined)
    throw new DAppMetadataInvalid(where, 'has a $ref to something that is no schema here');
  return found;
}

function scalarOf(type: string | undefined, { format, minimum, maximum }: SchemaNode): ScalarName {
  switch (type) {
    case 'string':
      if (format === 'date') return 'Date';
      return format === 'date-time' ? 'DateTime' : 'String';
    case 'boolean':
      return 'Boolean';
    case 'number':
      return 'Float';
    case 'integer': {
      const small = format !== undefined && /^(int(8|16|32)|uint(8|16))$/.test(format);
      const narrow =
        minimum !== undefined &&
        maximum !== undefined &&
        minimum >= int32.minimum &&
        maximum <= int32.maximum;
      return small || narrow ? 'Int' : 'SafeInt';
    }
    default:
      return 'JSON';
  }
}

function isRecord(value: unknown): value is RawSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
