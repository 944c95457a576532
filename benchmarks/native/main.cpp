// Usage: twin INPUT OUTPUT [ROUNDS]: replay every replication of INPUT, write what is booked to
// OUTPUT, and print for each round the processor seconds that all replications took together.
#include <cstdlib>
#include <ctime>
#include <exception>

#include "engine.hpp"

static void write(const char* path, const Reals& booked, const Reals& of_reserves) {
  std::FILE* file = std::fopen(path, "wb");
  if (!file) throw std::runtime_error(std::string("cannot write ") + path);
  std::fwrite(booked.data(), 8, booked.size(), file);
  std::fwrite(of_reserves.data(), 8, of_reserves.size(), file);
  if (std::fclose(file)) throw std::runtime_error(std::string("cannot write ") + path);
}

int main(int argc, char** argv) try {
  if (argc < 3) throw std::runtime_error("usage: twin INPUT OUTPUT [ROUNDS]");
  const ArrayFile input(argv[1]);
  const Chain chain(input);
  const Tape tape(input);
  const std::size_t one = std::size_t(chain.n_period) * chain.n_group;
  const std::size_t kept = std::size_t(chain.n_period) * chain.n_reserve;
  Reals booked(one * N_BOOK * tape.n), of_reserves(2 * kept * tape.n);
  double *released = of_reserves.data(), *bought = released + kept * tape.n;
  Engine engine(chain, tape);
  for (int round = argc > 3 ? std::atoi(argv[3]) : 1; round > 0; --round) {
    std::fill(booked.begin(), booked.end(), 0.0);
    const std::clock_t begin = std::clock();
    for (int j = 0; j < tape.n; ++j) {
      engine.run(j, {booked.data() + one * N_BOOK * j, released + kept * j, bought + kept * j, one});
    }
    std::printf("%.9f\n", double(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  write(argv[2], booked, of_reserves);
} catch (const std::exception& error) {
  std::fprintf(stderr, "twin: %s\n", error.what());
  return 2;
}
