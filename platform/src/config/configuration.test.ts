import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeConfiguration, loadConfiguration, settings } from './index.js';

test('everything has a default that works', () => {
  const configuration = loadConfiguration({});
  expect(configuration).toMatchObject({ dataFolder: '.medigraph', port: 4000, logLevel: 'info' });
  expect(configuration.masterKey).toBeUndefined();
});

test('an empty variable is one that is not set', () => {
  expect(loadConfiguration({ MEDIGRAPH_PORT: '', MONGODB_URI: ' ' })).toEqual(loadConfiguration({}));
});

test.each([
  ['MEDIGRAPH_PORT', 'many'],
  ['MEDIGRAPH_PORT', '70000'],
  ['MEDIGRAPH_PORT', '1.5'],
  ['MONGODB_URI', 'localhost:27017'],
  ['MEDIGRAPH_JWKS_URI', 'file:///etc/passwd'],
  ['MEDIGRAPH_MASTER_KEY', 'abc'],
  ['MEDIGRAPH_MASTER_PASSPHRASE', 'short'],
  ['MEDIGRAPH_FILE_BYTES', '2147483648'],
  ['MEDIGRAPH_PERSON_FILE_BYTES', '0'],
  ['MEDIGRAPH_LOG_LEVEL', 'loud'],
])('%s=%s is refused by name', (variable, value) => {
  expect(() => loadConfiguration({ [variable]: value })).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION_INVALID', setting: variable }) as Error,
  );
});

test('a master key and a passphrase exclude each other', () => {
  const both = {
    MEDIGRAPH_MASTER_KEY: 'ab'.repeat(32),
    MEDIGRAPH_MASTER_PASSPHRASE: 'correct horse battery',
  };
  expect(() => loadConfiguration(both)).toThrow('MEDIGRAPH_MASTER_PASSPHRASE: must not be set together');
});

test('the description shows every setting and no secret', () => {
  const environment = {
    MEDIGRAPH_MASTER_KEY: 'ab'.repeat(32),
    MONGODB_URI: 'mongodb://user:hunter2@example:27017',
    MEDIGRAPH_PORT: '8080',
  };
  const described = describeConfiguration(loadConfiguration(environment), environment);
  expect(described.map(({ variable }) => variable)).toEqual(
    Object.values(settings).map(({ variable }) => variable),
  );
  expect(described.find(({ variable }) => variable === 'MEDIGRAPH_PORT')).toMatchObject({
    value: '8080',
    default: '4000',
  });
  expect(described.find(({ variable }) => variable === 'MONGODB_URI')?.value).toBe('(set)');
  expect(JSON.stringify(described)).not.toMatch(/abab|hunter2/);
});

test('a secret may be in a file, which is then the only place for it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-secret-'));
  const file = path.join(folder, 'uri');
  await writeFile(file, 'mongodb://user:hunter2@example:27017\n');
  const environment = { MONGODB_URI_FILE: file };
  const configuration = loadConfiguration(environment);
  expect(configuration.mongodbUri).toBe('mongodb://user:hunter2@example:27017');
  expect(JSON.stringify(describeConfiguration(configuration, environment))).not.toMatch(/hunter2/);
  const failure = (setting: string) =>
    expect.objectContaining({ code: 'CONFIGURATION_INVALID', setting }) as Error;
  expect(() => loadConfiguration({ ...environment, MONGODB_URI: 'mongodb://127.0.0.1' })).toThrow(
    failure('MONGODB_URI_FILE'),
  );
  expect(() => loadConfiguration({ MONGODB_URI_FILE: path.join(folder, 'nothing') })).toThrow(
    failure('MONGODB_URI_FILE'),
  );
  await rm(folder, { recursive: true });
});

test('the master key comes from one place, and a key management service has a token', () => {
  const kms = { MEDIGRAPH_KMS_KEY_URL: 'https://kms.example:8200/v1/transit/keys/medigraph' };
  const failure = (setting: string) =>
    expect.objectContaining({ code: 'CONFIGURATION_INVALID', setting }) as Error;
  expect(() => loadConfiguration(kms)).toThrow(failure('MEDIGRAPH_KMS_TOKEN'));
  const whole = { ...kms, MEDIGRAPH_KMS_TOKEN: 'hunter2' };
  expect(loadConfiguration(whole)).toMatchObject({
    kmsKeyUrl: kms.MEDIGRAPH_KMS_KEY_URL,
    kmsToken: 'hunter2',
  });
  for (const other of [
    { MEDIGRAPH_MASTER_KEY: 'ab'.repeat(32) },
    { MEDIGRAPH_MASTER_PASSPHRASE: 'correct horse battery' },
  ])
    expect(() => loadConfiguration({ ...whole, ...other })).toThrow(failure('MEDIGRAPH_KMS_KEY_URL'));
  const elsewhere = { ...whole, MEDIGRAPH_KMS_KEY_URL: 'https://kms.example:8200/medigraph' };
  expect(() => loadConfiguration(elsewhere)).toThrow(failure('MEDIGRAPH_KMS_KEY_URL'));
});
