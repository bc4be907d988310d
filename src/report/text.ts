/** Plain text, LaTeX source and XML from one another. The model holds names as plain text and captions as LaTeX. */

/** A character and the LaTeX math commands that mean it: the first is written, all are read (as the last such character). */
const SYMBOLS: readonly (readonly [char: string, ...commands: string[]])[] = [
  ['α', 'alpha'],
  ['β', 'beta'],
  ['γ', 'gamma'],
  ['δ', 'delta'],
  ['ε', 'varepsilon', 'epsilon'],
  ['ζ', 'zeta'],
  ['η', 'eta'],
  ['θ', 'theta', 'vartheta'],
  ['ι', 'iota'],
  ['κ', 'kappa'],
  ['λ', 'lambda'],
  ['μ', 'mu'],
  ['ν', 'nu'],
  ['ξ', 'xi'],
  ['π', 'pi'],
  ['ρ', 'rho', 'varrho'],
  ['σ', 'sigma'],
  ['τ', 'tau'],
  ['υ', 'upsilon'],
  ['φ', 'varphi', 'phi'],
  ['χ', 'chi'],
  ['ψ', 'psi'],
  ['ω', 'omega'],
  ['Γ', 'Gamma'],
  ['Δ', 'Delta'],
  ['Θ', 'Theta'],
  ['Λ', 'Lambda'],
  ['Ξ', 'Xi'],
  ['Π', 'Pi'],
  ['Σ', 'Sigma'],
  ['Φ', 'Phi'],
  ['Ψ', 'Psi'],
  ['Ω', 'Omega'],
  ['∞', 'infty'],
  ['≤', 'leq', 'le', 'leqslant'],
  ['≥', 'geq', 'ge', 'geqslant'],
  ['≠', 'neq', 'ne'],
  ['≈', 'approx'],
  ['≡', 'equiv'],
  ['∼', 'sim'],
  ['∝', 'propto'],
  ['≪', 'll'],
  ['≫', 'gg'],
  ['±', 'pm'],
  ['×', 'times'],
  ['⋅', 'cdot'],
  ['·', 'cdot'],
  ['÷', 'div'],
  ['∘', 'circ'],
  ['⊙', 'odot'],
  ['⊗', 'otimes'],
  ['⊕', 'oplus'],
  ['∈', 'in'],
  ['∉', 'notin'],
  ['⊂', 'subset'],
  ['⊆', 'subseteq'],
  ['∪', 'cup'],
  ['∩', 'cap'],
  ['∅', 'emptyset', 'varnothing'],
  ['∀', 'forall'],
  ['∃', 'exists'],
  ['∧', 'wedge', 'land'],
  ['∨', 'vee', 'lor'],
  ['¬', 'neg', 'lnot'],
  ['∂', 'partial'],
  ['∇', 'nabla'],
  ['∑', 'sum'],
  ['∏', 'prod'],
  ['∫', 'int'],
  ['√', 'surd'],
  ['→', 'to', 'rightarrow'],
  ['←', 'leftarrow', 'gets'],
  ['↔', 'leftrightarrow'],
  ['↦', 'mapsto'],
  ['⇒', 'Rightarrow', 'implies'],
  ['⇔', 'Leftrightarrow', 'iff'],
  ['‖', 'Vert', 'lVert', 'rVert', '|'],
  ['⌊', 'lfloor'],
  ['⌋', 'rfloor'],
  ['⌈', 'lceil'],
  ['⌉', 'rceil'],
  ['⟨', 'langle'],
  ['⟩', 'rangle'],
  ['…', 'ldots', 'dots', 'cdots', 'textellipsis'],
  ['⊤', 'top'],
  ['⊥', 'bot', 'perp'],
  ['′', 'prime'],
  ['ℓ', 'ell'],
];

