import { type Cast } from './cast.js';
import { Listener, type Received } from './listener.js';
import * as operations from './operations.js';
import { type Tell } from './record-story.js';
import { bloodCountClaim, today } from './resources.js';

interface ClaimEvent extends Received {
  readonly claim: { readonly id: string; readonly state: string };
}

/** What came of the second part: the states that each subscriber received, in order. */
export interface ClaimStory {
  readonly claim: string;
  readonly insurer: readonly string[];
  readonly patient: readonly string[];
  /** The hospital was cut off after the first event and came back with its cursor. */
  readonly hospitalBeforeCut: readonly string[];
  readonly hospitalAfterResume: readonly string[];
}

/** A claim: submitted, adjudicated by item, paid; every party told live, one of them after having been cut off. */
export async function playClaimStory(cast: Cast, patientId: string, tell: Tell): Promise<ClaimStory> {
  const insurer = await cast.as('insurer-a');
  const hospital = await cast.as('hospital-a');
  const patient = await cast.as(`patient:${patientId}`);
  const { registerCoverage } = await insurer.request<{ registerCoverage: { coverage: { id: string } } }>(
    operations.registerCoverage,
    { input: { beneficiary: patientId, currency: 'USD' } },
  );
  tell('insurer-a', `covers the patient (${registerCoverage.coverage.id})`);

  const told = (who: string) => (event: ClaimEvent) =>
    tell(who, `received ${event.event} (claim ${event.claim.state}, block ${event.transaction.block})`);
  const ofInsurer = new Listener<ClaimEvent>(insurer, operations.claimChanged, undefined, told('insurer-a'));
  const ofPatient = new Listener<ClaimEvent>(patient, operations.claimChanged, undefined, told('patient'));
  const cutOff = await cast.another('hospital-a');
  const ofHospital = new Listener<ClaimEvent>(cutOff, operations.claimChanged, undefined, told('hospital-a'));

  const { submitClaim } = await hospital.request<{ submitClaim: { claim: { id: string } } }>(
    operations.submitClaim,
    { input: { coverage: registerCoverage.coverage.id, resource: bloodCountClaim(patientId, 'hospital-a') } },
  );
  const claim = submitClaim.claim.id;
  tell('hospital-a', `submitted claim ${claim}`);
  const isOurs = (event: ClaimEvent) => event.claim.id === claim;
  await ofInsurer.waitFor(isOurs, 'the claim at the insurer');
  await ofHospital.waitFor(isOurs, 'the claim at the hospital');
  await cutOff.close();
  tell('hospital-a', 'is cut off');

  const usd = (value: string) => ({ value, currency: 'USD' });
  await insurer.request(operations.adjudicateClaim, {
    input: {
      claim,
      items: [
        { sequence: 1, adjudication: [{ category: 'BENEFIT', amount: usd('129.16') }] },
        {
          sequence: 2,
          adjudication: [
            { category: 'COPAY', amount: usd('11.50') },
            { category: 'BENEFIT', amount: usd('30.00'), reason: 'Plan pays 30.00 for this test' },
          ],
        },
      ],
      disposition: 'Paid by plan',
    },
  });
  tell('insurer-a', 'adjudicated it by item');
  await insurer.request(operations.payClaim, {
    input: { claim, date: today(), identifier: `payment-${claim.slice(-8)}` },
  });
  tell('insurer-a', 'paid it');

  const resumed = new Listener<ClaimEvent>(
    hospital,
    operations.claimChanged,
    ofHospital.cursor,
    told('hospital-a'),
  );
  const isPaid = (event: ClaimEvent) => isOurs(event) && event.claim.state === 'PAID';
  const listeners = [ofInsurer, ofPatient, resumed];
  for (const listener of listeners) await listener.waitFor(isPaid, 'the payment');
  await Promise.all(listeners.map((listener) => listener.stop()));
  const states = (listener: Listener<ClaimEvent>) =>
    listener.received.filter(isOurs).map(({ event }) => event);
  return {
    claim,
    insurer: states(ofInsurer),
    patient: states(ofPatient),
    hospitalBeforeCut: states(ofHospital),
    hospitalAfterResume: states(resumed),
  };
}
