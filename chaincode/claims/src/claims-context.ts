import { care, type claims } from '@medigraph/schema';
import { ContractError, demand, StateTable, TransactionContext } from '@medigraph/chaincode-lib';

/** Where patients are registered, under addresses that outlive their keys. */
const registration = { channel: 'care', chaincode: 'care' };

/** The organisation that an institution belongs to on this channel: that of whoever first acted for it. */
export interface Party {
  readonly institution: string;
  readonly mspId: string;
  readonly as: 'insurer' | 'provider';
}

/** A transaction of the claims suite: its state, and the rules on parties that its contracts share. */
export class ClaimsContext extends TransactionContext {
  /** The insurer's organisation that this channel belongs to, under one key. */
  get channelInsurers(): StateTable<string> {
    return StateTable.text(this.stub, 'channel-insurer');
  }
  /** By institution id. */
  get parties(): StateTable<Party> {
    return StateTable.json(this.stub, 'party');
  }
  /** By id. */
  get coverages(): StateTable<claims.Coverage> {
    return StateTable.json(this.stub, 'coverage');
  }
  /** By id. */
  get claims(): StateTable<claims.Claim> {
    return StateTable.json(this.stub, 'claim');
  }
  /** Sealed FHIR Claims, by claim id. */
  get bodies(): StateTable<string> {
    return StateTable.text(this.stub, 'body');
  }
  /** Recipient to wrapped key, by claim id. */
  get keys(): StateTable<Record<string, string>> {
    return StateTable.json(this.stub, 'keys');
  }
  /** `claim/sequence` of the live lines with one duplicate key hash, oldest first; by use and hash. */
  get lines(): StateTable<string[]> {
    return StateTable.json(this.stub, 'line');
  }

  /** Emits the transaction's one event. */
  emit<Name extends keyof claims.ClaimsEvents>(
    name: Name,
    items: readonly claims.ClaimsEvents[Name][],
  ): void {
    this.setEvent(name, items);
  }

  /**
   * Makes the institution the caller's organisation's on this channel, or checks that it is. People are on the channel
   * to see their own claims: as a provider that nobody knew, one could claim against their own coverage.
   * @throws {@link ContractError} `CALLER_FORBIDDEN`.
   */
  async actFor(institution: string, as: Party['as']): Promise<void> {
    const { mspId, isPerson } = this.caller;
    demand(!isPerson, 'CALLER_FORBIDDEN', `a person acts for no institution, and so not for ${institution}`);
    const party = await this.parties.get(institution);
    if (!party) return this.parties.put({ institution, mspId, as }, institution);
    demand(
      party.mspId === mspId && party.as === as,
      'CALLER_FORBIDDEN',
      `institution ${institution} is ${party.as} for ${party.mspId}`,
    );
  }

  /** @throws {@link ContractError} `COVERAGE_NOT_FOUND`. */
  async existingCoverage(id: string): Promise<claims.Coverage> {
    const coverage = await this.coverages.get(id);
    if (!coverage) throw new ContractError('COVERAGE_NOT_FOUND', `there is no coverage ${id}`);
    return coverage;
  }

  /**
   * A claim to which the caller is a party: patient, provider or insurer.
   * @throws {@link ContractError} `CLAIM_NOT_FOUND`, in the same words whether it is not there or not the caller's.
   */
  async claimOfParty(id: string): Promise<claims.Claim> {
    const claim = await this.claims.get(id);
    const { mspId } = this.caller;
    const isParty =
      claim !== undefined &&
      (claim.providerMspId === mspId ||
        claim.insurerMspId === mspId ||
        claim.patient === (await this.addressOfPatient()));
    if (!isParty) throw new ContractError('CLAIM_NOT_FOUND', `there is no claim ${id} of yours`);
    return claim;
  }

  /**
   * The address for good of the active patient whose key signed, as the care suite knows them; undefined if it is nobody's,
   * or not any longer.
   */
  async addressOfPatient(): Promise<string | undefined> {
    const { channel, chaincode } = registration;
    try {
      return care.patient.parse(await this.evaluate(chaincode, 'Registration:Self', {}, channel)).address;
    } catch (error) {
      if (error instanceof ContractError && error.code === 'CALLER_FORBIDDEN') return undefined;
      throw error;
    }
  }
}

/** Is a coverage in force on a day? Both ends of its period are inside. */
export function isInForce({ status, period }: claims.Coverage, day: string): boolean {
  return status === 'active' && (!period.start || period.start <= day) && (!period.end || day <= period.end);
}
