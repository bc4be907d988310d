/** Seeded randomness for claims about how often something happens. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;
  #spare: number | undefined;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }
  /** Uniform on [0, 1). */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }
  /** Uniform on the integers lo … hi. */
  integer(lo: number, hi: number): number {
    return lo + Math.floor(this.uniform() * (hi - lo + 1));
  }
  /** Standard normal (Box–Muller, which makes two at a time). */
  normal(): number {
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
