/** From documents to the graph's objects. */
import { channelGraphId } from '@medigraph/platform/graph';
import { type claims } from '@medigraph/schema';
import { type ClaimDocument, type CoverageDocument } from './read-model.js';
import { Claim, ClaimItem, Coverage, Institution, Patient } from './types.js';

export function patientNode(id: string): Patient {
  return Object.assign(new Patient(), { id });
}

export function institutionNode(id: string): Institution {
  return Object.assign(new Institution(), { id });
}

export function coverageOf({
  _id,
  id,
  status,
  beneficiary,
  insurer,
  ...coverage
}: CoverageDocument): Coverage {
  const { period, currency, registeredAt, transaction } = coverage;
  return Object.assign(new Coverage(), {
    id: _id,
    identifier: id,
    active: status === 'active',
    beneficiary: patientNode(beneficiary),
    insurer: institutionNode(insurer),
    period,
    currency,
    registeredAt,
    transaction,
  });
}

export function claimOf(document: ClaimDocument): Claim {
  const { _id, id, patient, provider, insurer, coverage, items, transaction, ...rest } = document;
  const { use, state, outcome, total, benefit, disposition, payment, sha256, createdAt, changedAt } = rest;
  return Object.assign(new Claim(), {
    id: _id,
    identifier: id,
    use,
    state,
    outcome,
    patient: patientNode(patient),
    provider: institutionNode(provider),
    insurer: institutionNode(insurer),
    coverageId: channelGraphId(transaction.channel, coverage),
    items: items.map((item) => itemOf(item, _id)),
    total,
    benefit,
    disposition,
    payment,
    sha256,
    createdAt,
    changedAt,
    transaction,
  });
}

function itemOf({ duplicateKeyHash: _hash, ...item }: claims.AdjudicatedItem, claimId: string): ClaimItem {
  return Object.assign(new ClaimItem(), item, { claimId });
}
