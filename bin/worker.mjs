import { load } from './start.mjs';

const { work } = await load('evidence/worker');
export default work;
