#!/usr/bin/env node
import { load } from './start.mjs';

// A reader that has seen enough (`| head`) ends the program quietly.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const { main } = await load('cli/main');
process.exitCode = await main(process.argv.slice(2));
