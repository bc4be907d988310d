#!/usr/bin/env node
import { load } from './start.mjs';

const { main } = await load('cli/main');
process.exitCode = await main(process.argv.slice(2));
