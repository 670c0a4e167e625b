import { type ImageName, type Service } from './service.js';
import { dappsService, identityService, platformService } from '../topology/places.js';
import { databaseServer } from './authority-services.js';
import { initService } from './services.js';

/** Whom a pod takes connections from, by labels. */
const kind = (image: ImageName) => ({ podSelector: { matchLabels: { 'medigraph/kind': image } } });
const named = (name: string) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/name': name } } });

const policy = (name: string, podSelector: object, from: readonly object[], ports: readonly number[]) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: {
    podSelector,
    policyTypes: ['Ingress'],
    ingress: [
      {
        ...(from.length > 0 && { from }),
        ports: ports.map((port) => ({ protocol: 'TCP', port })),
      },
    ],
  },
});

const tcp = (port: number) => ({ protocol: 'TCP', port });
const names = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];

/** Contracts of DApps are reached by peers, and what runs them reaches peers, documents and the names of both: nothing else. */
function dappsPolicy(
  { name, portRange: [first, last] = [0, 0] }: Service,
  peerPorts: readonly number[],
  documentPorts: readonly number[],
): Record<string, unknown> {
  const served = { protocol: 'TCP', port: first, endPort: last };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name },
    spec: {
      podSelector: named(name).podSelector,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [kind('peer')], ports: [served] }],
      egress: [
        { to: [kind('peer')], ports: peerPorts.map(tcp) },
        { to: [kind('mongodb')], ports: documentPorts.map(tcp) },
        {
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
          ports: names,
        },
      ],
    },
  };
}

/** Nobody reaches a pod but those who have to: contract suites only peers, the database only the CA servers. */
export function networkPolicies(services: readonly Service[]): Record<string, unknown>[] {
  const portsOf = (selected: (service: Service) => boolean, ...names: string[]) => [
    ...new Set(services.filter(selected).flatMap(({ ports }) => names.flatMap((name) => ports[name] ?? []))),
  ];
  const of = (image: ImageName, port: string) => portsOf((service) => service.image === image, port);
  const matching = (image: ImageName) => kind(image).podSelector;
  const suites = services.filter(({ ports }) => 'chaincode' in ports);
  const all = [
    policy(
      'orderers',
      matching('orderer'),
      [kind('orderer'), kind('peer'), named(initService)],
      [...of('orderer', 'orderer'), ...of('orderer', 'admin')],
    ),
    policy(
      'peers',
      matching('peer'),
      [kind('peer'), named(platformService), named(initService), named(dappsService)],
      of('peer', 'peer'),
    ),
    ...suites.map(({ name, ports }) =>
      policy(name, named(name).podSelector, [kind('peer')], Object.values(ports)),
    ),
    policy(
      'documents',
      matching('mongodb'),
      [kind('mongodb'), named(platformService), named(dappsService)],
      of('mongodb', 'mongodb'),
    ),
    policy('authorities', matching('ca'), [kind('haproxy')], [...of('ca', 'ca'), ...of('ca', 'operations')]),
    policy('authority-proxies', matching('haproxy'), [], of('haproxy', 'ca')),
    policy('authority-database', named(databaseServer).podSelector, [kind('ca')], of('postgres', 'postgres')),
    policy(
      'graph',
      named(platformService).podSelector,
      [],
      portsOf(({ name }) => name === platformService, 'graph'),
    ),
    policy(
      'identity',
      named(identityService).podSelector,
      [],
      portsOf(({ name }) => name === identityService, 'identity'),
    ),
    policy(
      'monitoring',
      { matchExpressions: [{ key: 'medigraph/kind', operator: 'In', values: ['orderer', 'peer'] }] },
      [{ namespaceSelector: { matchLabels: { 'medigraph/monitoring': 'true' } } }],
      [...of('orderer', 'operations')],
    ),
  ];
  const dapps = services.find(({ portRange }) => portRange !== undefined);
  return [
    ...(dapps ? [dappsPolicy(dapps, of('peer', 'peer'), of('mongodb', 'mongodb'))] : []),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'nobody-else' },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    },
    ...all.filter(({ spec }) => spec.ingress[0]?.ports.length),
  ];
}
