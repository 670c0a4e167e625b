/** What a patient grants a DApp, what it reads by that, and how they take it away. */
import { expect, test } from '@jest/globals';
import { type DiaryCase, hospital, install, mutation, uninstall } from './diary-case.js';

interface Grants {
  readonly installation: {
    readonly grants: readonly { readonly scope: string; readonly consent: { id: string } }[];
  };
}
const grantsOf = (payload: unknown): Map<string, string> =>
  new Map((payload as Grants).installation.grants.map(({ scope, consent }) => [scope, consent.id]));
export function testInstalling(of: () => DiaryCase): void {
  const statusOfConsent = async (id: string | undefined): Promise<unknown> => {
    const { graph } = of();
    const { care: block = 0 } = await graph.subgraph('dapps').projector.checkpoints();
    await graph.subgraph('consent').projector.reached('care', block);
    const ask =
      'query($id: ID!) { consent(id: $id) { status grantee { id } provision { actor { kind id } } } }';
    return (await graph.ask('consent', hospital, ask, { id })).data?.['consent'];
  };

  test('a patient grants scopes one by one; the DApp reads by consents on the ledger, until they take it away', async () => {
    const { graph, dapps, patient, entry, done, refusal } = of();
    const given = (status: string) => ({
      status,
      grantee: { id: 'hospital-a' },
      provision: { actor: { kind: 'APPLICATION', id: 'diary' } },
    });
    expect(await refusal(patient, install, { dapp: 'diary', scopes: ['labs', 'everything'] })).toBe(
      'SCOPE_UNKNOWN',
    );
    expect(await refusal(patient, install, { dapp: 'diary', scopes: ['study'] })).toBe('SCOPE_REQUIRED');
    expect(await refusal(patient, install, { dapp: 'nothing', scopes: [] })).toBe('DAPP_NOT_FOUND');
    expect(await refusal(hospital, install, { dapp: 'diary', scopes: ['labs'] })).toBe('FORBIDDEN');
    const both = grantsOf(
      await done('dapps', patient, install, { dapp: 'diary', scopes: ['study', 'labs'] }),
    );
    expect(await statusOfConsent(both.get('labs'))).toEqual(given('ACTIVE'));
    expect(await statusOfConsent(both.get('study'))).toEqual(given('ACTIVE'));
    const again = grantsOf(
      await done('dapps', patient, install, { dapp: 'diary', scopes: ['labs', 'study'] }),
    );
    expect(again).toEqual(both);
    const opened = await graph.ask(
      'records',
      { ...hospital, clientId: 'diary' },
      'query($id: ID!) { entry(id: $id) { id } }',
      { id: entry },
    );
    expect(opened.errors).toBeUndefined();
    const fewer = grantsOf(await done('dapps', patient, install, { dapp: 'diary', scopes: ['labs'] }));
    expect(fewer).toEqual(new Map([['labs', both.get('labs')]]));
    expect(await statusOfConsent(both.get('study'))).toEqual(given('INACTIVE'));
    const mine = '{ myInstallations { nodes { status usable dApp { id } } } }';
    const installed = { nodes: [{ status: 'ACTIVE', usable: true, dApp: { id: 'diary' } }] };
    expect((await graph.ask('dapps', patient, mine)).data?.['myInstallations']).toEqual(installed);
    expect((await graph.ask('dapps', hospital, mine)).data?.['myInstallations']).toEqual({ nodes: [] });
    expect(await dapps.installations.active('diary', { patient: patient.patient })).toBe(true);
    expect(await dapps.installations.active('diary', { institution: 'hospital-a' })).toBe(false);
    const rate = mutation('rateDApp', 'rating { stars review }', 'RateDAppInput');
    expect(await refusal(patient, rate, { dapp: 'diary', stars: 6 })).toBe('BAD_USER_INPUT');
    const listener = await graph.subscriber('dapps', hospital);
    const rated = listener
      .iterate({
        query: 'subscription { dappChanged(dapp: "diary") { change dApp { statistics { averageStars } } } }',
      })
      .next();
    await listener.iterate({ query: '{ __typename }' }).next();
    expect(await done('dapps', patient, rate, { dapp: 'diary', stars: 4, review: 'Helps' })).toEqual({
      rating: { stars: 4, review: 'Helps' },
    });
    expect((await rated).value).toEqual({
      data: { dappChanged: { change: 'RATED', dApp: { statistics: { averageStars: 4 } } } },
    });
    expect(await done('dapps', patient, uninstall, { dapp: 'diary' })).toEqual({
      installation: { status: 'ENDED' },
    });
    expect(await statusOfConsent(both.get('labs'))).toEqual(given('INACTIVE'));
    expect(await dapps.installations.active('diary', { patient: patient.patient })).toBe(false);
    expect(await refusal(patient, rate, { dapp: 'diary', stars: 1 })).toBe('INSTALLATION_NOT_FOUND');
    const anew = grantsOf(await done('dapps', patient, install, { dapp: 'diary', scopes: ['labs'] }));
    expect(anew.get('labs')).not.toBe(both.get('labs'));
    expect(await statusOfConsent(anew.get('labs'))).toEqual(given('ACTIVE'));
  });
}
