/* The scan of bench/run.ts in C: H <- a H + b v^T, y = H^T c. Prints the best time of 30 runs in milliseconds. */
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { N = 256, M = 256, D = 8, RUNS = 30 };
static double a[N], b[N * M], c[N * M], v[N * D], H[M * D], y[N * D];

static double next(void) {
  static unsigned long long state = 88172645463325252ULL;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) / 9007199254740992.0 - 0.5;
}

static void scan(double *restrict h, double *restrict out) {
  for (int t = 0; t < N; t++)
    for (int n = 0; n < M; n++)
      for (int k = 0; k < D; k++) {
        double x = a[t] * h[n * D + k] + b[t * M + n] * v[t * D + k];
        h[n * D + k] = x;
        out[t * D + k] += c[t * M + n] * x;
      }
}

int main(void) {
  for (int i = 0; i < N; i++) a[i] = 0.99;
  for (int i = 0; i < N * M; i++) b[i] = next(), c[i] = next();
  for (int i = 0; i < N * D; i++) v[i] = next();
  double best = 1e9;
  for (int run = 0; run < RUNS; run++) {
    struct timespec from, to;
    memset(H, 0, sizeof H);
    memset(y, 0, sizeof y);
    clock_gettime(CLOCK_MONOTONIC, &from);
    scan(H, y);
    clock_gettime(CLOCK_MONOTONIC, &to);
    double ms = (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6;
    if (ms < best) best = ms;
  }
  printf("%.6f %g\n", best, y[N * D - 1]);
  return 0;
}
