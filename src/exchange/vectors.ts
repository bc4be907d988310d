/**
 * Golden vectors of other implementations: selective scans, whole Mamba blocks and whole models, each with the
 * tensors that a correct float64 implementation must reproduce. Layouts as in Hugging Face checkpoints.
 */
import * as v from 'valibot';
import { castVector, toNumbers, type Arithmetic, type Vec } from '../arithmetic/arithmetic.ts';
import { InputError } from '../input-error.ts';
import { mambaShape, type Layer, type MambaBlock, type SelectiveScan } from '../network/layer.ts';
import { compile } from '../network/machine.ts';
import { matrixFromDense, type Matrix } from '../network/matrix.ts';
import { keyText, readJson, validate } from './json-file.ts';

/** What a correct float64 implementation meets, as a fraction of the largest entry of the tensor. */
export const VECTOR_TOLERANCE = 1e-12;

const tensor = v.pipe(
  v.object({
    shape: v.array(v.pipe(v.number(), v.integer(), v.minValue(1))),
    data: v.array(v.pipe(v.number(), v.finite())),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { shape, data } = dataset.value;
    const count = shape.reduce((x, y) => x * y, 1);
    if (count !== data.length) addIssue({ expected: `a tensor of shape [${shape}] (${count} numbers)`, input: data });
  }),
);
type Tensor = v.InferOutput<typeof tensor>;
const maybe = v.optional(tensor);
const optional = v.optional(v.nullable(tensor));

const scanCase = v.object({
  name: v.string(),
  delta_softplus: v.boolean(),
  u: tensor,
  delta: tensor,
  A: tensor,
  B: tensor,
  C: tensor,
  D: optional,
  z: optional,
  delta_bias: optional,
  expected: v.strictObject({ y: tensor, last_state: maybe }),
});
const weights = v.record(v.string(), tensor);
const blockCase = v.object({
  name: v.string(),
  weights,
  input: tensor,
  intermediates: v.optional(
    v.strictObject({
      in_proj_out: maybe,
      conv1d_out_before_silu: maybe,
      x_proj_in: maybe,
      x_proj_out: maybe,
      dt_before_softplus: maybe,
      out_proj_in: maybe,
    }),
  ),
  expected: v.strictObject({ y: tensor, conv_state: maybe, ssm_state: maybe }),
});
const modelCase = v.object({
  name: v.string(),
  config: v.object({
    num_hidden_layers: v.pipe(v.number(), v.integer(), v.minValue(0)),
    layer_norm_epsilon: v.pipe(v.number(), v.finite(), v.minValue(0)),
  }),
  weights,
  input_ids: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  expected: v.strictObject({
    logits: tensor,
    last_hidden_state: maybe,
    residual_stream_after_layer: v.optional(v.array(tensor)),
  }),
});
type Kind = 'scan' | 'block' | 'model';

/** One tensor that was compared. */
export interface Comparison {
  readonly case: string;
  readonly tensor: string;
  /** Largest absolute difference. */
  readonly difference: number;
  /** Largest absolute entry expected. */
  readonly scale: number;
}

export const withinTolerance = ({ difference, scale }: Comparison): boolean => difference <= VECTOR_TOLERANCE * scale;

const checkShape = (where: string, actual: Tensor, shape: readonly number[]): Tensor => {
  if (actual.shape.join() !== shape.join())
    throw new InputError(where, `a tensor of shape [${shape}]`, `[${actual.shape}]`);
  return actual;
};

const transpose = (data: ArrayLike<number>, rows: number, columns: number): Float64Array => {
  const out = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!;
  return out;
};

/** One tensor of a run: its shape and data. */
type Result = readonly [shape: readonly number[], data: ArrayLike<number>];

const compare = (where: string, name: string, tensorName: string, result: Result, expected: Tensor): Comparison => {
  const [shape, got] = result;
  checkShape(`${where}: ${tensorName}`, expected, shape);
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < got.length; i++) {
    const gap = Math.abs(got[i]! - expected.data[i]!);
    difference = gap > difference || Number.isNaN(gap) ? gap : difference;
    scale = Math.max(scale, Math.abs(expected.data[i]!));
  }
  return { case: name, tensor: tensorName, difference, scale };
};

/** The layer of a scan case; its token is (u, delta, z, B, C). */
const scanLayer = (c: v.InferOutput<typeof scanCase>, channels: number, states: number): SelectiveScan => ({
  kind: 'selective-scan',
  channels,
  states,
  A: Float64Array.from(c.A.data),
  ...(c.D && { D: Float64Array.from(c.D.data) }),
  ...(c.delta_bias && { deltaBias: Float64Array.from(c.delta_bias.data) }),
  deltaSoftplus: c.delta_softplus,
  gated: Boolean(c.z),
});

