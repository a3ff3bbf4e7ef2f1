import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const bits = { group: ['bits-ui', 'bits-ui/*'], message: 'Only ui/ knows bits-ui: use or add a part there.' };
const virtua = { group: ['virtua', 'virtua/*'], message: 'Only features/timeline/List.svelte knows virtua.' };
const lucide = { name: '@lucide/svelte', message: 'Import icons one by one: @lucide/svelte/icons/<name>.' };
const wails = { group: ['**/wailsjs/**'], message: 'The window is reached through host/.' };

/** Folders a layer must not reach, as relative imports from inside it. */
function forbid(...folders) {
  return folders.map((folder) => ({
    regex: `^\\.{1,2}/(?:.*/)?${folder}(?:/|$)`,
    message: `Imports go app → features → state → host, lib, ui; ${folder} is above or beside.`,
  }));
}

function layer(files, patterns) {
  return { files, rules: { 'no-restricted-imports': ['error', { paths: [lucide], patterns: [wails, ...patterns] }] } };
}

const features = [
  'timeline',
  'session',
  'account',
  'integrity',
  'users',
  'settings',
  'transfer',
  'record',
  'connections',
];

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/lib/paraglide', 'src/host/gen', 'public/theme.js'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...ts.configs.stylisticTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'], tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    // Here components have no types for eslint; svelte-check knows them.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
    },
  },
  {
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/prefer-optional-chain': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Strict index access makes `??` necessary where the rule cannot see it.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      'svelte/no-at-html-tags': 'error',
      'svelte/no-navigation-without-resolve': 'off',
      // `{' '}` is how a space survives the formatter.
      'svelte/no-useless-mustaches': 'off',
      'svelte/prefer-svelte-reactivity': 'off',
      'no-restricted-syntax': [
        'error',
        {
          // Letters between tags belong into messages/.
          selector: 'SvelteElement > SvelteText[value=/\\p{L}{2,}/u]',
          message: 'Text for people comes from messages/.',
        },
        {
          selector:
            'SvelteAttribute[key.name=/^(title|placeholder|alt|aria-label)$/] > SvelteLiteral[value=/\\p{L}{2,}/u]',
          message: 'Text for people comes from messages/.',
        },
        {
          selector: 'SvelteAttribute[key.name="style"]',
          message: 'The page’s policy forbids style attributes: use style:--name={…} or a class.',
        },
      ],
    },
  },
  {
    // Parameters of functions in markup are `any` to this parser; svelte-check knows and checks their types.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  layer(['src/lib/**'], [bits, virtua, ...forbid('app', 'features', 'state', 'host', 'ui')]),
  layer(['src/host/**'], [bits, virtua, ...forbid('app', 'features', 'state', 'ui')]),
  layer(['src/state/**'], [bits, virtua, ...forbid('app', 'features', 'ui')]),
  layer(['src/ui/**'], [virtua, ...forbid('app', 'features', 'state', 'host')]),
  layer(['src/app/**'], [bits, virtua]),
  layer(['src/widget/**'], [bits, virtua, ...forbid('app', 'features', 'state')]),
  ...features.map((feature) =>
    layer(
      [`src/features/${feature}/**`],
      [
        bits,
        ...(feature === 'timeline' ? [] : [virtua]),
        ...forbid('app', ...features.filter((one) => one !== feature)),
      ],
    ),
  ),
  {
    files: ['*.js', 'scripts/**'],
    ...ts.configs.disableTypeChecked,
    languageOptions: { globals: globals.node, parserOptions: { projectService: false, project: null } },
  },
);
