import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { type NetworkDescription } from '../description.js';
import { containerRoot } from './compose-deployment.js';
import { mountedFiles } from './kubernetes-files.js';
import { networkPolicies } from './kubernetes-network.js';
import { containerOf, groupOf, type PodFiles, podOf, volumeName } from './kubernetes-pod.js';
import { type DeploymentPlaces, placesAt } from './places-file.js';
import { type Service } from './service.js';
import { type PlatformPrograms, servicePorts, servicesOf } from './services.js';
import { writeDeployment } from './write-deployment.js';

type Manifest = Record<string, unknown>;

/** What each service may keep; grown by the cluster's own means. */
const claim = '10Gi';

const labelsOf = (service: Service) => ({
  'app.kubernetes.io/name': volumeName(service.name),
  'app.kubernetes.io/part-of': 'medigraph',
  'medigraph/kind': service.image,
  'medigraph/group': groupOf(service),
});

async function filesOf(folder: string, service: Service): Promise<PodFiles> {
  const { files, secrets, secretsAt = {}, identities, data } = service;
  const seeded = service.image === 'ca' ? data : [];
  return {
    configuration: await mountedFiles(folder, files),
    secrets: await mountedFiles(folder, [...secrets, ...Object.keys(secretsAt), ...identities]),
    ownerOnly: await mountedFiles(folder, service.ownerOnly ?? []),
    targets: secretsAt,
    seeds: await mountedFiles(folder, seeded),
  };
}

function workloadOf(service: Service, pod: Manifest): Manifest {
  const labels = labelsOf(service);
  const metadata = { name: volumeName(service.name), labels };
  const template = (restartPolicy: string) => ({ metadata: { labels }, spec: { ...pod, restartPolicy } });
  if (service.once) {
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata,
      spec: { backoffLimit: 20, template: template('OnFailure') },
    };
  }
  const common = {
    replicas: 1,
    selector: { matchLabels: { 'app.kubernetes.io/name': metadata.name } },
    template: template('Always'),
  };
  if (service.data.length === 0) return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: common };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      serviceName: metadata.name,
      ...common,
      volumeClaimTemplates: service.data.map((folder) => ({
        metadata: { name: volumeName(folder) },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: claim } } },
      })),
    },
  };
}

/** Of a range of ports the pod itself is told: its name then stands for its address, and every port of it is reached. */
const clusterService = ({ portRange, ...service }: Service): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: volumeName(service.name), labels: labelsOf(service) },
  spec: {
    selector: { 'app.kubernetes.io/name': volumeName(service.name) },
    ...(portRange && { clusterIP: 'None' }),
    ports: Object.entries({ ...service.ports, ...(portRange && { first: portRange[0] }) }).map(
      ([name, port]) => ({ name, port }),
    ),
  },
});

const isServed = ({ ports, portRange }: Service): boolean =>
  Object.keys(ports).length > 0 || portRange !== undefined;

/** One of each group at a time: then the rest still has its majority. */
function disruptionBudgets(services: readonly Service[]): Manifest[] {
  const groups = new Map<string, number>();
  for (const service of services) {
    if (!service.once) groups.set(groupOf(service), (groups.get(groupOf(service)) ?? 0) + 1);
  }
  return [...groups]
    .filter(([, members]) => members > 1)
    .map(([group]) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: group },
      spec: { maxUnavailable: 1, selector: { matchLabels: { 'medigraph/group': group } } },
    }));
}

/** What `kustomize` makes ConfigMaps and Secrets from: the files of the deployment as they are. */
function generatorsOf(service: Service, { configuration, secrets, seeds }: PodFiles) {
  const label = volumeName(service.name);
  const entry = (name: string, files: PodFiles['secrets']) =>
    files.length === 0
      ? []
      : [{ name: `${label}-${name}`, files: files.map(({ key, file }) => `${key}=${file}`) }];
  return {
    configMapGenerator: [
      ...entry('configuration', configuration),
      ...(service.environmentFile === undefined
        ? []
        : [{ name: `${label}-environment`, envs: [service.environmentFile] }]),
    ],
    secretGenerator: [...entry('secrets', secrets), ...entry('seeds', seeds)],
  };
}

const inCluster = (description: NetworkDescription): DeploymentPlaces => ({
  listenHost: '0.0.0.0',
  hostLabels: true,
  ports: servicePorts(description),
});

/**
 * Writes a deployment for Kubernetes: manifests and a `kustomization.yaml` over the same keys, configuration and secrets
 * as every other network has.
 */
export async function generateKubernetes(
  description: NetworkDescription,
  folder: string,
  programs: PlatformPrograms,
): Promise<void> {
  const where = inCluster(description);
  await writeDeployment(description, folder, containerRoot, where);
  const services = servicesOf(description, placesAt(containerRoot, where), programs);
  const resources: string[] = [];
  const generators = [];
  await mkdir(path.join(folder, 'manifests'), { recursive: true });
  const write = async (name: string, manifests: readonly Manifest[]) => {
    const file = path.join('manifests', `${name}.yaml`);
    const texts = manifests.map((manifest) =>
      stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0 }),
    );
    await writeFile(path.join(folder, file), texts.join('---\n'));
    resources.push(file);
  };
  await write('namespace', [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'medigraph', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
  ]);
  for (const service of services.filter(({ besides }) => besides === undefined)) {
    const beside = services.filter(({ besides }) => besides === service.name);
    const merged = beside.reduce(withFilesOf, service);
    const files = await filesOf(folder, merged);
    const sidecars = beside.map((other) =>
      containerOf({ ...other, command: [...other.command, '--stay'] }, files, containerRoot),
    );
    const pod = podOf(merged, files, containerRoot, sidecars);
    const served = isServed(service) ? [clusterService(service)] : [];
    await write(volumeName(service.name), [...served, workloadOf(merged, pod)]);
    generators.push(generatorsOf(merged, files));
  }
  await write('network-policies', networkPolicies(services));
  await write('disruption-budgets', disruptionBudgets(services));
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'medigraph',
    resources,
    configMapGenerator: generators.flatMap((each) => each.configMapGenerator),
    secretGenerator: generators.flatMap((each) => each.secretGenerator),
  };
  await writeFile(path.join(folder, 'kustomization.yaml'), stringify(kustomization, { lineWidth: 0 }));
}

/** A pod has the files of all its containers. */
const withFilesOf = (service: Service, other: Service): Service => ({
  ...service,
  files: [...new Set([...service.files, ...other.files])],
  secrets: [...new Set([...service.secrets, ...other.secrets])],
});
