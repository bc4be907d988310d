#!/usr/bin/env -S node --single-threaded-gc
// Workers fill the cores: helper threads of V8's garbage collector would only take turns with them.
import { load } from './start.mjs';

// A reader that has seen enough (`| head`) ends the program quietly.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const { main } = await load('cli/main');
process.exitCode = await main(process.argv.slice(2));
