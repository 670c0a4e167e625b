/** A server written by hand for the query over the clinic: the same three calls. */
import { serveByHand, type Row } from './by-hand.js';

interface Reference {
  readonly id: string;
}

const distinct = (references: readonly unknown[]): string[] => [
  ...new Set(references.map((reference) => (reference as Reference).id)),
];
const byId = (ids: readonly string[]) => ids.map((id) => ({ id }));

await serveByHand(async ({ ask, entities }) => {
  const query = '{ claims(first: 20) { id status patient { __typename id } } }';
  const found = (await ask('claims', query))['claims'] ?? [];
  const ids = distinct(found.map(({ patient }) => patient));
  const people = await entities('patients', 'Patient', byId(ids), 'name home { __typename id }');
  const homes = distinct(people.map(({ home }) => home));
  const names = await entities('institutions', 'Institution', byId(homes), 'name');
  const patientOf = ({ id }: Reference): object => {
    const person: Row | undefined = people[ids.indexOf(id)];
    return { name: person?.['name'], home: names[homes.indexOf((person?.['home'] as Reference).id)] };
  };
  return {
    claims: found.map(({ id, status, patient }) => ({
      id,
      status,
      patient: patientOf(patient as Reference),
    })),
  };
});
