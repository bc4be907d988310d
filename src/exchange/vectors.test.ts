import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { decimalArithmetic } from '../arithmetic/decimal.ts';
import { float64 } from '../arithmetic/float64.ts';
import { InputError } from '../input-error.ts';
import { runVectors, VECTOR_TOLERANCE, withinTolerance, type Comparison } from './vectors.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface Tensor {
  shape: number[];
  data: (number | string | null)[];
}
interface File {
  cases: Record<string, unknown>[];
}

const KINDS = ['scan', 'block', 'model'] as const;
type Kind = (typeof KINDS)[number];

const pathOf = (kind: Kind): string => fileURLToPath(new URL(`../../test/oracles/${kind}.json`, import.meta.url));
const texts = Object.fromEntries(KINDS.map((kind) => [kind, readFileSync(pathOf(kind), 'utf8')])) as Record<
  Kind,
  string
>;
const read = (kind: Kind): File => JSON.parse(texts[kind]) as File;

const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'file.json');

const runText = (text: string): Comparison[] => {
  writeFileSync(file, text);
  return runVectors(file, float64);
};
/** A part of a case by the names that lead to it. */
const part = <X>(value: unknown, ...path: (string | number)[]): X =>
  path.reduce((x, key) => (x as Record<string | number, unknown>)[key], value) as X;
/** The text of a file that has only one case of an oracle, changed. */
const changed = (kind: Kind, at: number, change: (c: Record<string, unknown>) => void): string => {
  const c = read(kind).cases[at]!;
  change(c);
  return JSON.stringify({ cases: [c] });
};

/** Every tensor of every case. */
const TENSORS: Record<Kind, { cases: number; tensors: readonly string[] }> = {
  scan: { cases: 12, tensors: ['y', 'last_state'] },
  block: {
    cases: 6,
    tensors: [
      'in_proj_out',
      'conv1d_out_before_silu',
      'x_proj_in',
      'x_proj_out',
      'dt_before_softplus',
      'out_proj_in',
      'y',
      'conv_state',
      'ssm_state',
    ],
  },
  model: {
    cases: 2,
    tensors: ['logits', 'last_hidden_state', 'residual_stream_after_layer.0', 'residual_stream_after_layer.1'],
  },
};

describe.each(KINDS)('the %s oracle', (kind) => {
  const comparisons = runVectors(pathOf(kind), float64);

  it('is compared tensor by tensor, without leaving one out', () => {
    const { cases, tensors } = TENSORS[kind];
    const names = read(kind).cases.map((c) => c.name as string);
    expect(names).toHaveLength(cases);
    expect(comparisons.map((c) => `${c.case}: ${c.tensor}`)).toEqual(
      names.flatMap((name) => tensors.map((tensor) => `${name}: ${tensor}`)),
    );
  });

  it('is met', () => {
    expect(VECTOR_TOLERANCE).toBe(1e-12);
    for (const { difference, scale } of comparisons) expect(difference).toBeLessThanOrEqual(1e-12 * scale);
    for (const { scale } of comparisons) expect(scale).toBeGreaterThan(0);
  });
});

it('is met by decimals, too', () => {
  writeFileSync(
    file,
    changed('block', 2, () => undefined),
  );
  const comparisons = runVectors(file, decimalArithmetic(20));
  expect(comparisons).toHaveLength(9);
  expect(comparisons.every(withinTolerance)).toBe(true);
});

/** Relative change of one weight that must be seen: the differences it makes exceed 1e-12 of some tensor. */
const NUDGE = 1e-9;

/** Multiplies the entry of largest size, which no tensor can hide, by 1 + NUDGE. */
const nudge = (tensor: Tensor): void => {
  const data = tensor.data as number[];
  const at = data.reduce((best, x, i) => (Math.abs(x) > Math.abs(data[best]!) ? i : best), 0);
  data[at]! *= 1 + NUDGE;
};

