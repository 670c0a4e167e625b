import { type Attribute, type IdentityRecord } from '../store/records.js';

const attributeAnswer = ({ name, value, ecert }: Attribute) => ({ name, value, ...(ecert && { ecert }) });

/** An identity as it is told to those who may see it. */
export const identityAnswer = ({ name, type, affiliation, attributes, maxEnrollments }: IdentityRecord) => ({
  id: name,
  type,
  affiliation,
  attrs: attributes.length === 0 ? null : attributes.map(attributeAnswer),
  max_enrollments: maxEnrollments,
});

/** An identity after it was added, changed or removed; without what is empty. */
export const changedIdentityAnswer = (record: IdentityRecord, caname: string, secret = '') => {
  const { id, type, affiliation, attrs, max_enrollments: times } = identityAnswer(record);
  return {
    id,
    ...(type !== '' && { type }),
    affiliation,
    ...(attrs && { attrs }),
    ...(times !== 0 && { max_enrollments: times }),
    ...(secret !== '' && { secret }),
    caname,
  };
};
