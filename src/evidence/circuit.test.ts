import { describe, expect, it } from 'vitest';
import { emulatedArithmetic } from '../arithmetic/emulated.ts';
import { formatByName } from '../arithmetic/format.ts';
import { compileCircuit } from '../circuit/compile.ts';
import { input, integer, lookup, max, real } from '../circuit/language.ts';
import { searchCircuit } from './circuit.ts';

const options = {
  inputs: { a: real(-1, 1), b: real(-1, 1), k: integer(0, 4) },
  fields: { y: max(input('a'), input('b')), z: lookup(input('k'), [3, 1, 4, 1, 5]) },
};

describe('searchCircuit', () => {
  it.each(['y', 'z'])('comes near the bound of %s and stays below it', (field) => {
    const circuit = compileCircuit({ ...options, eps: 1e-6 });
    const { bound } = circuit.outputs[field]![0]!;
    const { value } = searchCircuit(circuit, field);
    expect(value).toBeLessThanOrEqual(bound);
    expect(value).toBeGreaterThan(bound / 4);
  });

  it('measures in the arithmetic that it is given', () => {
    const circuit = compileCircuit({ ...options, eps: 0.2, format: 'fp32' });
    const fp32 = emulatedArithmetic(formatByName('fp32')!);
    const { value } = searchCircuit(circuit, 'y', { arithmetic: fp32 });
    expect(value).toBeLessThanOrEqual(circuit.bound);
    expect(value).toBeGreaterThan(circuit.bound / 4);
  });

  it('finds the same point for the same seed', () => {
    const circuit = compileCircuit({ ...options, eps: 1e-2 });
    expect(searchCircuit(circuit, 'y', { seed: 3 })).toEqual(searchCircuit(circuit, 'y', { seed: 3 }));
  });
});