const charMap = (from: string, to: string): ReadonlyMap<string, string> => {
  const target = [...to];
  return new Map([...from].map((char, i) => [char, target[i]]));
};

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀ';
const SUPERSCRIPT_BASE = '0123456789+-=()niT';
const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₘₙₓ';
const SUBSCRIPT_BASE = '0123456789+-=()aeijkmnx';
const FROM_SUPERSCRIPT = charMap(SUPERSCRIPTS, SUPERSCRIPT_BASE);
const TO_SUPERSCRIPT = charMap(SUPERSCRIPT_BASE, SUPERSCRIPTS);
const FROM_SUBSCRIPT = charMap(SUBSCRIPTS, SUBSCRIPT_BASE);
const TO_SUBSCRIPT = charMap(SUBSCRIPT_BASE, SUBSCRIPTS);

const BLACKBOARD = charMap('RNZQCEP', 'ℝℕℤℚℂ𝔼ℙ');

const math = (source: string): string => `\\ensuremath{${source}}`;

/** What a character becomes in text, with commands that need neither a package nor a font encoding. */
const LATEX: ReadonlyMap<string, string> = new Map([
  ...[...'&%$#_{}'].map((char): [string, string] => [char, `\\${char}`]),
  ['\\', '\\textbackslash{}'],
  ['~', '\\textasciitilde{}'],
  ['^', '\\textasciicircum{}'],
  ['`', '\\textasciigrave{}'],
  ['"', "''"],
  ['[', '{[}'],
  [']', '{]}'],
  ...[...'<>|'].map((char): [string, string] => [char, math(char)]),
  ['\u00a0', '~'],
  ['\u2009', '\\,'],
  ['\u202f', '\\,'],
  ['−', math('-')],
  ['–', '{--}'],
  ['—', '{---}'],
  ['‘', '{`}'],
  ['’', "{'}"],
  ['“', '{``}'],
  ['”', "{''}"],
  ['µ', math('\\mu')],
  ['ϵ', math('\\epsilon')],
  ['°', math('^{\\circ}')],
  ['²', math('^{2}')],
  ...[...BLACKBOARD].map(([base, char]): [string, string] => [char, math(`\\mathbf{${base}}`)]),
  ...SYMBOLS.map(([char, command]): [string, string] => [char, math(`\\${command}`)]),
]);

/** Printable ASCII, and the Latin-1 letters that every font encoding can compose. */
const PRINTABLE = /^[ -~À-ÏÑ-ÖØ-Ýß-ïñ-öø-ýÿ]$/;

/** Runs of scripts, a root, a character that would join the next one into a ligature, or any one character. */
const PLAIN = new RegExp(`([${SUPERSCRIPTS}]+)|([${SUBSCRIPTS}]+)|√([A-Za-z0-9]+)|([-',])(?=\\4)|(\\s)|(.)`, 'gsu');

/** Plain text as LaTeX source for text mode. A character without a known command is named by its code point. */
export function escapeLatex(text: string): string {
  const scripts = (run: string, base: ReadonlyMap<string, string>) => [...run].map((char) => base.get(char)).join('');
  return text.replace(PLAIN, (char, upper?: string, lower?: string, root?: string, ligature?: string) => {
    if (upper) return math(`^{${scripts(upper, FROM_SUPERSCRIPT)}}`);
    if (lower) return math(`_{${scripts(lower, FROM_SUBSCRIPT)}}`);
    if (root) return math(`\\sqrt{${root}}`);
    if (ligature) return `${ligature}{}`;
    const known = LATEX.get(char);
    if (known !== undefined) return known;
    if (/\s/.test(char)) return ' ';
    if (PRINTABLE.test(char)) return char;
    return `{[}U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}{]}`;
  });
}

const COMMANDS: ReadonlyMap<string, string> = new Map([
  ...SYMBOLS.flatMap(([char, ...commands]) => commands.map((command): [string, string] => [command, char])),
  ...[...'&%$#_{}'].map((char): [string, string] => [char, char]),
  ...[',', ':', ';', '>', ' ', '\n', '\\', 'quad', 'qquad', 'newline', 'par'].map((name): [string, string] => [
    name,
    ' ',
  ]),
  ...['!', '/', '-', 'left', 'right', 'big', 'Big', 'bigl', 'bigr', 'displaystyle', 'limits'].map(
    (name): [string, string] => [name, ''],
  ),
  ['textbackslash', '\\'],
  ['textasciitilde', '~'],
  ['textasciicircum', '^'],
  ['textasciigrave', '`'],
  ['mid', '|'],
  ['colon', ':'],
]);

