// What one core of this machine can do: bandwidth of a triad in cache and in memory, and rates of
// multiply and add (apart, as the model demands) and of divide. Prints GB/s, GB/s, Gflop/s, Gdiv/s.
#include <cstdio>
#include <ctime>
#include <vector>

static double now() { return double(std::clock()) / CLOCKS_PER_SEC; }

// a = b + s * c: three streams of 8 bytes each.
static double triad_gb(std::size_t n, long repeats) {
  std::vector<double> a(n, 1.0), b(n, 2.0), c(n, 3.0);
  double best = 0.0;
  for (int round = 0; round < 5; ++round) {
    const double begin = now();
    for (long r = 0; r < repeats; ++r) {
      double *__restrict x = a.data(), *__restrict y = b.data(), *__restrict z = c.data();
      for (std::size_t i = 0; i < n; ++i) x[i] = y[i] + 0.5 * z[i];
      asm volatile("" : : "r"(x) : "memory");
    }
    const double rate = 24.0 * double(n) * double(repeats) / (now() - begin) / 1e9;
    best = rate > best ? rate : best;
  }
  return best;
}

using Four = double __attribute__((vector_size(32)));

// Twelve independent chains of four, enough to fill the pipelines.
template <class Step>
static double rate_g(double flops, long repeats, Step step) {
  Four x[12];
  for (int i = 0; i < 12; ++i) x[i] = Four{1.0, 1.1, 1.2, 1.3} + double(i) * 1e-3;
  double best = 0.0;
  for (int round = 0; round < 5; ++round) {
    const double begin = now();
    for (long r = 0; r < repeats; ++r) {
#pragma GCC unroll 12
      for (int i = 0; i < 12; ++i) x[i] = step(x[i]);
      asm volatile("" : "+x"(x[0]));
    }
    const double rate = flops * 48.0 * double(repeats) / (now() - begin) / 1e9;
    best = rate > best ? rate : best;
  }
  volatile double keep = 0.0;
  for (int i = 0; i < 12; ++i) keep = keep + x[i][0];
  return best;
}

int main() {
  const Four m{0.999, 0.998, 0.997, 0.996}, p{1e-3, 2e-3, 3e-3, 4e-3};
  std::printf("%.3f\n", triad_gb(8 * 1024, 20000));            // 192 KB: second-level cache
  std::printf("%.3f\n", triad_gb(8 * 1024 * 1024, 4));         // 192 MB: memory
  std::printf("%.3f\n", rate_g(2.0, 1000000, [&](Four x) { return x * m + p; }));
  std::printf("%.3f\n", rate_g(1.0, 300000, [&](Four x) { return m / x; }));
}
