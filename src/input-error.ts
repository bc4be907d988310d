/** What a user typed or handed in is not what was expected: one line, exit code 2. */
export class InputError extends Error {
  override name = 'InputError';
  readonly details: { where: string; expected: string; got: string };

  constructor(where: string, expected: string, got: string) {
    super(`expected ${where} to be ${expected}, got ${got}`);
    this.details = { where, expected, got };
  }
}
