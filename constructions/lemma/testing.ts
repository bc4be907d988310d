/** What the tests of the lemmas share. */
import { decimalArithmetic } from '../../src/arithmetic/decimal.ts';
import { rationals } from '../../src/arithmetic/exact.ts';
import { Rational } from '../../src/arithmetic/rational.ts';
import { evaluate } from '../../src/lemma/quantities.ts';
import type { Layer } from '../../src/network/layer.ts';

const decimals = decimalArithmetic(40);

export const exact = (text: string): Rational => Rational.parse(text)!;

/** The output of a network on a token, to 20 digits. */
export const output = (network: Layer, token: readonly number[], at = 0): string =>
  decimals.bounds(evaluate(network, decimals, at)(token))!.lo.toDecimalText(20);

/** The output of a ReLU network, exactly. */
export const exactly = (network: Layer, token: readonly number[], at = 0): number =>
  evaluate(network, rationals, at)(token).toNumber();
