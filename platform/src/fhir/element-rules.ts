import { isResourceTypeName } from './definitions.js';
import {
  definitionOf,
  type ElementDefinition,
  isPrimitive,
  type TypeDefinition,
} from './element-definitions.js';
import { type FhirIssue } from './errors.js';
import { jsonTypeOf, wrongPrimitive } from './primitives.js';
import { wrongReference, wrongTarget } from './references.js';

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Value sets that FHIR requires and takes from other standards: what one of their codes looks like. */
const foreignCodes: ReadonlyMap<string, (code: string) => boolean> = new Map([
  // FHIR's own short names stand for its formats.
  [
    'http://hl7.org/fhir/ValueSet/mimetypes',
    (code) => /^(xml|json|ttl|html|[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;.*)?)$/.test(code),
  ],
  ['http://hl7.org/fhir/ValueSet/currencies', (code) => currencies.has(code)],
]);
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Where the walk stands: the properties that belong here, and what `#id` can refer to. */
interface Place {
  readonly path: string;
  readonly contained: ReadonlyMap<string, string>;
}

/**
 * Checks a resource element by element: that each is known, of its type and format, in a list or not, one of its choice, of the
 * codes that are required, and that references are to what they may be to. What spans elements, and what is missing, is for
 * the validator of structure and invariants.
 */
export class ElementRules {
  readonly issues: FhirIssue[] = [];
  readonly #limit: number;

