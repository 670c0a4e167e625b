import { type HumanName, type Practitioner } from 'fhir/r4.js';
import { type Directory } from '../population/records.js';

/** A practitioner to be. */
export interface PlannedPractitioner {
  readonly id: string;
  readonly institution: string;
  readonly name: string;
}

const longestName = 200;

/** The practitioners of a directory whose role says where they work. */
export function practitionersOf(directory: Directory): PlannedPractitioner[] {
  const known = new Set(directory.organizations.map(({ id }) => id));
  const employer = new Map<string, string>();
  for (const { practitioner, organization } of directory.roles) {
    const person = practitioner?.identifier?.value;
    const institution = organization?.identifier?.value;
    if (person !== undefined && institution !== undefined) employer.set(person, institution);
  }
  return directory.practitioners.flatMap((practitioner) => {
    const { id, identifier = [] } = practitioner;
    const institution = identifier
      .map(({ value }) => (value === undefined ? undefined : employer.get(value)))
      .find((one) => one !== undefined && known.has(one));
    if (id === undefined || institution === undefined) return [];
    return [{ id, institution, name: nameOf(practitioner).slice(0, longestName) }];
  });
}

function nameOf({ id, name }: Practitioner): string {
  const [official] = name ?? [];
  return textOf(official) || (id ?? '');
}

function textOf(name: HumanName | undefined): string {
  const { text, prefix = [], given = [], family } = name ?? {};
  return text ?? [...prefix, ...given, ...(family === undefined ? [] : [family])].join(' ');
}
