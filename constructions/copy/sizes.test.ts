/** The sizes that claims about COPY state as formulas, counted for sequence lengths from 1 to 256. */
import { describe, expect, it } from 'vitest';
import { block } from '../../properties/T2.block.ts';
import { packed } from '../../properties/T2.packed.ts';
import { selective } from '../../properties/T2.selective.ts';
import { slots } from '../../properties/T2.slots.ts';
import { tight } from '../../properties/T2.tight.ts';
import { float64 } from '../../src/arithmetic/float64.ts';
import { parseCell } from '../../src/claim/claim.ts';

const LENGTHS = [...Array.from({ length: 20 }, (_, at) => at + 1), 24, 25, 26, 63, 64, 65, 99, 144, 200, 255, 256];

describe.each([block, slots, packed, selective, tight].map((claim) => [claim.tag, claim] as const))(
  '%s',
  (_, claim) => {
    const counts = Object.entries(claim.quantities).filter(([, { relation }]) => relation === '==');

    it.each([1, 3])('has the sizes of its formulas at d = %d', (d) => {
      for (const N of LENGTHS) {
        const values = parseCell(claim, { N: `${N}`, d: `${d}`, M: '1', eps: '0.01' });
        for (const [name, quantity] of counts) {
          if (!('experiment' in quantity)) throw new Error(`expected ${name} to be measured`);
          const counted = quantity.experiment(values, float64).measure({});
          expect([N, name, counted]).toEqual([N, name, quantity.bound(values).approximate().toNumber()]);
        }
      }
    });
  },
);
