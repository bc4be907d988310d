/** How claims name an order of evaluation. */
import type { Order, ScanOptions } from '../network/scan.ts';

interface InOrder {
  readonly order: Order;
  readonly chunk?: number;
}

export const scanOptions = ({ order, chunk }: InOrder): ScanOptions => ({
  order,
  ...(chunk !== undefined && { chunk }),
});

export const CHUNK_IN_CHUNKED = {
  name: 'chunk',
  expected: 'set for the chunked order, and left out otherwise',
  holds: ({ order, chunk }: InOrder): boolean => (order === 'chunked') === (chunk !== undefined),
};
