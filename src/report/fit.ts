/** Straight lines through measured points. */

export interface Line {
  readonly slope: number;
  readonly constant: number;
}

/** The line of least squares, y = slope·x + constant, through points of two different x at least. */
export const fitLine = (points: readonly (readonly [x: number, y: number])[]): Line => {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x0, y0] = [mean(0), mean(1)];
  const product = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0);
  const slope = product / points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
  return { slope, constant: y0 - slope * x0 };
};
