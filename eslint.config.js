import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import nx from '@nx/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const SOURCES = ['**/*.{ts,js}'];
const TESTS = ['**/*.test.ts', '**/*.contract.ts', '**/*.fixture.ts', '**/testing/**'];

/** The one project that puts other apps together, and the one that is measured against everything. */
const ALL_IN_ONE = 'apps/medley';
const BENCH = 'tools/bench';

/** Which outside packages are rationed, and the projects that may import them. */
const RATIONS = [
  { packages: 'koa|@koa/router', owners: ['apps/gateway'] },
  { packages: 'mongodb|node:sqlite', owners: ['apps/metadata'] },
  { packages: 'minio', owners: ['apps/storage'] },
  { packages: 'sharp', owners: ['apps/thumbnail'] },
  { packages: 'undici', owners: ['libs/safe-fetch', 'libs/byte-lane'] },
  // Only these two reach the Internet.
  { packages: '@medley/safe-fetch', owners: ['apps/url-preview', 'apps/federation-fetch'] },
  { packages: 'parse5|parse5-sax-parser', owners: ['apps/url-preview'] },
  { packages: '@grpc/[^/]+|nice-grpc[^/]*', owners: ['libs/grpc'] },
  { packages: 'pino|@opentelemetry/[^/]+', owners: ['libs/telemetry'] },
  { packages: 'yaml|zod', owners: ['libs/config'] },
];

const ADAPTERS = { regex: '(^|/)adapters/', message: 'Only app.ts imports adapters; everything else knows the port.' };

/** What each type of project may depend on, in the code that ships. Nx matches these against the tags in package.json. */
const LAYERS = {
  util: ['util', 'domain'],
  domain: ['util', 'domain'],
  platform: ['util', 'domain', 'platform'],
  app: ['util', 'domain', 'platform'],
  e2e: ['util', 'domain', 'platform', 'testing'],
  testing: ['util', 'domain', 'platform', 'testing'],
  tool: ['util', 'domain', 'platform', 'testing', 'tool'],
};

const SYNTAX = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  { selector: 'TSEnumDeclaration', message: 'Node cannot strip enums: use an `as const` array or a union.' },
  { selector: 'TSParameterProperty', message: 'Node cannot strip parameter properties: declare the field.' },
  { selector: 'TSImportEqualsDeclaration', message: 'Node cannot strip `import … = …`.' },
  {
    selector: ':matches(ImportDeclaration, ExportAllDeclaration, ExportNamedDeclaration)[source.value=/^[.](?!.*[.](ts|js|json)$)/]',
    message: 'Relative imports end in `.ts`.',
  },
];

const projects = ['apps', 'libs', 'tools'].flatMap((top) =>
  readdirSync(join(import.meta.dirname, top), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${top}/${entry.name}`),
);

/** Nx's boundary rule; `extraTypes` are allowed to every type of project, `allow` lists imports that pass unseen. */
function boundaries(extraTypes, allow = []) {
  const depConstraints = Object.entries(LAYERS).map(([type, allowed]) => ({
    sourceTag: `type:${type}`,
    onlyDependOnLibsWithTags: [...allowed, ...extraTypes].map((name) => `type:${name}`),
  }));
  return { '@nx/enforce-module-boundaries': ['error', { allow, depConstraints }] };
}

/** The rules against rationed packages for `project`, imported or loaded later, and against what else is restricted there. */
function rationing(project, ...others) {
  const foreign = RATIONS.filter(({ owners }) => !owners.includes(project)).map(({ packages, owners }) => ({
    regex: `^(${packages})(/|$)`,
    message: `Only ${owners.join(' and ')} may import this package.`,
  }));
  // A selector's pattern cannot hold a slash.
  const loads = foreign.map(({ regex, message }) => ({
    selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\x2F')}/]`,
    message,
  }));
  return {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: [...foreign, ...others] }],
    'no-restricted-syntax': ['error', ...SYNTAX, ...loads],
  };
}

const rationedProjects = projects
  .filter((project) => project !== BENCH)
  .flatMap((project) => [
    { files: [`${project}/**/*.ts`], rules: rationing(project, ADAPTERS) },
    {
      files: ['src/app.ts', 'src/**/adapters/**', ...TESTS].map((pattern) => `${project}/${pattern}`),
      rules: rationing(project),
    },
  ]);

const otherApps = projects
  .filter((project) => project.startsWith('apps/') && project !== ALL_IN_ONE)
  .map((project) => `@medley/${project.slice('apps/'.length)}/*`);

const correctness = {
  'for-direction': 'error',
  'no-async-promise-executor': 'error',
  'no-compare-neg-zero': 'error',
  'no-cond-assign': 'error',
  'no-constant-binary-expression': 'error',
  'no-constant-condition': 'error',
  'no-control-regex': 'error',
  'no-dupe-else-if': 'error',
  'no-duplicate-case': 'error',
  'no-empty': 'error',
  'no-empty-character-class': 'error',
  'no-fallthrough': 'error',
  'no-irregular-whitespace': 'error',
  'no-loss-of-precision': 'error',
  'no-misleading-character-class': 'error',
  'no-prototype-builtins': 'error',
  'no-self-assign': 'error',
  'no-sparse-arrays': 'error',
  'no-template-curly-in-string': 'error',
  'no-unsafe-finally': 'error',
  'no-unsafe-optional-chaining': 'error',
  'no-unused-labels': 'error',
  'no-useless-catch': 'error',
  'no-useless-escape': 'error',
  'preserve-caught-error': 'error',
  'require-yield': 'error',
  'use-isnan': 'error',
  'valid-typeof': 'error',
};

const style = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  // It refuses `T | void`, which is how a callback says that its answer may be left out.
  '@typescript-eslint/no-invalid-void-type': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
  eqeqeq: 'error',
  'max-depth': ['error', 3],
  'max-lines': ['error', 300],
  'max-lines-per-function': ['error', 60],
  'max-params': ['error', 4],
  'no-console': 'error',
  'no-else-return': 'error',
  'no-restricted-properties': ['error', { object: 'process', property: 'exit', message: 'Set process.exitCode.' }],
  'no-restricted-syntax': ['error', ...SYNTAX],
};

export default defineConfig(
  globalIgnores(['**/node_modules/', '**/dist/', '.nx/', 'data/', 'libs/proto/src/gen/']),
  {
    files: SOURCES,
    extends: [tseslint.configs.strict],
    plugins: { '@nx': nx },
    languageOptions: { ecmaVersion: 'latest', sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { ...correctness, ...style, ...boundaries([]) },
  },
  // A suite is one long function of short tests, which tools/size measures, and a table of cases nests deeply.
  { files: TESTS, rules: { 'max-lines-per-function': 'off', 'max-depth': 'off', ...boundaries(['testing']) } },
  { files: [`${ALL_IN_ONE}/**/*.ts`], rules: boundaries(['testing'], otherApps) },
  { files: [`${BENCH}/**/*.ts`], rules: { '@nx/enforce-module-boundaries': 'off' } },
  { files: ['tools/**/*.ts', 'apps/cli/**/*.ts', 'apps/*/src/{main,services}.ts'], rules: { 'no-console': 'off' } },
  ...rationedProjects,
);
