// One replication at a time, in the order of docs/model.md. Sums run left to right from 0.0.
#pragma once
#include <cmath>
#include <limits>

#include "rows.hpp"

enum Kind { MINE, REFINER, END_USER, RESERVE };
enum Key { K_CAPACITY, K_DEMAND, K_COVER, K_SLACK, K_REROUTING, K_PERCEPTION, K_STOCK,
           K_ACTIVATION, K_LIMIT, K_HOME, K_PRECAUTION, K_RAMP, K_DEPENDENCE, K_THETA,
           K_ELASTICITY, K_LATER, K_BUFFER };

// What is booked of one replication: (n_period, n_group) each, and (n_period, n_reserve) twice.
enum Book { WANT, SHORTFALL, SPARED, DESTROYED, STOPPED, IDLED, N_BOOK };
struct Booked {
  double *first, *released, *bought;  // the books one after the other
  std::size_t apart;         // n_period x n_group
  double& at(Book book, int group) const { return first[book * apart + group]; }
};

class Engine {
  const Chain& c;
  const Tape& tape;
  Conditions now;
  int slots;    // periods that the pipelines see ahead
  Reals pipe_;  // (slots, n_lane): what is due in period k is row k % slots
  Ints lanes_;  // lane_of
  // as drawn
  Reals nameplate, base_demand, slack, sub_limit, cover, rerouting, learn, size, activation;
  Reals home_weight, precaution, ramp_share;
  Reals theta, elasticity, later, buffer;  // buffer: days as drawn, then what is left, in periods
  // sites
  Reals first_short;  // period; -1: never yet
  Reals capacity, ref_out, rate, want, shortage, substituted, spared, stress, response;
  Ints members, halted;  // cohorts of a group; has one stopped
  // feeds
  Reals stock, position, ref_use, dust, taken;
  Ints at_target;
  // lanes
  Reals share, ref_lane, order, counted, shipped, usual, first, phi, qualified, lane_learn;
  Reals progress, low_days, highest;

  static double swept(double x, double dust) { return x < dust ? 0.0 : x; }
  static bool infinite(double x) { return x == std::numeric_limits<double>::infinity(); }
  int own_feed(int v) const { return c.feed_ptr[c.reserve_site[v]]; }
  double growth(int row, int k) const { return row >= 0 ? c.path[row * c.n_period + k] : 1.0; }

 public:
  Engine(const Chain& chain, const Tape& t)
      : c(chain), tape(t), now(chain), lanes_(chain.lane_of), capacity(c.n_site),
        ref_out(c.n_site), rate(c.n_site), want(c.n_site), shortage(c.n_site),
        substituted(c.n_site), spared(c.n_site), stress(c.n_site), response(c.n_site),
        members(c.n_group), halted(c.n_site), stock(c.n_feed), position(c.n_feed),
        ref_use(c.n_feed), dust(c.n_feed),
        taken(c.n_feed), at_target(c.n_feed), share(c.n_lane),
        ref_lane(c.n_lane), order(c.n_lane), counted(c.n_lane), shipped(c.n_lane), usual(c.n_lane),
        first(c.n_lane), phi(c.n_lane),
        qualified(c.n_lane), lane_learn(c.n_lane), progress(c.n_project), low_days(c.serve_feed.size()),
        highest(c.n_reserve) {
    for (int u : c.group)
      if (u >= 0) ++members[u];
    int longest = 1, delay = 0;
    for (int t : c.transit) longest = std::max(longest, t);
    for (std::size_t q = 0; q < tape.row_kind.size(); ++q)
      if (tape.row_kind[q] == EXTRA_DAYS)
        for (int x = tape.point_ptr[q]; x < tape.point_ptr[q + 1]; ++x)
          delay = std::max(delay, int(std::ceil(tape.point_value[x] / c.step)));
    slots = longest + delay + 2;
    pipe_.resize(std::size_t(slots) * c.n_lane);
  }

  void run(int j, Booked out) {
    draw(j);
    rest();
    for (int k = 0; k < c.n_period; ++k) {
      now.set(c, tape, j, k);
      if (advance_projects(j, k) || k == 0 || paths_change(k)) set_references(k);
      if (k == 0) start();
      arrive(k);
      release(out.released + std::size_t(k) * c.n_reserve);
      const std::size_t at = std::size_t(k) * c.n_group;
      double* bought = out.bought + std::size_t(k) * c.n_reserve;
      for (int v = 0; v < c.n_reserve; ++v) bought[v] = position[own_feed(v)];
      demand_and_orders(k, {out.first + at, nullptr, nullptr, out.apart});
      supply(k);
      for (int v = 0; v < c.n_reserve; ++v) bought[v] = position[own_feed(v)] - bought[v];
      adapt();
    }
    now.calm(c, tape);
  }

 private:
#include "start.inc"
#include "orders.inc"
#include "supply.inc"
};
