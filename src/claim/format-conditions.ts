/** Conditions on the formats that claims are stated in. */
import { formatByName } from '../arithmetic/format.ts';
import { REAL } from './parameters.ts';

interface InFormat {
  readonly format: string;
}

export const BINARY = {
  name: 'format',
  expected: 'a binary floating-point format',
  holds: ({ format }: InFormat): boolean => formatByName(format) !== undefined,
};

export const BINARY_OR_REAL = {
  name: 'format',
  expected: `${REAL} or a binary floating-point format`,
  holds: ({ format }: InFormat): boolean => format === REAL || formatByName(format) !== undefined,
};

const LEAST_BITS = 3;
/** With fewer bits a gate is no gate; without limits of the exponent, tails of σ leave the doubles that carry them. */
export const BOUNDED = {
  name: 'format',
  expected: `a binary floating-point format of ${LEAST_BITS} bits or more with a least and a largest number`,
  holds: ({ format }: InFormat): boolean => {
    const number = formatByName(format);
    return number !== undefined && Number.isFinite(number.emin) && number.p >= LEAST_BITS;
  },
};
