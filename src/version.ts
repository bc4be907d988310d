import { existsSync, readFileSync } from 'node:fs';

/** package.json stands one folder above src/, two above dist/src/. */
const manifest = ['../package.json', '../../package.json']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url))!;

export const VERSION = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
