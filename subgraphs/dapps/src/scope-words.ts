/** Scopes of DApps in words that a patient understands. */
import { type EntryCategory, type PurposeOfUse } from '@medigraph/schema';
import { type DAppScope } from '@medigraph/schema/dapps';

const purposes: Readonly<Record<PurposeOfUse, string>> = {
  TREAT: 'to treat you',
  ETREAT: 'to treat you in an emergency',
  BTG: 'to treat you when you cannot be asked',
  HPAYMT: 'to settle payments for your care',
  COVAUTH: 'to find out what your insurance covers',
  ELIGVER: 'to check that you are insured',
  CLMATTCH: 'to support claims to your insurance',
  HRESCH: 'for health research',
  CLINTRCH: 'for a clinical trial',
  PUBHLTH: 'for public health',
  PATRQT: 'for your own use',
};

const categories: Readonly<Record<EntryCategory, string>> = {
  identity: 'name and contact details',
  encounter: 'visits and stays',
  observation: 'measurements and laboratory results',
  condition: 'diagnoses',
  medication: 'medication',
  procedure: 'procedures and operations',
  report: 'reports',
  immunization: 'vaccinations',
  allergy: 'allergies',
  'care-plan': 'care plans',
  device: 'devices and implants',
  imaging: 'images',
  document: 'documents',
  other: 'other records',
};

const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** One sentence: what is read, for what, for how long. */
export function scopeSentence({
  purpose,
  category,
  days,
}: Pick<DAppScope, 'purpose' | 'category' | 'days'>): string {
  const what = category ? `your ${list.format(category.map((one) => categories[one]))}` : 'all your records';
  const why = list.format(purpose.map((one) => purposes[one]));
  const long =
    days === undefined ? 'until you withdraw it' : `for ${days === 1 ? 'one day' : `${days} days`}`;
  return `Reads ${what} ${why}, ${long}.`;
}