const runScan = <T>(where: string, c: v.InferOutput<typeof scanCase>, A: Arithmetic<T>): Comparison[] => {
  const [d = 0, L = 0] = c.u.shape;
  const m = c.A.shape[1] ?? 0;
  checkShape(`${where}: u`, c.u, [d, L]);
  checkShape(`${where}: A`, c.A, [d, m]);
  const shapes = { delta: [d, L], z: [d, L], B: [m, L], C: [m, L], D: [d], delta_bias: [d] };
  for (const name of Object.keys(shapes) as (keyof typeof shapes)[]) {
    if (c[name]) checkShape(`${where}: ${name}`, c[name], shapes[name]);
  }

  const machine = compile(scanLayer(c, d, m), A);
  const parts = [c.u, c.delta, c.z, c.B, c.C].filter((part) => part !== null && part !== undefined);
  const tokens = new Float64Array(L * machine.inputs);
  for (let t = 0; t < L; t++) {
    let at = t * machine.inputs;
    for (const part of parts) for (let i = 0; i < part.shape[0]!; i++) tokens[at++] = part.data[i * L + t]!;
  }
  const state = machine.initialState();
  const y = toNumbers(A, machine.run(castVector(A, tokens), L, state));
  const { last_state } = c.expected;
  const last: Result = [[d, m], transpose(toNumbers(A, state.vectors.ssm!), m, d)];
  return [
    compare(where, c.name, 'y', [[d, L], transpose(y, L, d)], c.expected.y),
    ...(last_state ? [compare(where, c.name, 'last_state', last, last_state)] : []),
  ];
};

/** A Mamba block from its checkpoint tensors, named without their prefix. */
export const mambaFromTensors = (where: string, tensors: Readonly<Record<string, Tensor>>, prefix = ''): MambaBlock => {
  const get = (name: string, shape?: readonly number[]): Tensor => {
    const found = tensors[prefix + name];
    if (!found) throw new InputError(`${where}: weights`, `an object with ${prefix}${name}`, 'none of that name');
    return shape ? checkShape(`${where}: ${prefix}${name}`, found, shape) : found;
  };
  const vector = (name: string, shape: readonly number[]): Float64Array => Float64Array.from(get(name, shape).data);
  const vectorIfAny = (name: string, shape: readonly number[]): Float64Array | undefined =>
    tensors[prefix + name] ? vector(name, shape) : undefined;
  const matrix = (name: string, rows: number, columns: number): Matrix =>
    matrixFromDense(rows, columns, get(name, [rows, columns]).data);

  const [d = 0, N = 0] = get('A_log').shape;
  const ALog = matrix('A_log', d, N);
  const hidden = get('in_proj.weight').shape[1] ?? 0;
  const rank = get('dt_proj.weight').shape[1] ?? 0;
  const dtProj = matrix('dt_proj.weight', d, rank);
  const taps = get('conv1d.weight').shape[2] ?? 0;
  const convBias = vectorIfAny('conv1d.bias', [d]);
  const inBias = vectorIfAny('in_proj.bias', [2 * d]);
  const outBias = vectorIfAny('out_proj.bias', [hidden]);
  return {
    kind: 'mamba',
    inProj: matrix('in_proj.weight', 2 * d, hidden),
    ...(inBias && { inBias }),
    convolution: {
      kind: 'convolution',
      channels: d,
      taps,
      weight: vector('conv1d.weight', [d, 1, taps]),
      ...(convBias && { bias: convBias }),
    },
    xProj: matrix('x_proj.weight', rank + 2 * N, d),
    dtProj,
    dtBias: vector('dt_proj.bias', [d]),
    ALog,
    D: vector('D', [d]),
    outProj: matrix('out_proj.weight', hidden, d),
    ...(outBias && { outBias }),
  };
};

/** The last `taps` inputs of the convolution, oldest first, zeros before the start: [channels, taps]. */
const convolutionInputs = (x: Float64Array, length: number, channels: number, taps: number): Float64Array => {
  const out = new Float64Array(channels * taps);
  for (let i = 0; i < channels; i++) {
    for (let k = 0; k < taps; k++) {
      const t = length - taps + k;
      if (t >= 0) out[i * taps + k] = x[t * channels + i]!;
    }
  }
  return out;
};

const runBlock = <T>(where: string, c: v.InferOutput<typeof blockCase>, A: Arithmetic<T>): Comparison[] => {
  const block = mambaFromTensors(where, c.weights);
  const machine = compile(block, A, { keepUnread: true });
  const [L = 0] = checkShape(`${where}: input`, c.input, [c.input.shape[0] ?? 0, machine.inputs]).shape;
  const { hidden, inner: d, states, rank } = mambaShape(block);
  const { taps } = block.convolution;
  const seen = new Map<string, Float64Array>();
  const state = machine.initialState();
  const y = machine.run(castVector(A, c.input.data), L, state, (name, values) => seen.set(name, toNumbers(A, values)));

  const x = seen.get('x')!;
  const z = seen.get('z')!;
  const both = new Float64Array(2 * L * d);
  for (let t = 0; t < L; t++)
    both.set([...x.subarray(t * d, (t + 1) * d), ...z.subarray(t * d, (t + 1) * d)], 2 * t * d);
  const expected = { ...c.intermediates, ...c.expected };
  const found: Record<keyof typeof expected, Result> = {
    in_proj_out: [[L, 2 * d], both],
    conv1d_out_before_silu: [[d, L], transpose(seen.get('conv')!, L, d)],
    x_proj_in: [[L, d], seen.get('s')!],
    x_proj_out: [[L, rank + 2 * states], seen.get('x_proj')!],
    dt_before_softplus: [[L, d], seen.get('dt')!],
    out_proj_in: [[L, d], seen.get('y')!],
    y: [[L, hidden], toNumbers(A, y)],
    conv_state: [[d, taps], convolutionInputs(x, L, d, taps)],
    ssm_state: [[d, states], transpose(toNumbers(A, state.vectors.ssm!), states, d)],
  };
  return (Object.keys(expected) as (keyof typeof expected)[]).map((name) =>
    compare(where, c.name, name, found[name], expected[name]!),
  );
};

