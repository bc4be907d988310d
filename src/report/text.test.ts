import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeLatex, escapeXml, plainText } from './text.ts';

describe('escapeLatex', () => {
  it.each([
    ['a_min 50% & #1 $5 {x}', 'a\\_min 50\\% \\& \\#1 \\$5 \\{x\\}'],
    ['\\~^`"', "\\textbackslash{}\\textasciitilde{}\\textasciicircum{}\\textasciigrave{}''"],
    ["a--b '' [1] *", "a-{}-b '{}' {[}1{]} *"],
    ['x < y | z', 'x \\ensuremath{<} y \\ensuremath{|} z'],
    [
      'ε ≤ ∞ − δ',
      '\\ensuremath{\\varepsilon} \\ensuremath{\\leq} \\ensuremath{\\infty} \\ensuremath{-} \\ensuremath{\\delta}',
    ],
    ['N M² 10⁻¹² x₁₀', 'N M\\ensuremath{^{2}} 10\\ensuremath{^{-12}} x\\ensuremath{_{10}}'],
    ['√d √(N)', '\\ensuremath{\\sqrt{d}} \\ensuremath{\\surd}(N)'],
    ['ε → 0 – “é”', "\\ensuremath{\\varepsilon} \\ensuremath{\\to} 0 {--} {``}é{''}"],
    ['a\n\tb\u00a0c', 'a  b~c'],
    ['漢\u0007', '{[}U+6F22{]}{[}U+0007{]}'],
  ])('%j', (text, expected) => {
    expect(escapeLatex(text)).toBe(expected);
  });

  it('leaves no special character and no open group', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\\{}$&#^_~%[\]'`"<>|ελ²₁√-]*$/));
    fc.assert(
      fc.property(text, (plain) => {
        const tex = escapeLatex(plain);
        expect(tex).toMatch(/^[ -~À-ÿ]*$/);
        const rest = tex.replace(/\\ensuremath\{(?:[^{}]|\{[^{}]*\})*\}/g, '').replace(/\\(?:[a-z]+|[&%$#_{},])/g, '');
        expect(rest).not.toMatch(/[\\$&#^_%]/);
        expect(rest.replace(/\{[^{}]*\}/g, '')).not.toMatch(/[{}]/);
      }),
    );
  });
});

describe('plainText', () => {
  it.each([
    ['', ''],
    ['plain   text,\nwrapped', 'plain text, wrapped'],
    ['$N M^2$ and $\\lambda(N+1)$', 'N M² and λ(N+1)'],
    ['$a_{\\min} \\le 1-\\varepsilon$', 'a_min ≤ 1−ε'],
    ['$x_0^{-12} \\cdot d_{\\text{state}}$', 'x₀⁻¹² · d_state'],
    ['$e^{-\\lambda N}$', 'e^(−λ N)'],
    ['\\(\\frac{a}{b+1} \\geq \\sqrt{2}\\), \\[\\sqrt{x+1}\\]', 'a/(b+1) ≥ √2, √(x+1)'],
    ['$\\left\\lVert x\\right\\rVert_1 \\in \\mathbb{R}^n$', '‖ x‖₁ ∈ ℝⁿ'],
    ['$\\log \\max(a, b)$', 'log max(a, b)'],
    ['\\emph{tight} \\textbf{and \\texttt{a\\_b}} 5\\,\\%', 'tight and a_b 5 %'],
    ["Theorem~2 -- ``so'' --- it's", 'Theorem 2 – “so” — it’s'],
    ['see Table~\\ref{tab:x}\\label{tab:y}.', 'see Table tab:x.'],
    ['a % comment\n  b\\\\c', 'a b c'],
    ['unbalanced } { $x', 'unbalanced x'],
    ['trailing \\', 'trailing'],
  ])('%j', (tex, expected) => {
    expect(plainText(tex)).toBe(expected);
  });

  it('ends on any input', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\\{}$^_~%'`a-z -]*$/), (tex) => {
        expect(plainText(tex).length).toBeLessThanOrEqual(2 * tex.length);
      }),
    );
  });

  it('undoes the escaping of plain text', () => {
    for (const text of ['a_min 50% & #1 $5 {x}', 'ε ≤ ∞', '\\ ~ ^', 'N M² x₁'])
      expect(plainText(escapeLatex(text))).toBe(text);
  });
});

describe('escapeXml', () => {
  it('escapes markup and replaces what XML cannot hold', () => {
    expect(escapeXml(`<a b="c" d='e'>&</a>`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;&lt;/a&gt;');
    expect(escapeXml('a\u0000b\ud800c\uffff')).toBe('a\ufffdb\ufffdc\ufffd');
    expect(escapeXml('𝔼 ε\n')).toBe('𝔼 ε\n');
  });
});
