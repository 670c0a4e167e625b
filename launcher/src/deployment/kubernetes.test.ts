import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { productionDescriptionFile, readNetworkDescription } from '@medigraph/network';
import { generateKubernetes } from '@medigraph/network/deployment';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { platformPrograms } from './platform-programs.js';

const run = promisify(execFile);

const kustomize = await run('kubectl', ['kustomize', '--help']).then(
  () => true,
  () => false,
);
const itWithKubectl = kustomize ? it : it['skip'];

const name = z.string().regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a label of DNS');
const labels = z.record(z.string(), z.string());
const container = z.object({
  name,
  image: z.string().regex(/:\d/),
  command: z.array(z.string()).min(1),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(
    z.object({ name, mountPath: z.string().startsWith('/'), subPath: z.string().optional() }),
  ),
});
const pod = z.object({
  metadata: z.object({ labels }),
  spec: z.object({
    automountServiceAccountToken: z.literal(false),
    securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.int().min(1) }).loose(),
    initContainers: z.array(container).default([]),
    containers: z
      .array(
        container.extend({
          readinessProbe: z.object({}).loose().optional(),
          resources: z.object({}).loose(),
        }),
      )
      .min(1),
    volumes: z.array(z.object({ name }).loose()),
  }),
});
const workload = z.object({
  kind: z.enum(['Deployment', 'StatefulSet', 'Job']),
  metadata: z.object({ name, labels }),
  spec: z.object({
    selector: z.object({ matchLabels: labels }).optional(),
    template: pod,
    volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name }) })).default([]),
  }),
});
const policy = z.object({
  kind: z.literal('NetworkPolicy'),
  metadata: z.object({ name }),
  spec: z.object({
    ingress: z
      .array(
        z.object({
          from: z.array(z.object({ podSelector: z.object({ matchLabels: labels }).optional() })).default([]),
        }),
      )
      .default([]),
  }),
});

describe('the manifests for Kubernetes', () => {
  let folder: string;
  let manifests: unknown[];
  beforeAll(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'medigraph-kubernetes-')), 'kubernetes');
    const description = await readNetworkDescription(productionDescriptionFile);
    await generateKubernetes(description, folder, platformPrograms);
    const { resources } = z
      .object({ resources: z.array(z.string()) })
      .parse(parse(await readFile(path.join(folder, 'kustomization.yaml'), 'utf8')));
    const texts = await Promise.all(resources.map((file) => readFile(path.join(folder, file), 'utf8')));
    manifests = texts.flatMap((text) => parseAllDocuments(text).map((each) => each.toJS() as unknown));
  });
  afterAll(() => rm(path.dirname(folder), { recursive: true, force: true }));

  const workloads = () =>
    manifests
      .filter((each) => ['Deployment', 'StatefulSet', 'Job'].includes((each as { kind: string }).kind))
      .map((each) => workload.parse(each));

  it('run every pod without rights, with all its volumes, and ask what serves whether it does', () => {
    const all = workloads();
    expect(all.map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining([
        'orderer2-orderer-example',
        'peer1-patients-example',
        'chaincode-care',
        'dapps',
        'platform',
      ]),
    );
    for (const { kind, metadata, spec } of all) {
      const { template, selector, volumeClaimTemplates } = spec;
      expect(template.metadata.labels).toMatchObject(selector?.matchLabels ?? {});
      const volumes = [
        ...template.spec.volumes.map((volume) => volume.name),
        ...volumeClaimTemplates.map((claim) => claim.metadata.name),
      ];
      const { containers, initContainers } = template.spec;
      for (const { volumeMounts } of [...initContainers, ...containers]) {
        for (const mount of volumeMounts) expect([metadata.name, ...volumes]).toContain(mount.name);
      }
      if (kind !== 'Job') expect(containers[0]?.readinessProbe).toBeDefined();
    }
  });

  it('let only peers reach the contract suites', () => {
    const found = manifests
      .filter((each) => (each as { kind: string }).kind === 'NetworkPolicy')
      .map((each) => policy.parse(each));
    const nobody = found.find(({ metadata }) => metadata.name === 'nobody-else');
    expect(nobody?.spec.ingress).toEqual([]);
    const care = found.find(({ metadata }) => metadata.name === 'chaincode-care');
    expect(care?.spec.ingress.flatMap(({ from }) => from)).toEqual([
      { podSelector: { matchLabels: { 'medigraph/kind': 'peer' } } },
    ]);
  });

  it('let only peers reach contracts of DApps, and these nobody but peers and documents', () => {
    const found = manifests.find((each) => {
      const { kind, metadata } = each as { kind: string; metadata: { name: string } };
      return kind === 'NetworkPolicy' && metadata.name === 'dapps';
    });
    const peers = { podSelector: { matchLabels: { 'medigraph/kind': 'peer' } } };
    expect(found).toMatchObject({
      spec: {
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [peers], ports: [{ port: 9700, endPort: 9799 }] }],
        egress: [
          { to: [peers], ports: [{ port: 7051 }] },
          {
            to: [{ podSelector: { matchLabels: { 'medigraph/kind': 'mongodb' } } }],
            ports: [{ port: 27_017 }],
          },
          {
            ports: [
              { protocol: 'UDP', port: 53 },
              { protocol: 'TCP', port: 53 },
            ],
          },
        ],
      },
    });
    const service = manifests.find((each) => {
      const { kind, metadata } = each as { kind: string; metadata: { name: string } };
      return kind === 'Service' && metadata.name === 'dapps';
    });
    expect(service).toMatchObject({ spec: { clusterIP: 'None' } });
  });

  it('have no secret in them', async () => {
    const text = JSON.stringify(manifests);
    for (const file of [
      'secrets/master-key',
      'secrets/identity-administration',
      'secrets/mongodb-password',
      'secrets/postgres-password',
    ]) {
      expect(text).not.toContain(await readFile(path.join(folder, file), 'utf8'));
    }
    expect(text).not.toContain('PRIVATE KEY');
  });

  itWithKubectl('are built by kustomize, with every ConfigMap and Secret that a pod names', async () => {
    const { stdout } = await run('kubectl', ['kustomize', folder], { maxBuffer: 64 * 1_048_576 });
    const built = parseAllDocuments(stdout).map((each) => each.toJS() as unknown);
    const object = z.object({ kind: z.string(), metadata: z.object({ name: z.string() }) });
    const held = built.map((each) => object.parse(each));
    const names = new Set(held.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
    const volumes = z.object({
      configMap: z.object({ name: z.string() }).optional(),
      secret: z.object({ secretName: z.string() }).optional(),
    });
    const pods = built.flatMap((each) => {
      const found = workload.safeParse(each);
      return found.success ? found.data.spec.template.spec.volumes : [];
    });
    expect(pods.length).toBeGreaterThan(50);
    for (const volume of pods) {
      const { configMap, secret } = volumes.parse(volume);
      if (configMap) expect(names).toContain(`ConfigMap/${configMap.name}`);
      if (secret) expect(names).toContain(`Secret/${secret.secretName}`);
    }
  });
});
