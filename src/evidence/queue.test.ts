import { describe, expect, it } from 'vitest';
import { Queue } from './queue.ts';

/** A queue of claims with so many tasks each, in the order of a plan: their places follow each other. */
const queueOf = (counts: Readonly<Record<string, number>>) => {
  const tags = Object.entries(counts).flatMap(([tag, count]) => new Array<string>(count).fill(tag));
  const places = tags.map((_, at) => at);
  return { tags, places, queue: new Queue(places, (at) => tags[at]!) };
};

describe('the queue of tasks', () => {
  it('keeps one worker with a claim until it is done, the last claim and its last task first', () => {
    const { tags, places, queue } = queueOf({ a: 2, b: 3, c: 1 });
    const taken: number[] = [];
    for (let at = queue.next(); at !== undefined; at = queue.next(tags[at])) taken.push(at);
    expect(taken).toEqual([...places].reverse());
    expect([queue.size, queue.next(), queue.next('a'), queue.next('z')]).toEqual([0, undefined, undefined, undefined]);
  });

  it('sends a worker to a claim that nobody has begun, and then to the one with the most left', () => {
    const { queue } = queueOf({ a: 3, b: 2, c: 6, d: 2 }); // places 0–2, 3–4, 5–10, 11–12
    expect(queue.next()).toBe(12); // one worker begins d
    expect(queue.next()).toBe(10); // another c, instead of helping
    expect(queue.next('d')).toBe(11);
    expect(queue.next('d')).toBe(4); // d is done: b, not the longer c
    expect(queue.next('b')).toBe(3);
    expect(queue.next('b')).toBe(2);
    // All are begun: who is done with a claim helps with c, of which five are left, not with a.
    expect(queue.next('d')).toBe(9);
    expect(queue.next('a')).toBe(1);
    expect(queue.next('c')).toBe(8);
    expect(queue.size).toBe(4);
  });

  it('gives every task out once, whoever asks in whatever order', () => {
    const { tags, places, queue } = queueOf({ a: 5, b: 1, c: 40, d: 7, e: 2 });
    const left = places.filter((at) => at % 3 !== 0); // a run that goes on with the rest
    const rest = new Queue(left, (at) => tags[at]!);
    for (const [some, expected] of [
      [queue, places],
      [rest, left],
    ] as const) {
      expect(some.size).toBe(expected.length);
      const workers: (string | undefined)[] = [undefined, undefined, undefined];
      const taken: number[] = [];
      for (let turn = 0; taken.length < expected.length; turn++) {
        const worker = (turn * turn) % workers.length;
        const at = some.next(workers[worker])!;
        workers[worker] = tags[at];
        taken.push(at);
        expect(some.size).toBe(expected.length - taken.length);
      }
      expect([...taken].sort((x, y) => x - y)).toEqual(expected);
      expect(some.next(workers[0])).toBeUndefined();
    }
  });
});
