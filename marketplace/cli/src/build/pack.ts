import {
  provenanceFile,
  provenanceOf,
  readPackage,
  writePackage,
  type PackageFiles,
} from '@medigraph/dapp-package';
import { type DAppManifest, testsFile } from '@medigraph/schema/dapps';
import { bundleContracts } from './bundle.js';
import { bundleTests } from './bundle-tests.js';
import { DAppFolder, sourceEntry } from './dapp-folder.js';

/** A DApp as it would be published. */
export interface PackedDApp {
  readonly manifest: DAppManifest;
  readonly files: PackageFiles;
  readonly archive: Uint8Array;
  /** Of the archive, in lower-case hex. */
  readonly sha256: string;
}

/** The files of a DApp's package: what stands in its folder, the bundle of its contracts, that of their tests, where they come from. */
export async function packageFiles(folder: string): Promise<{ manifest: DAppManifest; files: PackageFiles }> {
  const dapp = new DAppFolder(folder);
  const manifest = await dapp.manifest();
  const { content, sources, tools } = await bundleContracts(dapp.path);
  const files = new Map([...(await dapp.plainFiles()), [manifest.contracts.entry, content]]);
  const tests = await bundleTests(dapp.path);
  if (tests) files.set(testsFile, tests.content);
  const statement = provenanceOf(files, {
    entry: sourceEntry,
    sources: await dapp.sources([...sources, ...(tests?.sources ?? [])]),
    tools,
  });
  files.set(provenanceFile, new Uint8Array(Buffer.from(`${JSON.stringify(statement, undefined, 2)}\n`)));
  return { manifest, files };
}

/** Packs a DApp: the same folder makes the same bytes on each machine. */
export async function packDApp(folder: string): Promise<PackedDApp> {
  const { manifest, files } = await packageFiles(folder);
  const archive = await writePackage(files);
  const { sha256 } = await readPackage(archive);
  return { manifest, files, archive, sha256 };
}
