import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** The arrows of the house: what a part may import of the others. Anything not listed is refused. */
const arrows = {
  schema: [],
  platform: ['schema'],
  router: ['platform', 'schema'],
  'subgraphs/*': ['platform', 'schema'],
  'chaincode/lib': ['schema'],
  'chaincode/care': ['chaincode-lib', 'schema'],
  'chaincode/claims': ['chaincode-lib', 'schema'],
  'chaincode/registry': ['chaincode-lib', 'schema'],
  'marketplace/graph': ['platform', 'schema'],
  'marketplace/sdk': ['chaincode-lib', 'schema'],
  'marketplace/package': ['schema'],
  'marketplace/review': ['dapp', 'dapp-package', 'dapp-sandbox', 'schema'],
  'marketplace/cli': ['dapp', 'dapp-package', 'dapp-review', 'dapp-sandbox', 'schema'],
  // What a stranger may import: nothing of ours but the kit.
  'marketplace/dapps/*': ['dapp'],
  'embedded/ledger': [],
  'embedded/documents': [],
  'embedded/ca': [],
  // It speaks of roles, organisations and scopes in the words of the vocabulary.
  'embedded/identity': ['schema'],
  network: [],
  'marketplace/sandbox': ['chaincode-lib', 'dapp', 'schema'],
  'marketplace/steward': [
    'chaincode-lib',
    'dapp-graph',
    'dapp-package',
    'dapp-review',
    'dapp-sandbox',
    'dapp-steward',
    'network',
    'platform',
    'schema',
  ],
  corpus: ['platform', 'schema'],
};
const parts = [
  'schema',
  'platform',
  'router',
  'subgraph-patients',
  'subgraph-records',
  'subgraph-consent',
  'subgraph-claims',
  'subgraph-dapps',
  'chaincode-lib',
  'chaincode-care',
  'chaincode-claims',
  'chaincode-registry',
  'dapp-graph',
  'dapp',
  'dapp-package',
  'dapp-review',
  'dapp-cli',
  'embedded-ledger',
  'embedded-documents',
  'embedded-ca',
  'embedded-identity',
  'network',
  'dapp-sandbox',
  'launcher',
  'corpus',
  'test',
  'bench',
];

const direction = Object.entries(arrows).map(([folder, allowed]) => ({
  files: [`${folder}/src/**/*.ts`],
  ignores: ['**/*.test.ts', '**/testing/**'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: parts
          .filter((part) => !allowed.includes(part))
          .map((part) => ({
            group: [`@medigraph/${part}`, `@medigraph/${part}/*`],
            message: `${folder} may import only ${allowed.join(', ') || 'nothing of the other parts'} (see docs/architecture.md).`,
          })),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.medigraph/**', 'coverage/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // type-graphql and fabric-contract-api read parameter types at run time: an import type would erase them.
    files: [
      'subgraphs/*/src/**/*.ts',
      'chaincode/*/src/**/*.ts',
      'marketplace/sdk/src/**/*.ts',
      'marketplace/dapps/*/src/**/*.ts',
      'platform/src/graph/**/*.ts',
    ],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    // Types of a DApp are classes for the sake of their decorators alone: shapes, which plain objects fill.
    files: ['marketplace/sdk/src/**/*.ts', 'marketplace/dapps/*/src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    // Tests of Node's runner: what they are in waits for them.
    files: ['marketplace/dapps/*/src/**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['beforeEach', 'describe', 'test'] },
          ],
        },
      ],
    },
  },
  {
    files: ['launcher/src/**/*.ts', 'bench/src/**/*.ts', 'corpus/src/**/*.ts', 'schema/src/compose.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['scripts/**/*.mjs', '*.mjs'],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', URL: 'readonly', setTimeout: 'readonly' },
    },
  },
  {
    files: ['embedded/identity/assets/*.js'],
    languageOptions: {
      sourceType: 'script',
      globals: {
        document: 'readonly',
        fetch: 'readonly',
        SimpleWebAuthnBrowser: 'readonly',
        window: 'readonly',
      },
    },
  },
  {
    // Contracts as strangers write them, some with what no contract has.
    files: ['marketplace/sandbox/src/testing/**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: Object.fromEntries(
        ['Buffer', 'console', 'fetch', 'globalThis', 'process', 'setTimeout', 'WebSocket'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
  ...direction,
  prettier,
);
