import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { certificatePem, issueTls, makeRoot, privateKeyPem } from '../material/certificates.js';

/**
 * Makes a TLS authority and a certificate for each of these services below `folder`: `ca.crt`, and in a folder each
 * `tls.crt`, `tls.key` and both as `tls.pem`. Leaves a folder that is there alone; one that appears is complete.
 */
export async function generateServiceMaterial(services: readonly string[], folder: string): Promise<void> {
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  if (exists) return;
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const authority = await makeRoot('tlsca.services', 'services');
  await writeFile(path.join(unfinished, 'ca.crt'), certificatePem(authority));
  await Promise.all(
    services.map(async (service) => {
      const own = path.join(unfinished, service);
      await mkdir(own);
      const tls = await issueTls(authority, service);
      const [certificate, key] = [certificatePem(tls), privateKeyPem(tls)];
      await writeFile(path.join(own, 'tls.crt'), certificate);
      await writeFile(path.join(own, 'tls.key'), key, { mode: 0o600 });
      await writeFile(path.join(own, 'tls.pem'), certificate + key, { mode: 0o600 });
    }),
  );
  await rename(unfinished, folder);
}
