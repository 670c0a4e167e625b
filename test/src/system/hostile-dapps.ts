/** What a third party may try against the whole of a platform, while a DApp of somebody else serves there. */
import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { generatePublisherKey } from '@medigraph/dapp-package';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { registerPatient } from './case.js';
import { codesOf, type RunningSystem } from './running-system.js';
import { Stranger } from './stranger.js';
import { eventually } from './eventually.js';

/** Where the tests are: a platform with another DApp that a patient uses. */
export interface Surroundings {
  readonly system: RunningSystem;
  /** Of the patient who uses the other DApp. */
  readonly patient: string;
  /** What they ask of it. */
  readonly query: string;
  /** For sources. */
  readonly folder: string;
  readonly eventsPerSecond: number;
}

const install =
  'mutation($input: InstallDAppInput!) { installDApp(input: $input) { installation { status } } }';

/** Tests that a started platform is given to. @param surroundings - asked when they run. */
export function testHostileDApps(surroundings: () => Surroundings): void {
  let stranger: Stranger;

  test('a DApp that floods others with events is held to its bound and its author told; nobody else notices', async () => {
    const { system, patient, query, folder, eventsPerSecond } = surroundings();
    const self = `patient:${patient}`;
    const flooder = `patient:${await registerPatient(system)}`;
    stranger = await Stranger.register(system, folder, 'flood');
    await stranger.run(await stranger.packed(), '{ flood_version }', flooder);
    await system.data(flooder, install, { input: { dapp: 'flood', scopes: [] } });

    const clientOf = async (role: string) =>
      createClient({
        url: system.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${await system.token(role)}` },
      });
    const clients = await Promise.all([clientOf(self), clientOf(flooder)]);
    const [ofCore, ofFlood] = clients;
    const consents = ofCore.iterate<{ consentChanged: { consent: { id: string } } }>({
      query: 'subscription { consentChanged { consent { id } } }',
    });
    let told = 0;
    const listening = (async () => {
      for await (const { data } of ofFlood.iterate({
        query: 'subscription { flood_greeted { item { id } } }',
      }))
        if (data) told += 1;
    })();
    const heard = consents.next();
    await Promise.all(clients.map((client) => client.iterate({ query: '{ __typename }' }).next()));

    const ask = async () => {
      expect(codesOf(await system.ask(self, query))).toEqual([]);
    };
    const outcomes: (string | undefined)[] = [];
    const token = await system.token(flooder);
    const body = JSON.stringify({ query: 'mutation { flood_greet(words: "louder") { result { id } } }' });
    let flooding = true;
    const since = performance.now();
    const flood = Array.from({ length: 16 }, async () => {
      while (flooding) {
        const { errors } = await system.send(body, token);
        const { dappCode, code } = (errors?.[0]?.extensions ?? {}) as { dappCode?: string; code?: string };
        outcomes.push(dappCode ?? code);
      }
    });
    for (let asked = 0; asked < 20; asked += 1) await ask();
    await system.data(
      'hospital-a',
      'mutation($input: RequestAccessInput!) { requestAccess(input: $input) { consent { id } } }',
      { input: { patient, provision: { purpose: ['TREAT'] } } },
    );
    expect((await heard).value).toMatchObject({ data: { consentChanged: { consent: {} } } });
    await eventually(
      'the bound',
      () => outcomes.includes('DAPP_LIMIT_EXCEEDED'),
      (reached) => reached,
    );
    flooding = false;
    await Promise.all(flood);
    const seconds = (performance.now() - since) / 1_000;

    const gone = outcomes.filter((code) => code === undefined).length;
    expect(new Set(outcomes)).toEqual(new Set([undefined, 'DAPP_LIMIT_EXCEEDED']));
    expect(gone).toBeLessThanOrEqual(eventsPerSecond * (Math.ceil(seconds) + 1));
    // Whoever wants to hear it hears all that was let through, and no more.
    await eventually(
      'the events of the flood',
      () => told,
      (count) => count === gone,
    );
    const { dApp } = await eventually(
      'the report',
      () =>
        system.data<{ dApp: { log: { nodes: { code: string; message: string }[] } } }>(
          'hospital-b',
          '{ dApp(id: "flood") { log { nodes { code message } } } }',
        ),
      (answer) => answer.dApp.log.nodes.length > 0,
    );
    expect(dApp.log.nodes[0]).toEqual({
      code: 'TOO_MANY_EVENTS',
      message: `more than ${eventsPerSecond} transactions within a second have an event`,
    });
    for (const client of clients) await client.dispose();
    await listening;
  }, 120_000);

  test('what is forged, altered, stolen or too large is refused with its code as it is published', async () => {
    const { system, patient } = surroundings();
    const next = await stranger.packed({ version: '0.2.0' });
    expect(await announce(system, next.sha256, 2 * 1024 ** 3)).toEqual([413, 'PACKAGE_TOO_LARGE']);
    const other = await generatePublisherKey();
    const addKey =
      'mutation($input: AddPublisherKeyInput!) { addPublisherKey(input: $input) { publisher { id } } }';
    const revokeKey =
      'mutation($input: RevokePublisherKeyInput!) { revokePublisherKey(input: $input) { publisher { id } } }';
    const input = { publisher: 'stranger' };
    expect(await stranger.refusal(next, { key: other })).toBe('PUBLISHER_KEY_UNKNOWN');
    await system.data('hospital-b', addKey, { input: { ...input, key: other.publicKey } });
    await system.data('hospital-b', revokeKey, { input: { ...input, kid: other.kid } });
    expect(await stranger.refusal(next, { key: other })).toBe('PUBLISHER_KEY_REVOKED');
    expect(await stranger.refusal(next, { as: 'hospital-a' })).toBe('PUBLISHER_IMPERSONATED');
    const stolen = await stranger.packed({ id: 'appointments', version: '9.0.0' });
    expect(await stranger.refusal(stolen)).toBe('DAPP_TAKEN');
    const altered = { ...next, manifest: { ...next.manifest, name: 'Another' }, sha256: '0'.repeat(64) };
    expect(await stranger.refusal(altered)).toBe('PACKAGE_TAMPERED');
    expect(await stranger.refusal(await stranger.packed({ version: '0.0.9' }))).toBe('RELEASE_NOT_HIGHER');
    const elsewhere = await stranger.packed({ version: '0.2.0', channel: 'claims-a' });
    expect(await stranger.refusal(elsewhere)).toBe('CHANNEL_CHANGED');
    const again = await stranger.packed({ summary: 'The same version with something else in it.' });
    expect(await stranger.refusal(again)).toBe('VERSION_TAKEN');
    expect(await stranger.replayed(await stranger.packed())).toEqual(['RELEASE_EXISTS']);
    const scopes = { input: { dapp: 'flood', scopes: ['everything'] } };
    expect(codesOf(await system.ask(`patient:${patient}`, install, scopes))).toEqual(['SCOPE_UNKNOWN']);
  }, 60_000);

  test.each([
    [
      'reaches out of its folder',
      'PACKAGE_ENTRY_INVALID',
      () => stranger.packedWith('../../../etc/passwd', { version: '0.3.0' }),
    ],
    [
      'names contracts that are not there',
      'MANIFEST_UNTRUE',
      () =>
        stranger.packed({
          version: '0.4.0',
          contracts: { ...stranger.manifest.contracts, names: ['Greetings', 'Ledger'] },
        }),
    ],
    [
      'has two fields of one name',
      'DAPP_NAME_COLLISION',
      () =>
        stranger.packed({
          version: '0.5.0',
          graph: {
            ...stranger.manifest.graph,
            extensions: [{ type: 'Greeting', field: 'words', find: 'Greetings:read', with: { id: 'id' } }],
          },
        }),
    ],
  ])(
    'a package that %s is refused by those who review it, and what runs runs on',
    async (_what, code, packed) => {
      const { system, patient, query } = surroundings();
      expect(await stranger.errorsOf(await packed())).toContain(code);
      expect(codesOf(await system.ask(`patient:${patient}`, query))).toEqual([]);
    },
    60_000,
  );
}

/** What is answered to whoever announces a package of so many bytes, before they send any. */
async function announce(system: RunningSystem, sha256: string, bytes: number): Promise<[number?, string?]> {
  const authorization = `Bearer ${await system.token('hospital-b')}`;
  const headers = { authorization, 'content-length': bytes };
  const sent = request(new URL(`/packages/${sha256}`, system.url), { method: 'PUT', headers });
  sent.flushHeaders();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { errors } = (await json(response)) as { errors?: { extensions: { code: string } }[] };
  sent.on('error', () => undefined).destroy();
  return [response.statusCode, errors?.[0]?.extensions.code];
}