const runModel = <T>(where: string, c: v.InferOutput<typeof modelCase>, A: Arithmetic<T>): Comparison[] => {
  const get = (name: string): Tensor => {
    const found = c.weights[name];
    if (!found) throw new InputError(`${where}: weights`, `an object with ${name}`, 'none of that name');
    return found;
  };
  const embedding = get('backbone.embeddings.weight');
  const [vocabulary = 0, hidden = 0] = embedding.shape;
  checkShape(`${where}: backbone.embeddings.weight`, embedding, [vocabulary, hidden]);
  const { num_hidden_layers: depth, layer_norm_epsilon: eps } = c.config;
  const norm = (name: string): Layer => ({
    kind: 'rms-norm',
    weight: Float64Array.from(checkShape(`${where}: ${name}`, get(name), [hidden]).data),
    eps,
  });
  const blocks: Layer[] = [];
  for (let l = 0; l < depth; l++) {
    const prefix = `backbone.layers.${l}.`;
    const mixer = mambaFromTensors(where, c.weights, `${prefix}mixer.`);
    checkShape(`${where}: ${prefix}mixer.in_proj.weight`, get(`${prefix}mixer.in_proj.weight`), [
      mixer.inProj.rows,
      hidden,
    ]);
    blocks.push({ kind: 'residual', layer: { kind: 'sequential', layers: [norm(`${prefix}norm.weight`), mixer] } });
  }
  const head = checkShape(`${where}: lm_head.weight`, c.weights['lm_head.weight'] ?? embedding, [vocabulary, hidden]);
  const network: Layer = {
    kind: 'sequential',
    layers: [
      ...blocks,
      norm('backbone.norm_f.weight'),
      { kind: 'linear', weight: matrixFromDense(vocabulary, hidden, head.data) },
    ],
  };
  const tokens = Float64Array.from(
    c.input_ids.flatMap((id) => {
      if (id >= vocabulary) throw new InputError(`${where}: input_ids`, `a list of ids below ${vocabulary}`, `${id}`);
      return embedding.data.slice(id * hidden, (id + 1) * hidden);
    }),
  );
  const machine = compile(network, A);
  const after = new Map<string, Vec<T>>();
  const logits = machine.run(castVector(A, tokens), c.input_ids.length, machine.initialState(), (name, values) =>
    after.set(name, values),
  );
  const { residual_stream_after_layer: residuals, last_hidden_state: last } = c.expected;
  if (residuals && residuals.length !== depth) {
    throw new InputError(
      `${where}: residual_stream_after_layer`,
      `a list of ${depth}`,
      `a list of ${residuals.length}`,
    );
  }
  const L = c.input_ids.length;
  const afterPart = (part: number): Result => [[L, hidden], toNumbers(A, after.get(`${part}`)!)];
  return [
    compare(where, c.name, 'logits', [[L, vocabulary], toNumbers(A, logits)], c.expected.logits),
    ...(last ? [compare(where, c.name, 'last_hidden_state', afterPart(depth), last)] : []),
    ...(residuals ?? []).map((expected, l) =>
      compare(where, c.name, `residual_stream_after_layer.${l}`, afterPart(l), expected),
    ),
  ];
};

const file = v.object({ cases: v.pipe(v.array(v.looseObject({ name: v.string() })), v.minLength(1)) });

const kindOf = (where: string, c: Record<string, unknown>): Kind => {
  if ('u' in c) return 'scan';
  if ('input_ids' in c) return 'model';
  if ('weights' in c) return 'block';
  throw new InputError(
    where,
    'a scan (u), block (weights, input) or model (weights, input_ids) case',
    `an object with ${Object.keys(c).map(keyText).join(', ')}`,
  );
};

/** Runs every case of a vector file in an arithmetic and compares every tensor that the file expects. */
export const runVectors = <T>(path: string, A: Arithmetic<T>): Comparison[] =>
  validate(path, file, readJson(path)).cases.flatMap((c, at) => {
    const where = `${path}: cases[${at}]`;
    switch (kindOf(where, c)) {
      case 'scan':
        return runScan(where, validate(where, scanCase, c), A);
      case 'block':
        return runBlock(where, validate(where, blockCase, c), A);
      case 'model':
        return runModel(where, validate(where, modelCase, c), A);
    }
  });