/** One quoted operand of a fraction or root: parenthesised unless it is a single name or number. */
const operand = (text: string): string => (/^[\p{L}\p{N}.]*$/u.test(text) ? text : `(${text})`);

function script(mark: '^' | '_', text: string): string {
  const chars = [...text.replaceAll('−', '-')];
  const map = mark === '^' ? TO_SUPERSCRIPT : TO_SUBSCRIPT;
  // Words stay on the line (a_min, d_state): few fonts have all the small letters.
  if ((chars.length === 1 || /^[-+\d]+$/.test(chars.join(''))) && chars.every((char) => map.has(char))) {
    return chars.map((char) => map.get(char)).join('');
  }
  return mark + operand(text);
}

/** Readable plain text for simple LaTeX source, such as a caption. What it does not know, it drops or names. */
export function plainText(tex: string): string {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(tex)?.[0];
    at += match?.length ?? 0;
    return match;
  };

  const argument = (inMath: boolean): string => {
    take(/\s+/y);
    if (take(/\{/y)) return sequence(inMath);
    return tex[at] === '\\' ? command(inMath) : (take(/./suy) ?? '');
  };

  const command = (inMath: boolean): string => {
    const name = take(/\\(?:[A-Za-z]+\*?|.?)/suy)!
      .slice(1)
      .replace(/\*$/, '');
    if (name === 'frac' || name === 'tfrac' || name === 'dfrac') {
      const numerator = operand(argument(inMath));
      return `${numerator}/${operand(argument(inMath))}`;
    }
    if (name === 'sqrt') return `√${operand(argument(inMath))}`;
    if (name === 'mathbb') {
      const base = argument(inMath);
      return BLACKBOARD.get(base) ?? base;
    }
    if (name === 'label') return argument(false).slice(0, 0);
    if (name === 'text' || name === 'mbox' || name === 'textrm') return argument(false);
    if (name === 'ensuremath') return argument(true);
    const known = COMMANDS.get(name);
    if (!inMath && /^[A-Za-z]/.test(name)) take(/\s+|\{\}/y);
    if (known !== undefined) return known;
    // \log, \exp, \max … are their names; \emph{…}, \mathrm{…} … are their argument, which is read next.
    return inMath && tex[at] !== '{' ? name : '';
  };

  const sequence = (inMath: boolean): string => {
    let out = '';
    while (at < tex.length) {
      if (take(/\}/y)) break;
      if (take(/\\[([]/y)) inMath = true;
      else if (take(/\\[)\]]/y)) inMath = false;
      else if (tex[at] === '\\') out += command(inMath);
      else if (take(/\{/y)) out += sequence(inMath);
      else if (take(/\$\$?/y)) inMath = !inMath;
      else if (take(/%[^\n]*\n?[^\S\n]*/y)) continue;
      else if (take(/[\s~]+/y)) out += ' ';
      else if (inMath && take(/\^/y)) out += script('^', argument(true));
      else if (inMath && take(/_/y)) out += script('_', argument(true));
      else if (inMath && take(/-/y)) out += '−';
      else if (inMath && take(/'/y)) out += '′';
      else if (take(/---/y)) out += '—';
      else if (take(/--/y)) out += '–';
      else if (take(/``/y)) out += '“';
      else if (take(/''/y)) out += '”';
      else if (take(/`/y)) out += '‘';
      else if (take(/'/y)) out += '’';
      else out += take(/./suy) ?? '';
    }
    return out;
  };

  let out = '';
  while (at < tex.length) out += sequence(false);
  return out.replace(/\s+/g, ' ').trim();
}

const XML: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Text for XML and HTML, content or attribute. Characters that XML cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[&<>"']/g, (char) => XML.get(char)!)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
