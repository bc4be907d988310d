/**
 * The day of the week, 0 for Sunday, of a date from 1900 to 2099 in the Gregorian calendar (Sakamoto's rule): integers
 * only, with tables, comparisons, quotients and a remainder.
 */
import { add, ge, input, integer, linear, lookup, quotient, remainder, sub } from '../../src/circuit/language.ts';

const OFFSETS = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];

/** January and February count to the year before. */
const year = sub(input('year'), linear([1, 1], [-1, ge(input('month'), 3)]));
const days = add(
  year,
  quotient(year, 4),
  linear([-1, quotient(year, 100)]),
  quotient(year, 400),
  lookup(input('month'), OFFSETS, 1),
  input('day'),
);

export const weekday = {
  inputs: { day: integer(1, 31), month: integer(1, 12), year: integer(1900, 2099) },
  fields: { y: remainder(days, 7) },
};
