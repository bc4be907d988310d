/**
 * L0: identity and linear maps through an activation, exactly.
 *
 *   (Wx)_r = Σ_i W_ri [g(x_i) − g(−x_i)]
 *
 * for every g with g(x) − g(−x) = x (ReLU, SiLU, GELU, softplus). Width 2 per input, largest weight max(1, |W|).
 * Source: docs/theory.md §4, L0; Feng C.1–C.5.
 */
import { mlp, type Sequential } from '../../src/network/layer.ts';
import { matrixFromForms, type Form } from '../../src/network/matrix.ts';
import type { LemmaActivation } from '../../src/network/activation.ts';

/** The MLP x ↦ Wx; row r of W as a form of the inputs. */
export const linearMap = (g: LemmaActivation, rows: readonly Form[], inputs: number): Sequential => {
  const signed = Array.from({ length: 2 * inputs }, (_, h): Form => [[Math.floor(h / 2), h % 2 === 0 ? 1 : -1]]);
  const differences = rows.map((row) =>
    row.flatMap(([i, weight]): Form => [
      [2 * i, weight],
      [2 * i + 1, -weight],
    ]),
  );
  return mlp({ kind: 'linear', weight: matrixFromForms(signed, inputs) }, g, {
    kind: 'linear',
    weight: matrixFromForms(differences, 2 * inputs),
  });
};