describe('a weight off by 1e-9 of itself is noticed', () => {
  /** One token has no past to decay, and extreme scans drown what D adds: these cases cannot show every weight. */
  const BLIND = ['L1_conv1_state1', 'L_shorter_than_conv_extremes'];
  const weights = read('block').cases.flatMap((c, at) =>
    Object.keys(c.weights as object).map((weight) => ({ name: c.name as string, weight, at })),
  );
  const seen = weights.filter(({ name }) => !BLIND.includes(name));
  it('(in all tensors of four blocks)', () => expect(seen).toHaveLength(9 + 10 + 9 + 11));
  it.each(seen)('$name: $weight', ({ weight, at }) => {
    const comparisons = runText(changed('block', at, (c) => nudge(part(c, 'weights', weight))));
    expect(comparisons.every(withinTolerance)).toBe(false);
  });

  const [model] = read('model').cases;
  it.each(Object.keys(model!.weights as object))('model: %s', (weight) => {
    const comparisons = runText(changed('model', 0, (c) => nudge(part(c, 'weights', weight))));
    expect(comparisons.every(withinTolerance)).toBe(false);
  });

  it.each(['u', 'delta', 'A', 'B', 'C', 'D', 'z', 'delta_bias'])('scan: %s', (name) => {
    const comparisons = runText(changed('scan', 1, (c) => nudge(c[name] as Tensor)));
    expect(comparisons.every(withinTolerance)).toBe(false);
  });

  it.each(KINDS)('and so is an expected entry of the %s file', (kind) => {
    const comparisons = runText(changed(kind, 0, (c) => nudge(part(c, 'expected', kind === 'model' ? 'logits' : 'y'))));
    expect(comparisons.filter((c) => !withinTolerance(c))).toHaveLength(1);
  });
});

it('does not take NaN for agreement', () => {
  expect(withinTolerance({ case: 'c', tensor: 't', difference: NaN, scale: 1 })).toBe(false);
  expect(withinTolerance({ case: 'c', tensor: 't', difference: 0, scale: 0 })).toBe(true);
  // softplus(−1000) = 0 and A = −∞: the decay is exp(0 · −∞), which is no number.
  const comparisons = runText(
    changed('block', 1, (c) => {
      part<Tensor>(c, 'weights', 'A_log').data[0] = 1e3;
      part<Tensor>(c, 'weights', 'dt_proj.bias').data[0] = -1e3;
    }),
  );
  expect(comparisons.find(({ tensor }) => tensor === 'y')).toMatchObject({ difference: NaN });
});

/** The one line that a file is refused with, without the file's name. */
const refusal = (text: string): string => {
  let message = '';
  try {
    runText(text);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    message = (error as Error).message;
  }
  expect(message.startsWith(`expected ${file}`)).toBe(true);
  expect(message).not.toMatch(/[\n\r]/);
  return message.slice(`expected ${file}`.length).replace(/^: /, '');
};

describe('a file that is no vector file is refused', () => {
  it.each([
    ['', 'to be JSON, got an empty file'],
    [' \n', 'to be JSON, got an empty file'],
    ['{}', 'cases to be present, got nothing'],
    ['[]', 'cases to be present, got nothing'],
    ['null', 'to be an object, got null'],
    ['7', 'to be an object, got 7'],
    ['"a\\nb"', 'to be an object, got "a\\nb"'],
    ['{"cases":[]}', 'cases to be a list of at least 1, got a list of 0'],
    ['{"cases":{}}', 'cases to be a list, got an object'],
    ['{"cases":[null]}', 'cases[0] to be an object, got null'],
    ['{"cases":[{}]}', 'cases[0].name to be present, got nothing'],
    ['{"cases":[{"name":1}]}', 'cases[0].name to be a string, got 1'],
    [
      '{"cases":[{"name":"n","a\\nb":1}]}',
      'cases[0] to be a scan (u), block (weights, input) or model (weights, input_ids) case, got an object with name, "a\\nb"',
    ],
  ])('%j', (text, expected) => {
    expect(refusal(text).trim()).toBe(expected);
  });

  it('cut off anywhere', () => {
    const text = JSON.stringify(read('scan').cases[0]);
    for (let length = 1; length < text.length; length += 37) {
      expect(refusal(text.slice(0, length))).toMatch(/^ to be JSON, got text that ends or breaks \(.+\)$/);
    }
    expect(refusal('\n\n\n not JSON\n')).toMatch(/^ to be JSON, got text that ends or breaks \(.+\)$/);
  });

  it('missing, or a folder', () => {
    expect(() => runVectors(join(folder, 'none.json'), float64)).toThrow(
      new InputError(join(folder, 'none.json'), 'a readable file', 'ENOENT'),
    );
    expect(() => runVectors(folder, float64)).toThrow(new InputError(folder, 'a readable file', 'EISDIR'));
  });
});

