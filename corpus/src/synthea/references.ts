import { type Bundle, type FhirResource } from 'fhir/r4.js';

type Node = Record<string, unknown>;

const conditional = /^(\w+)\?identifier=([^|]+)\|(.+)$/;

/**
 * Where references of a transaction bundle lead: the bundle's own `urn:uuid:` and the conditional
 * `Type?identifier=system|value` of what the directory holds, each to a relative reference.
 */
export class References {
  readonly #targets = new Map<string, string>();

  /** What conditional references name. */
  addIdentified(resource: FhirResource & { identifier?: { system?: string; value?: string }[] }): void {
    const { resourceType, id, identifier = [] } = resource;
    if (id === undefined) return;
    for (const { system, value } of identifier) {
      this.#targets.set(`${resourceType}?identifier=${system ?? ''}|${value ?? ''}`, `${resourceType}/${id}`);
    }
  }

  /** The same, and what the bundle's entries are called within it. */
  within(bundle: Bundle): References {
    const references = new References();
    for (const [from, to] of this.#targets) references.#targets.set(from, to);
    for (const { fullUrl, resource } of bundle.entry ?? []) {
      if (fullUrl === undefined || resource?.id === undefined) continue;
      references.#targets.set(fullUrl, `${resource.resourceType}/${resource.id}`);
    }
    return references;
  }

  /**
   * A copy of the resource with references that work outside of the bundle. A conditional one that leads nowhere
   * becomes a logical reference, by identifier.
   */
  resolve<T extends FhirResource>(resource: T): T {
    return this.#copy(resource) as T;
  }

  #copy(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#copy(item));
    if (typeof value !== 'object' || value === null) return value;
    const copy: Node = {};
    for (const [key, item] of Object.entries(value)) {
      if (key !== 'reference' || typeof item !== 'string') copy[key] = this.#copy(item);
      else Object.assign(copy, this.#target(item));
    }
    return copy;
  }

  #target(reference: string): Node {
    const target = this.#targets.get(reference);
    if (target !== undefined) return { reference: target };
    const [, type, system, value] = conditional.exec(reference) ?? [];
    return type === undefined ? { reference } : { type, identifier: { system, value } };
  }
}
