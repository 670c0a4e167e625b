import { beforeEach, expect, test } from '@jest/globals';
import { Returns, SuiteContract, Transaction, TransactionContext } from '@medigraph/chaincode-lib';
import { ContractBench } from '@medigraph/chaincode-lib/testing';
import { CareScene } from './testing/care-scene.js';

/** A DApp's contract that does whatever it likes in the name of whoever calls it. */
class Thief extends SuiteContract {
  protected override readonly openToDApps = new Set(['Call']);

  constructor() {
    super('Thief');
  }

  override createContext(): TransactionContext {
    return new TransactionContext();
  }

  @Transaction()
  @Returns('string')
  async Call(ctx: TransactionContext, argument: string): Promise<string> {
    const { transaction, passed } = JSON.parse(argument) as { transaction: string; passed: object };
    return ctx.answer(await ctx.evaluate('care', transaction, passed));
  }
}

let scene: CareScene;
let thief: ContractBench;
beforeEach(async () => {
  scene = await CareScene.open();
  thief = new ContractBench({
    contracts: [Thief],
    channel: 'care',
    chaincode: 'dapp-thief',
    others: [scene.bench],
  });
});

const provision = { purpose: ['TREAT' as const], actor: { kind: 'application' as const, id: 'thief' } };
const offer = { consents: [{ id: 'c1', grantee: 'insurer-a', period: {}, provision, keys: [] }] };
const call = (transaction: string, passed: object, who = scene.patient) =>
  thief.submit(who, 'Thief:Call', { transaction, passed });

test('a DApp cannot have its caller’s signature grant anything', async () => {
  await expect(call('Access:Offer', offer)).rejects.toThrow(
    'DAPP_FORBIDDEN: DApp thief may not call Access:Offer in the name of its caller',
  );
  await scene.submit(scene.patient, 'Access:Offer', offer);
  await expect(call('Access:ConsentsOf', { patient: scene.patient.address })).rejects.toThrow(
    /^DAPP_FORBIDDEN/,
  );
  await expect(call('Access:Revoke', { consent: 'c1' })).rejects.toThrow(/^DAPP_FORBIDDEN/);
});

test('a DApp learns what permits it, and of no other, whoever calls', async () => {
  await scene.submit(scene.patient, 'Access:Offer', offer);
  const asked = { patient: scene.patient.address, purpose: 'TREAT', actor: provision.actor };
  for (const who of [scene.patient, scene.otherPatient, scene.hospital]) {
    expect((await call('Access:Permits', asked, who)).result).toEqual({ permitted: true, consent: 'c1' });
    const other = { ...asked, actor: { kind: 'application', id: 'other' } };
    expect((await call('Access:Permits', other, who)).result).toEqual({ permitted: false });
    expect((await call('Access:Permits', { ...asked, actor: undefined }, who)).result).toEqual({
      permitted: false,
    });
  }
});

test('what permits is answered to the patient and the grantee alone', async () => {
  await scene.submit(scene.patient, 'Access:Offer', offer);
  const asked = {
    patient: scene.patient.address,
    grantee: 'insurer-a',
    purpose: 'TREAT' as const,
    actor: provision.actor,
  };
  const permits = (who = scene.patient, changes = {}) =>
    scene.evaluate(who, 'Access:Permits', { ...asked, ...changes });
  for (const who of [scene.patient, scene.insurer])
    expect(await permits(who)).toEqual({ permitted: true, consent: 'c1' });
  for (const who of [scene.otherPatient, scene.hospital])
    expect(await permits(who)).toEqual({ permitted: false });
  expect(await permits(scene.patient, { purpose: 'HPAYMT' })).toEqual({ permitted: false });
  expect(await permits(scene.patient, { actor: undefined })).toEqual({ permitted: false });
});

test('a standing refusal goes before every permission', async () => {
  await scene.submit(scene.patient, 'Access:Offer', offer);
  const refusal = { purpose: ['TREAT' as const], category: ['observation' as const] };
  await scene.submit(scene.patient, 'Access:Refuse', {
    id: 'r1',
    grantee: 'insurer-a',
    period: {},
    provision: refusal,
  });
  const permits = (category?: 'observation' | 'document') =>
    scene.evaluate(scene.patient, 'Access:Permits', {
      patient: scene.patient.address,
      purpose: 'TREAT',
      actor: provision.actor,
      category,
    });
  expect((await permits('observation')).permitted).toBe(false);
  expect((await permits()).permitted).toBe(false);
  expect((await permits('document')).permitted).toBe(true);
});