/** One broken case: what is changed, and the message. */
type Broken = [label: string, kind: Kind, at: number, change: (c: Record<string, unknown>) => void, message: string];

const remove =
  (...path: string[]) =>
  (c: Record<string, unknown>): void => {
    Reflect.deleteProperty(part<object>(c, ...path.slice(0, -1)), path.at(-1)!);
  };
const put =
  (value: Json, ...path: (string | number)[]) =>
  (c: Record<string, unknown>): void => {
    part<Record<string | number, Json>>(c, ...path.slice(0, -1))[path.at(-1)!] = value;
  };
/** Stands for a number that JSON text can hold and `JSON.stringify` cannot write. */
const HUGE = 'HUGE';

const broken: readonly Broken[] = [
  [
    'data too long for their shape',
    'scan',
    1,
    (c) => part<number[]>(c, 'u', 'data').push(1),
    'u to be a tensor of shape [2,8] (16 numbers), got a list of 17',
  ],
  ['null for a number', 'scan', 0, put(null, 'u', 'data', 0), 'u.data[0] to be a number, got null'],
  ['text for a number', 'scan', 0, put('1', 'u', 'data', 0), 'u.data[0] to be a number, got "1"'],
  ['1e999', 'scan', 0, put(HUGE, 'B', 'data', 0), 'B.data[0] to be a finite number, got Infinity'],
  ['a shape that is no integer', 'scan', 0, put(1.5, 'u', 'shape', 0), 'u.shape[0] to be an integer, got 1.5'],
  ['an empty shape', 'scan', 0, put(0, 'u', 'shape', 0), 'u.shape[0] to be >=1, got 0'],
  ['a shape that is no list', 'scan', 0, put('1,1', 'u', 'shape'), 'u.shape to be a list, got "1,1"'],
  ['a shape of one axis', 'scan', 1, put([16], 'u', 'shape'), 'u to be a tensor of shape [16,0], got [16]'],
  ['A of one axis', 'scan', 1, put([8], 'A', 'shape'), 'A to be a tensor of shape [2,0], got [8]'],
  ['a list for a tensor', 'scan', 0, put([1], 'u'), 'u.shape to be present, got nothing'],
  ...(['delta', 'z', 'B', 'C'] as const).map((name): Broken => [
    `${name} transposed`,
    'scan',
    1,
    (c) => part<number[]>(c, name, 'shape').reverse(),
    `${name} to be a tensor of shape [${name === 'B' || name === 'C' ? '4,8' : '2,8'}], got [${name === 'B' || name === 'C' ? '8,4' : '8,2'}]`,
  ]),
  ...(['D', 'delta_bias'] as const).map((name): Broken => [
    `${name} too short`,
    'scan',
    1,
    put({ shape: [1], data: [1] }, name),
    `${name} to be a tensor of shape [2], got [1]`,
  ]),
  ['y transposed', 'scan', 1, put([8, 2], 'expected', 'y', 'shape'), 'y to be a tensor of shape [2,8], got [8,2]'],
  [
    'the last state transposed',
    'scan',
    1,
    put([4, 2], 'expected', 'last_state', 'shape'),
    'last_state to be a tensor of shape [2,4], got [4,2]',
  ],
  ['no B', 'scan', 0, remove('B'), 'B to be present, got nothing'],
  ['no expected tensors', 'scan', 0, remove('expected'), 'expected to be present, got nothing'],
  ['no y', 'scan', 0, remove('expected', 'y'), 'expected.y to be present, got nothing'],
  ['no word about softplus', 'scan', 0, remove('delta_softplus'), 'delta_softplus to be present, got nothing'],
  ['a number for a switch', 'scan', 0, put(1, 'delta_softplus'), 'delta_softplus to be true or false, got 1'],
  ['a tensor that nothing compares', 'scan', 0, put(null, 'expected', 'h'), 'expected.h to be absent, got a value'],

  ['no D', 'block', 1, remove('weights', 'D'), 'weights to be an object with D, got none of that name'],
  ['no weights', 'block', 1, put({}, 'weights'), 'weights to be an object with A_log, got none of that name'],
  ['a misspelt weight', 'block', 1, put(5, 'weights', 'a\nb'), 'weights."a\\nb" to be an object, got 5'],
  [
    'A_log of one axis',
    'block',
    1,
    put([32], 'weights', 'A_log', 'shape'),
    'A_log to be a tensor of shape [32,0], got [32]',
  ],
  ...(
    [
      ['in_proj.weight', [8, 8], '16,8', '8,8'],
      ['conv1d.weight', [8, 4, 1], '8,1,1', '8,4,1'],
      ['conv1d.weight', [8, 4], '8,1,0', '8,4'],
      ['conv1d.bias', [4, 2], '8', '4,2'],
      ['x_proj.weight', [8, 9], '9,8', '8,9'],
      ['dt_proj.weight', [1, 8], '8,8', '1,8'],
      ['dt_proj.bias', [8, 1], '8', '8,1'],
      ['D', [2, 4], '8', '2,4'],
      ['out_proj.weight', [8, 4], '4,8', '8,4'],
    ] as const
  ).map(([name, shape, expected, got]): Broken => [
    `${name} of shape ${got}`,
    'block',
    1,
    put([...shape], 'weights', name, 'shape'),
    `${name} to be a tensor of shape [${expected}], got [${got}]`,
  ]),
  ['a narrow input', 'block', 1, put([20, 2], 'input', 'shape'), 'input to be a tensor of shape [20,4], got [20,2]'],
  ...(
    [
      ['in_proj_out', '10,16', [16, 10]],
      ['conv1d_out_before_silu', '8,10', [10, 8]],
      ['x_proj_in', '10,8', [8, 10]],
      ['x_proj_out', '10,9', [9, 10]],
      ['dt_before_softplus', '10,8', [8, 10]],
      ['out_proj_in', '10,8', [8, 10]],
    ] as const
  ).map(([name, expected, shape]): Broken => [
    `${name} transposed`,
    'block',
    1,
    put([...shape], 'intermediates', name, 'shape'),
    `${name} to be a tensor of shape [${expected}], got [${shape}]`,
  ]),
  ...(
    [
      ['y', '10,4', [4, 10]],
      ['conv_state', '8,4', [4, 8]],
      ['ssm_state', '8,4', [32]],
    ] as const
  ).map(([name, expected, shape]): Broken => [
    `${name} of another shape`,
    'block',
    1,
    put([...shape], 'expected', name, 'shape'),
    `${name} to be a tensor of shape [${expected}], got [${shape}]`,
  ]),
  ['an unknown intermediate', 'block', 1, put(1, 'intermediates', 'h'), 'intermediates.h to be absent, got a value'],

  [
    'an id beyond the vocabulary',
    'model',
    0,
    put(16, 'input_ids', 3),
    'input_ids to be a list of ids below 16, got 16',
  ],
  ['a negative id', 'model', 0, put(-1, 'input_ids', 3), 'input_ids[3] to be >=0, got -1'],
  ['an id that is no integer', 'model', 0, put(1.5, 'input_ids', 3), 'input_ids[3] to be an integer, got 1.5'],
  ['fewer ids than tokens', 'model', 0, put([1], 'input_ids'), 'logits to be a tensor of shape [1,16], got [12,16]'],
  ['no ids', 'model', 0, put([], 'input_ids'), 'logits to be a tensor of shape [0,16], got [12,16]'],
  [
    'no last norm',
    'model',
    0,
    remove('weights', 'backbone.norm_f.weight'),
    'weights to be an object with backbone.norm_f.weight, got none of that name',
  ],
  [
    'a layer too many',
    'model',
    0,
    put(3, 'config', 'num_hidden_layers'),
    'weights to be an object with backbone.layers.2.mixer.A_log, got none of that name',
  ],
  [
    'far too many layers',
    'model',
    0,
    put(1e15, 'config', 'num_hidden_layers'),
    'weights to be an object with backbone.layers.2.mixer.A_log, got none of that name',
  ],
  [
    'a layer too few',
    'model',
    0,
    put(1, 'config', 'num_hidden_layers'),
    'residual_stream_after_layer to be a list of 1, got a list of 2',
  ],
  [
    'an infinite epsilon',
    'model',
    0,
    put(HUGE, 'config', 'layer_norm_epsilon'),
    'config.layer_norm_epsilon to be a finite number, got Infinity',
  ],
  [
    'a negative epsilon',
    'model',
    0,
    put(-1e-5, 'config', 'layer_norm_epsilon'),
    'config.layer_norm_epsilon to be >=0, got -0.00001',
  ],
  [
    'embeddings of one axis',
    'model',
    0,
    put([128], 'weights', 'backbone.embeddings.weight', 'shape'),
    'backbone.embeddings.weight to be a tensor of shape [128,0], got [128]',
  ],
  [
    'a head of another width',
    'model',
    1,
    put([6, 24], 'weights', 'lm_head.weight', 'shape'),
    'lm_head.weight to be a tensor of shape [24,6], got [6,24]',
  ],
  [
    'a norm of another width',
    'model',
    0,
    put([2, 4], 'weights', 'backbone.norm_f.weight', 'shape'),
    'backbone.norm_f.weight to be a tensor of shape [8], got [2,4]',
  ],
  [
    'a block of another width',
    'model',
    0,
    (c) => {
      for (const [name, shape] of [
        ['in_proj', [32, 4]],
        ['out_proj', [4, 16]],
      ] as const) {
        const tensor = part<Tensor>(c, 'weights', `backbone.layers.0.mixer.${name}.weight`);
        tensor.shape = [...shape];
        tensor.data.length /= 2;
      }
    },
    'backbone.layers.0.mixer.in_proj.weight to be a tensor of shape [32,8], got [32,4]',
  ],
  [
    'logits transposed',
    'model',
    0,
    put([16, 12], 'expected', 'logits', 'shape'),
    'logits to be a tensor of shape [12,16], got [16,12]',
  ],
  [
    'a residual stream of another shape',
    'model',
    0,
    put([8, 12], 'expected', 'residual_stream_after_layer', 1, 'shape'),
    'residual_stream_after_layer.1 to be a tensor of shape [12,8], got [8,12]',
  ],
  [
    'a last hidden state of another shape',
    'model',
    0,
    put([96], 'expected', 'last_hidden_state', 'shape'),
    'last_hidden_state to be a tensor of shape [12,8], got [96]',
  ],
];

describe('a broken case is refused by its place', () => {
  it.each(broken)('%s (%s)', (_, kind, at, change, message) => {
    expect(refusal(changed(kind, at, change).replace(`"${HUGE}"`, '1e999'))).toBe(`cases[0]: ${message}`);
  });

  it('which counts the cases', () => {
    const cases = read('scan').cases.slice(0, 3);
    remove('C')(cases[2]!);
    expect(refusal(JSON.stringify({ cases }))).toBe('cases[2]: C to be present, got nothing');
  });

  it('not for leaving out what is optional', () => {
    const text = changed('block', 1, (c) => {
      remove('intermediates')(c);
      remove('expected', 'conv_state')(c);
      remove('expected', 'ssm_state')(c);
    });
    expect(runText(text).map(({ tensor }) => tensor)).toEqual(['y']);
    expect(runText(changed('scan', 0, remove('z'))).every(withinTolerance)).toBe(true);
  });
});
