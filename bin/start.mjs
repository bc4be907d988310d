// Makes this installation importable: from TypeScript sources in a checkout, compiled in a package. User files that
// import 'mambound' get this very instance of the library, wherever they lie.
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { register as registerTypeScript } from 'tsx/esm/api';

const sources = new URL('../src/', import.meta.url);
const compiled = new URL('../dist/src/', import.meta.url);
const inCheckout = existsSync(new URL('index.ts', sources));
const index = inCheckout ? new URL('index.ts', sources) : new URL('index.js', compiled);

registerTypeScript();
// Registered last, these hooks are asked first.
register('./hooks.mjs', import.meta.url, { data: { index: index.href } });

/** Imports a module of the library by its path below src/, without extension. */
export const load = (path) =>
  import(inCheckout ? new URL(`${path}.ts`, sources).href : new URL(`${path}.js`, compiled).href);
