/** Linear forms over the fields of a residual stream. */
import { productError, sumError } from '../arithmetic/error-free.ts';

/** Place in the stream → weight, never 0. */
export type StreamForm = ReadonlyMap<number, number>;

export const formOf = (terms: Iterable<readonly [number, number]>): StreamForm => {
  const form = new Map<number, number>();
  for (const [place, weight] of terms) form.set(place, (form.get(place) ?? 0) + weight);
  return withoutZeros(form);
};
const withoutZeros = (form: Map<number, number>): StreamForm => {
  for (const [place, weight] of form) if (weight === 0) form.delete(place);
  return form;
};

export const scaledForm = (form: StreamForm, weight: number): StreamForm =>
  formOf([...form].map(([place, w]) => [place, w * weight]));
export const sumForm = (x: StreamForm, y: StreamForm): StreamForm => formOf([...x, ...y]);
/** weight · form + offset, where the place `one` holds 1. */
export const shifted = (form: StreamForm, weight: number, one: number, offset: number): StreamForm =>
  sumForm(scaledForm(form, weight), formOf([[one, offset]]));

/**
 * Σ weight · form, and how far the rounding of its weights to doubles can move its value. `sizeAt`: the largest absolute
 * value that a place is meant to hold.
 */
export const combined = (
  parts: readonly (readonly [number, StreamForm])[],
  sizeAt: (place: number) => number,
): { readonly form: StreamForm; readonly loss: number } => {
  const form = new Map<number, number>();
  let loss = 0;
  for (const [weight, part] of parts) {
    for (const [place, w] of part) {
      const product = weight * w;
      const before = form.get(place) ?? 0;
      const error = Math.abs(productError(weight, w, product)) + Math.abs(sumError(before, product, before + product));
      // Fields may exceed their range by their error, hence twice.
      loss += 2 * error * sizeAt(place);
      form.set(place, before + product);
    }
  }
  return { form: withoutZeros(form), loss };
};

/** The same text for the same form. */
export const keyOf = (form: StreamForm): string =>
  [...form]
    .sort(([x], [y]) => x - y)
    .map(([place, weight]) => `${place}:${weight}`)
    .join(' ');
