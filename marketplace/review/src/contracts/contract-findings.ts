import { type PackageFiles } from '@medigraph/dapp-package';
import { type ContractMetadata } from '@medigraph/dapp/metadata';
import { type DAppManifest, type Finding } from '@medigraph/schema/dapps';
import { found } from '../findings.js';
import { ContractsUnloadable, loadContracts } from './load-contracts.js';

type Described = ContractMetadata['contracts'][string]['transactions'][number];

const check = 'contracts';
const manifestPath = 'medigraph.json';

/** Names that the manifest says and the contracts do not have, by where they stand. */
function unknownNames(
  { graph = {} }: DAppManifest,
  metadata: ContractMetadata,
): [path: string, name: string][] {
  const transactions = new Map<string, Described>(
    Object.entries(metadata.contracts).flatMap(([contract, { transactions }]) =>
      transactions.map((one) => [`${contract}:${one.name}`, one] as const),
    ),
  );
  const isEvaluation = (name: string) => transactions.get(name)?.tag?.includes('EVALUATE') ?? false;
  const hasParameter = (transaction: string, name: string) =>
    transactions.get(transaction)?.parameters?.some((one) => one.name === name) ?? false;
  const isType = (name: string) => Object.hasOwn(metadata.components.schemas, name);
  const { names = {}, hidden = [], entities = {}, extensions = [], references = [], events = {} } = graph;
  const renamed = Object.entries(graph.arguments ?? {});
  return [
    ...renamed.flatMap(([name, parameters]) =>
      Object.keys(parameters).map((parameter): [string, string, boolean] => [
        `graph.arguments.${name}`,
        parameter,
        hasParameter(name, parameter),
      ]),
    ),
    ...Object.keys(names).map((name): [string, string, boolean] => [
      'graph.names',
      name,
      transactions.has(name),
    ]),
    ...hidden.map((name): [string, string, boolean] => ['graph.hidden', name, transactions.has(name)]),
    ...Object.entries(entities).flatMap(([type, { find }]): [string, string, boolean][] => [
      ['graph.entities', type, isType(type)],
      [`graph.entities.${type}.find`, find, isEvaluation(find)],
    ]),
    ...extensions.map(({ find }, index): [string, string, boolean] => [
      `graph.extensions.${index}.find`,
      find,
      isEvaluation(find),
    ]),
    ...references.map(({ type }, index): [string, string, boolean] => [
      `graph.references.${index}.type`,
      type,
      isType(type),
    ]),
    ...Object.entries(events).map(([event, { type }]): [string, string, boolean] => [
      `graph.events.${event}.type`,
      type,
      isType(type),
    ]),
  ].flatMap(([path, name, known]): [string, string][] => (known ? [] : [[path, name]]));
}

/** Where a manifest says other things of its contracts than they do. */
function disagreements(manifest: DAppManifest, metadata: ContractMetadata): Finding[] {
  const stated = new Set(manifest.contracts.names);
  const actual = new Set(Object.keys(metadata.contracts));
  const lie = (message: string, path: string) =>
    found(check, 'error', 'MANIFEST_UNTRUE', message, `${manifestPath}:${path}`);
  return [
    ...[...stated]
      .filter((name) => !actual.has(name))
      .map((name) => lie(`the bundle has no contract ${name}`, 'contracts.names')),
    ...[...actual]
      .filter((name) => !stated.has(name))
      .map((name) =>
        lie(`the bundle has a contract ${name}, which the manifest does not name`, 'contracts.names'),
      ),
    ...unknownNames(manifest, metadata).map(([path, name]) =>
      lie(`${name} is nothing that the contracts have, or no evaluation where one must stand`, path),
    ),
  ];
}

/** Loads the contracts of a package and holds its manifest against them. */
export async function contractFindings(files: PackageFiles, manifest: DAppManifest): Promise<Finding[]> {
  const { entry } = manifest.contracts;
  const bundle = files.get(entry);
  if (!bundle) return [];
  try {
    return disagreements(manifest, await loadContracts(bundle, manifest));
  } catch (error) {
    if (!(error instanceof ContractsUnloadable)) throw error;
    return [
      found(check, 'error', 'CONTRACTS_UNLOADABLE', `${entry} cannot be loaded: ${error.message}`, entry),
    ];
  }
}
