import path from 'node:path';
import { images } from './images.js';
import { type MountedFile } from './kubernetes-files.js';
import { type Service } from './service.js';

/** Files of a service by what kind of object holds them. */
export interface PodFiles {
  readonly configuration: readonly MountedFile[];
  readonly secrets: readonly MountedFile[];
  /** Where a file is put, if not at its own place below the root. */
  readonly targets: Readonly<Record<string, string>>;
  /** Those of the secrets that must be readable to the service's user alone, which mounted ones are not. */
  readonly ownerOnly: readonly MountedFile[];
  /** What data folders begin with. */
  readonly seeds: readonly MountedFile[];
}

export const volumeName = (file: string): string =>
  file.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');

/** The user of every container; the volumes' files belong to its group. */
const user = 1000;
const seedFolder = '/seed';
/** Readable to the user's group alone. */
const secretMode = 0o440;

const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

const quantity = ({ processors, memory }: Service['limits']) => ({
  cpu: `${processors * 1000}m`,
  memory: `${memory}Mi`,
});

function probes({ health }: Service) {
  if (!health) return {};
  const exec = { exec: { command: health }, timeoutSeconds: 5 };
  return {
    startupProbe: { ...exec, periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { ...exec, periodSeconds: 10 },
    livenessProbe: { ...exec, periodSeconds: 20, failureThreshold: 6 },
  };
}

function mountsOf(service: Service, files: PodFiles, root: string) {
  const projected = (volume: string, mounted: readonly MountedFile[]) =>
    mounted.map(({ key, file }) => ({
      name: volume,
      mountPath: files.targets[file] ?? path.join(root, file),
      subPath: key,
      readOnly: true,
    }));
  return [
    ...projected('configuration', files.configuration),
    ...projected(
      'secrets',
      files.secrets.filter(({ file }) => !files.ownerOnly.some((other) => other.file === file)),
    ),
    ...projected('owner-only', files.ownerOnly),
    ...service.data.map((folder) => ({ name: volumeName(folder), mountPath: path.join(root, folder) })),
    ...scratchOf(service).map((folder) => ({ name: volumeName(folder), mountPath: folder })),
  ];
}

const scratchOf = ({ scratch = [] }: Service): string[] => ['/tmp', ...scratch];

/** A container that runs the service. */
export function containerOf(service: Service, files: PodFiles, root: string): Record<string, unknown> {
  const { name, image, command, environment, environmentFile, ports, limits } = service;
  return {
    name: volumeName(name),
    image: images[image],
    command: [...command],
    env: Object.entries({ HOME: '/tmp', ...environment }).map(([key, value]) => ({ name: key, value })),
    ...(environmentFile !== undefined && {
      envFrom: [{ configMapRef: { name: `${volumeName(name)}-environment` } }],
    }),
    ...(Object.keys(ports).length > 0 && {
      ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
    }),
    ...probes(service),
    resources: { limits: quantity(limits), requests: { cpu: '50m', memory: `${limits.memory / 4}Mi` } },
    securityContext: restricted,
    volumeMounts: mountsOf(service, files, root),
  };
}

/** Containers that run before the service does. */
function preparations(service: Service, files: PodFiles, root: string): Record<string, unknown>[] {
  const container = (name: string, command: readonly string[], volumeMounts: readonly object[]) => ({
    name,
    image: images[service.image],
    command,
    securityContext: restricted,
    volumeMounts,
  });
  const [data] = service.data;
  const seed =
    data === undefined || files.seeds.length === 0
      ? []
      : [
          // What the service made of it at an earlier start stays.
          container(
            'seed',
            ['cp', '-R', '-n', `${seedFolder}/.`, path.join(root, data)],
            [
              ...files.seeds.map(({ key, file }) => ({
                name: 'seeds',
                mountPath: path.join(seedFolder, path.relative(data, file)),
                subPath: key,
                readOnly: true,
              })),
              { name: volumeName(data), mountPath: path.join(root, data) },
            ],
          ),
        ];
  const ownerOnly = files.ownerOnly.map(({ key }) =>
    container(
      `owner-only-${volumeName(key)}`,
      ['install', '-m', '400', path.join(seedFolder, key), path.join('/owner-only', key)],
      [
        { name: 'secrets', mountPath: path.join(seedFolder, key), subPath: key, readOnly: true },
        { name: 'owner-only', mountPath: '/owner-only' },
      ],
    ),
  );
  return [...seed, ...ownerOnly];
}

/** The pod of a service, with what runs beside it. Volumes for data are claimed by who runs the pod. */
export function podOf(
  service: Service,
  files: PodFiles,
  root: string,
  sidecars: readonly Record<string, unknown>[],
): Record<string, unknown> {
  const label = volumeName(service.name);
  const secret = (name: string, mounted: readonly MountedFile[]) =>
    mounted.length === 0
      ? []
      : [{ name, secret: { secretName: `${label}-${name}`, defaultMode: secretMode } }];
  const init = preparations(service, files, root);
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    // Nodes of one kind stand in for each other: not on one machine, where there are several.
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              labelSelector: {
                matchLabels: { 'medigraph/kind': service.image, 'medigraph/group': groupOf(service) },
              },
              topologyKey: 'kubernetes.io/hostname',
            },
          },
        ],
      },
    },
    ...(init.length > 0 && { initContainers: init }),
    containers: [containerOf(service, files, root), ...sidecars],
    volumes: [
      ...(files.configuration.length > 0
        ? [{ name: 'configuration', configMap: { name: `${label}-configuration` } }]
        : []),
      ...secret('secrets', files.secrets),
      ...secret('seeds', files.seeds),
      ...(files.ownerOnly.length > 0 ? [{ name: 'owner-only', emptyDir: { medium: 'Memory' } }] : []),
      ...scratchOf(service).map((folder) => ({ name: volumeName(folder), emptyDir: {} })),
    ],
  };
}

/** Services of one group stand in for each other: the ordering nodes, the peers of one organisation, the servers of one authority. */
export function groupOf({ name, image }: Service): string {
  if (image === 'orderer' || image === 'mongodb') return image;
  const domain = name.slice(name.indexOf('.') + 1);
  return image === 'peer' || image === 'ca' ? volumeName(`${image}-${domain}`) : volumeName(name);
}
