import { Rational } from '../arithmetic/rational.ts';
import type { Real } from '../arithmetic/real.ts';
import { parseCell, type Claim } from '../claim/claim.ts';
import { parseValue, rangeText, type Parameters, type Value } from '../claim/parameters.ts';
import { InputError } from '../input-error.ts';
import { findByName, type Project } from '../project.ts';
import { integerOption, settings } from './options.ts';
import { columns, paint, print } from './terminal.ts';

const RELATION = { '<=': '≤', '>=': '≥', '>': '>', '==': '=' } as const;
const MOST_DIGITS = 1000;

/** Carried beyond the digits asked for, so that the last of these is right but for near-ties. */
const GUARD_BITS = 16;

/** A real number to so many decimal digits. */
const decimalText = (x: Real, digits: number): string => {
  const { lo, hi } = x.enclose(Math.ceil(digits * Math.log2(10)) + GUARD_BITS);
  return lo.add(hi).div(TWO).toDecimalText(digits);
};
const TWO = Rational.of(2n);

/** Bounds of every quantity, for claims that explain nothing of their own; all parameters must be set. */
const plainValues = (claim: Claim, set: Readonly<Record<string, string>>, digits: number): Record<string, string> => {
  const values = parseCell(claim, set);
  const entries = Object.entries(claim.quantities).filter(([, quantity]) => quantity.applies?.(values) ?? true);
  if (entries.length === 0) throw new InputError(`claim ${claim.tag}`, 'stated at these parameters', 'no quantity');
  return Object.fromEntries(
    entries.map(([name, quantity]) => [
      entries.length === 1 ? 'bound' : `bound.${name}`,
      decimalText(quantity.bound(values), digits),
    ]),
  );
};

const evaluate = (
  claim: Claim,
  set: Readonly<Record<string, string>>,
  digits: number,
): Readonly<Record<string, string>> => {
  if (!claim.explain) return plainValues(claim, set, digits);
  const { parameters } = claim.explain;
  const values: Record<string, Value> = {};
  for (const [name, text] of Object.entries(set)) {
    if (!Object.hasOwn(parameters, name))
      throw new InputError('`--set`', `a parameter of ${claim.tag} (${Object.keys(parameters).join(', ')})`, name);
    values[name] = parseValue(name, parameters[name]!, text);
  }
  return claim.explain.evaluate(values as never, digits);
};

/** mambound explain: one claim, and its numbers at given parameters. */
export const explain = (
  project: Project,
  tag: string,
  options: { set: readonly string[]; digits: string; json?: boolean },
): number => {
  const claim = findByName('claim', project.claims, (c) => c.tag, tag);
  const digits = integerOption('--digits', options.digits, 1, MOST_DIGITS);
  const set = Object.fromEntries(
    Object.entries(settings(options.set)).map(([name, values]) => {
      if (values.length > 1) throw new InputError(`\`--set ${name}\``, 'one value', values.join(','));
      return [name, values[0]!];
    }),
  );
  const numbers = Object.keys(set).length > 0 ? evaluate(claim, set, digits) : {};
  const parameters: Parameters = claim.explain?.parameters ?? claim.parameters;
  const quantities = Object.entries(claim.quantities).map(([name, { measures, relation }]) => ({
    name,
    measures,
    relation,
  }));
  if (options.json) {
    const described = Object.fromEntries(
      Object.entries(parameters).map(([name, p]) => [name, { meaning: p.meaning, range: rangeText(p) }]),
    );
    const { title, statement, quantifiers, source } = claim;
    print(
      JSON.stringify(
        { tag, title, statement, quantifiers, source, quantities, parameters: described, set, ...numbers },
        null,
        2,
      ),
    );
    return 0;
  }
  print(`${paint('bold', claim.tag)}  ${claim.title}\n\n${claim.statement}\n`);
  claim.quantifiers.forEach((line, at) => print(`  ${'  '.repeat(at)}${line}`));
  print(`\nsource: ${claim.source}\n\nmeasured`);
  print(
    columns(quantities.map(({ name, measures, relation }) => [`  ${name}`, `${measures} ${RELATION[relation]} bound`])),
  );
  print('\nparameters');
  print(
    columns(
      Object.entries(parameters).map(([name, p]) => [
        `  ${name}`,
        `${p.meaning}: ${rangeText(p)}${p.optional ? ' (optional)' : ''}`,
      ]),
    ),
  );
  if (Object.keys(numbers).length > 0)
    print(`\n${columns(Object.entries(numbers).map(([name, text]) => [`  ${name}`, text]))}`);
  return 0;
};
