/** One cell of an edit distance: min(up + deletion, left + insertion, diagonal + substitution·1[r ≠ s]). */
import { add, eq, input, integer, min, mul, not } from '../../src/circuit/language.ts';

const LETTERS = 25;
const MOST_COST = 9;
const MOST_DISTANCE = 180;

export const editStep = {
  inputs: {
    up: integer(0, MOST_DISTANCE),
    left: integer(0, MOST_DISTANCE),
    diagonal: integer(0, MOST_DISTANCE),
    r: integer(0, LETTERS),
    s: integer(0, LETTERS),
    deletion: integer(0, MOST_COST),
    insertion: integer(0, MOST_COST),
    substitution: integer(0, MOST_COST),
  },
  fields: {
    y: min(
      add(input('up'), input('deletion')),
      add(input('left'), input('insertion')),
      add(input('diagonal'), mul(input('substitution'), not(eq(input('r'), input('s'))))),
    ),
  },
};
