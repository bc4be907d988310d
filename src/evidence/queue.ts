/** In what order a run's workers take its tasks. */

/**
 * The places of tasks that wait. A worker stays with a claim as long as it can, so that it compiles the code of few;
 * the last cells of a grid are its largest and start first, so that no worker is left alone with one at the end.
 */
export class Queue {
  readonly #waiting = new Map<string, number[]>();
  readonly #begun = new Set<string>();

  constructor(places: readonly number[], tagOf: (at: number) => string) {
    for (const at of places) {
      const tag = tagOf(at);
      const others = this.#waiting.get(tag);
      if (others) others.push(at);
      else this.#waiting.set(tag, [at]);
    }
  }

  /** What a worker does after a task of claim `tag`: more of it, then of a claim that nobody has begun, then help. */
  next(tag?: string): number | undefined {
    const own = tag === undefined ? undefined : this.#waiting.get(tag);
    const waiting = [...this.#waiting].reverse();
    const fresh = waiting.find(([other]) => !this.#begun.has(other));
    const [chosen, places] =
      own && own.length > 0 ? [tag!, own] : (fresh ?? waiting.sort(([, a], [, b]) => b.length - a.length)[0] ?? []);
    if (chosen !== undefined) this.#begun.add(chosen);
    return places?.pop();
  }

  get size(): number {
    return [...this.#waiting.values()].reduce((count, places) => count + places.length, 0);
  }
}
