/** What values of a DApp are made of: between the JSON Schemas of the metadata and the types of the graph. */

/** Scalars of the graph that metadata come to. */
export type ScalarName =
  'String' | 'ID' | 'Int' | 'SafeInt' | 'Float' | 'Boolean' | 'Date' | 'DateTime' | 'JSON';

/** A value. */
export type Shape =
  | { readonly kind: 'scalar'; readonly scalar: ScalarName; readonly nullable: boolean }
  | { readonly kind: 'enum'; readonly name: string; readonly nullable: boolean }
  | { readonly kind: 'list'; readonly of: Shape; readonly nullable: boolean }
  | { readonly kind: 'object'; readonly name: string; readonly nullable: boolean };

/** A field of an object. */
export interface ShapeField {
  readonly shape: Shape;
  readonly description?: string;
  /** Why it should not be used any more. */
  readonly deprecated?: string;
}

/** An object, by what it has. */
export interface ObjectShape {
  readonly description?: string;
  readonly fields: Map<string, ShapeField>;
}

/** Named shapes, without namespace. */
export interface Shapes {
  readonly objects: ReadonlyMap<string, ObjectShape>;
  readonly enums: ReadonlyMap<string, readonly string[]>;
}

/** The same shape, which may or may not be absent. */
export const withNull = (shape: Shape, nullable: boolean): Shape => ({ ...shape, nullable });
