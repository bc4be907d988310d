import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'reports/out/', 'node_modules/', 'coverage/', '.scratch/'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  // Kernels are generated per arithmetic; this one file turns their text into functions.
  { files: ['src/arithmetic/stage.ts'], rules: { '@typescript-eslint/no-implied-eval': 'off' } },
);
