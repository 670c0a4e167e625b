import { Writable } from 'node:stream';
import { createLogger } from './index.js';

test('logs are lines of JSON, without tokens, keys or what people wrote', () => {
  let written = '';
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written += chunk.toString();
      done();
    },
  });
  const logger = createLogger({ name: 'test', destination });
  logger.info(
    {
      request: { headers: { authorization: 'secret-1' }, variables: { note: 'secret-2' } },
      token: 'secret-3',
      channel: 'care',
      signer: { privateKey: 'secret-4' },
      key: 'secret-5',
      entry: { body: 'secret-6', keys: { a: 'secret-7' } },
    },
    'said',
  );
  logger.debug('not said');
  const lines = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toEqual([expect.objectContaining({ name: 'test', channel: 'care', msg: 'said' })]);
  expect(written).not.toContain('secret');
});
