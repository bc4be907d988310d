// Makes this installation importable: from TypeScript sources in a checkout, compiled in a package. User files that
// import 'mambound' get this very instance of the library, wherever they lie.
import { existsSync } from 'node:fs';
import { register } from 'node:module';

const sources = new URL('../src/', import.meta.url);
const compiled = new URL('../dist/src/', import.meta.url);
const inCheckout = existsSync(new URL('index.ts', sources));

const index = inCheckout ? new URL('index.ts', sources) : new URL('index.js', compiled);
register('./resolve.mjs', import.meta.url, { data: { index: index.href } });
// A package needs tsx for a user's own .ts files only; registering it costs little and loads nothing else.
const { register: registerTypeScript } = await import('tsx/esm/api');
registerTypeScript();

/** Imports a module of the library by its path below src/, without extension. */
export const load = (path) =>
  import(inCheckout ? new URL(`${path}.ts`, sources).href : new URL(`${path}.js`, compiled).href);
