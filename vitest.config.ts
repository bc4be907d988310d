import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { mambound: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    include: ['{src,constructions,properties,reports,examples,bench,test}/**/*.test.ts'],
    testTimeout: 120_000,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