  /** @param limit - issues after which nothing more is looked for. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param contained - of the resource that contains this one. */
  checkResource(value: JsonObject, path: string, contained = containedIn(value)): void {
    const type = value['resourceType'];
    if (typeof type !== 'string') {
      this.#add(`${path}.resourceType`, 'is missing');
      return;
    }
    if (!isResourceTypeName(type)) {
      this.#add(
        `${path}.resourceType`,
        `${JSON.stringify(type.slice(0, 64))} is not a resource type of FHIR R4`,
      );
      return;
    }
    const definition = definitionOf(type);
    if (definition) this.#checkObject(value, definition, { path, contained }, true);
  }

  #checkObject(value: JsonObject, definition: TypeDefinition, place: Place, isResource = false): void {
    const choices = new Map<string, string>();
    for (const [key, part] of Object.entries(value)) {
      if (this.issues.length >= this.#limit) return;
      if (part === undefined || (isResource && key === 'resourceType')) continue;
      const isExtension = key.startsWith('_');
      const name = isExtension ? key.slice(1) : key;
      const element = definition.get(name);
      if (!element || (isExtension && !isPrimitive(element.type))) {
        this.#add(`${place.path}.${key}`, `Invalid additional property "${key.slice(0, 64)}"`);
        continue;
      }
      const { choice } = element;
      if (choice !== undefined) {
        const other = choices.get(choice);
        if (other !== undefined && other !== name)
          this.#add(`${place.path}.${name}`, `stands beside ${other}: only one of ${choice}[x] is allowed`);
        choices.set(choice, name);
      }
      const here = { ...place, path: `${place.path}.${name}` };
      if (isExtension) this.#checkExtensions(part, value[name], element, here);
      else this.#checkElement(part, value[`_${name}`], element, here);
    }
  }

  /** One property: a list or a single value, as it is defined. */
  #checkElement(value: unknown, extensions: unknown, element: ElementDefinition, place: Place): void {
    if (!element.isArray) {
      if (Array.isArray(value)) this.#add(place.path, 'Expected single value for property, but got array');
      else this.#checkValue(value, element, place);
      return;
    }
    if (!Array.isArray(value)) {
      this.#add(place.path, `Expected array of values for property, but got ${jsonTypeOf(value)}`);
      return;
    }
    if (value.length === 0) {
      this.#add(place.path, 'is an empty list: leave it out');
      return;
    }
    for (const [index, item] of value.entries()) {
      if (this.issues.length >= this.#limit) return;
      // A null in a list of primitives stands for a value that has only extensions.
      if (
        item === null &&
        isPrimitive(element.type) &&
        isObject((extensions as unknown[] | undefined)?.[index])
      )
        continue;
      this.#checkValue(item, element, { ...place, path: `${place.path}[${index}]` });
    }
  }

  #checkValue(value: unknown, element: ElementDefinition, place: Place): void {
    const { type, targets } = element;
    if (value === null) {
      this.#add(place.path, 'Invalid null value');
      return;
    }
    if (isPrimitive(type)) {
      this.#checkPrimitive(value, element, place);
      return;
    }
    if (!isObject(value)) {
      this.#add(place.path, `Invalid JSON type: expected object, but got ${jsonTypeOf(value)}`);
      return;
    }
    if (type === 'Resource' || isResourceTypeName(type)) {
      const isContained = /\.contained\[\d+\]$/.test(place.path);
      this.checkResource(value, place.path, isContained ? place.contained : undefined);
      return;
    }
    const definition = definitionOf(type);
    if (definition) this.#checkObject(value, definition, place);
    if (type === 'Reference') this.#checkReference(value, targets, place);
    else if (type === 'Period') this.#checkPeriod(value, place.path);
  }

  #checkPrimitive(value: unknown, { type, codes, valueSet }: ElementDefinition, { path }: Place): void {
    const wrong = wrongPrimitive(type, value);
    if (wrong !== undefined) {
      this.#add(path, wrong);
      return;
    }
    if (typeof value !== 'string') return;
    if (codes && !codes.has(value))
      this.#add(path, `${JSON.stringify(value.slice(0, 64))} is not one of ${[...codes].join(', ')}`);
    if (valueSet !== undefined && foreignCodes.get(valueSet)?.(value) === false)
      this.#add(path, `${JSON.stringify(value.slice(0, 64))} is not a code of ${valueSet}`);
  }

  #checkReference(
    value: JsonObject,
    targets: ReadonlySet<string> | undefined,
    { path, contained }: Place,
  ): void {
    const { reference, type } = value;
    if (typeof reference === 'string' && reference !== '') {
      const wrong = wrongReference(reference, targets, contained);
      if (wrong !== undefined) {
        this.#add(`${path}.reference`, wrong);
        return;
      }
    }
    if (typeof type === 'string' && isResourceTypeName(type)) {
      const wrong = wrongTarget(type, targets);
      if (wrong !== undefined) this.#add(`${path}.type`, wrong);
    }
  }

  /** Invariant per-1, which is about instants and days of different precision. */
  #checkPeriod({ start, end }: JsonObject, path: string): void {
    if (typeof start !== 'string' || typeof end !== 'string') return;
    const [from, to] = start.includes('T') && end.includes('T') ? [Date.parse(start), Date.parse(end)] : [];
    const precision = Math.min(start.length, end.length, 10);
    const reversed =
      from !== undefined && to !== undefined
        ? from > to
        : start.slice(0, precision) > end.slice(0, precision);
    if (reversed) this.#add(path, 'Constraint per-1 not met: start SHALL have a lower value than end');
  }

  /** What stands beside a primitive: its id and extensions; in a list, one for each value. */
  #checkExtensions(value: unknown, primitive: unknown, { isArray }: ElementDefinition, place: Place): void {
    const definition = definitionOf('Element');
    if (!definition) return;
    if (isArray && Array.isArray(value) && Array.isArray(primitive) && value.length !== primitive.length) {
      this.#add(place.path, 'has another number of values than of extensions beside them');
      return;
    }
    const parts: [unknown, string][] =
      isArray && Array.isArray(value)
        ? value.map((part, index) => [part, `${place.path}[${index}]`])
        : [[value, place.path]];
    for (const [part, path] of parts) {
      if (part === null && isArray) continue;
      if (isObject(part)) this.#checkObject(part, definition, { ...place, path });
      else this.#add(path, 'Primitive extension must be an object');
    }
  }

  #add(path: string, message: string): void {
    if (this.issues.length < this.#limit) this.issues.push({ path, message });
  }
}

/** Ids of contained resources, with their types. */
function containedIn({ contained }: JsonObject): ReadonlyMap<string, string> {
  if (!Array.isArray(contained)) return new Map();
  return new Map(
    contained.filter(isObject).map(({ id, resourceType }) => [String(id), String(resourceType)]),
  );
}
