import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Name under which peers know the builder. */
export const builderName = 'medigraph-ccaas';

// A peer runs these with: detect SOURCE METADATA, build SOURCE METADATA OUTPUT, release OUTPUT RELEASE.
const scripts = {
  detect: `#!/bin/sh
# Claims packages of chaincode that runs as a service.
exec grep -q '"type":"ccaas"' "$2/metadata.json"
`,
  build: `#!/bin/sh
# Nothing to compile: the package says only where the service listens. Index definitions are kept.
set -eu
cp "$1/connection.json" "$3/connection.json"
if [ -d "$1/META-INF" ]; then cp -R "$1/META-INF" "$3/META-INF"; fi
`,
  release: `#!/bin/sh
# Tells the peer where to connect.
set -eu
mkdir -p "$2/chaincode/server"
cp "$1/connection.json" "$2/chaincode/server/connection.json"
if [ -d "$1/META-INF/statedb" ]; then cp -R "$1/META-INF/statedb" "$2/statedb"; fi
`,
} as const;

/** Writes the builder for chaincode as a service that the peers of this machine use: three POSIX shell scripts. */
export async function writeExternalBuilder(folder: string): Promise<void> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(path.join(bin, name), script, { mode: 0o755 });
  }
}
