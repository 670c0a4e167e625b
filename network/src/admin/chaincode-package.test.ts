import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageService } from './chaincode-package.js';
import { writeExternalBuilder } from '../native/external-builder.js';

const run = promisify(execFile);

describe('packageService', () => {
  it('gives equal services equal ids and others other ids', async () => {
    const one = await packageService('care', '127.0.0.1:9999');
    expect(one.id).toMatch(/^care:[0-9a-f]{64}$/);
    expect((await packageService('care', '127.0.0.1:9999')).id).toBe(one.id);
    expect((await packageService('care', '127.0.0.1:9998')).id).not.toBe(one.id);
  });

  it('makes what the external builder detects, builds and releases', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-package-'));
    const at = (...parts: string[]) => path.join(folder, ...parts);
    for (const name of ['metadata', 'source', 'output', 'release']) await mkdir(at(name));
    await writeExternalBuilder(at('builder'));
    await writeFile(at('package.tar.gz'), (await packageService('care', '127.0.0.1:9999')).content);
    await run('tar', ['-xzf', at('package.tar.gz'), '-C', at('metadata')]);
    await run('tar', ['-xzf', at('metadata', 'code.tar.gz'), '-C', at('source')]);
    await run(at('builder/bin/detect'), [at('source'), at('metadata')]);
    await run(at('builder/bin/build'), [at('source'), at('metadata'), at('output')]);
    await run(at('builder/bin/release'), [at('output'), at('release')]);
    expect(JSON.parse(await readFile(at('release/chaincode/server/connection.json'), 'utf8'))).toMatchObject({
      address: '127.0.0.1:9999',
      tls_required: false,
    });
    await writeFile(at('metadata/metadata.json'), '{"type":"golang"}');
    await expect(run(at('builder/bin/detect'), [at('source'), at('metadata')])).rejects.toThrow();
    await rm(folder, { recursive: true });
  });
});
