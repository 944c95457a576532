// What the tape's rows do to sites and lanes in a period (docs/model.md, section 1a).
#pragma once
#include <algorithm>
#include <cmath>

#include "input.hpp"

enum RowKind { AVAILABILITY, LANE_CAP, EXTRA_DAYS, HOLD, DEMAND, ANNOUNCED, OUTPUT };
enum Course { IDLE, STEADY, MOVING };

// A row's value at day t on segment j.
inline double on_segment(const Tape& tape, int j, double t) {
  const double *d = &tape.point_day[j], *v = &tape.point_value[j];
  return v[0] + (v[1] - v[0]) * ((t - d[0]) / (d[1] - d[0]));
}

// Mean of row q over [t0, t1]; sets whether it is idle, steady or moving there.
inline double mean_of_row(const Tape& tape, int q, double t0, double t1, double step,
                          Course& course) {
  const int a = tape.point_ptr[q], b = tape.point_ptr[q + 1];
  const Reals& day = tape.point_day;
  course = IDLE;
  if (!(day[a] < t1 && day[b - 1] > t0)) return 0.0;
  course = STEADY;
  for (int j = a; j < b; ++j)
    if (t0 < day[j] && day[j] < t1) course = MOVING;
  double area = 0.0;
  for (int j = a; j < b - 1; ++j) {
    if (!(day[j + 1] > day[j] && day[j + 1] > t0 && day[j] < t1)) continue;
    const double u = std::max(day[j], t0), w = std::min(day[j + 1], t1);
    const double vu = on_segment(tape, j, u), vw = on_segment(tape, j, w);
    area += (w - u) * (vu + vw) * 0.5;
    if (vu != vw) course = MOVING;
  }
  return area / step;
}

// What row q leaves at day t: 1 - value, at least 0; 1 outside.
inline double left_at(const Tape& tape, int q, double t) {
  for (int j = tape.point_ptr[q]; j < tape.point_ptr[q + 1] - 1; ++j)
    if (tape.point_day[j] <= t && t < tape.point_day[j + 1])
      return std::max(0.0, 1.0 - on_segment(tape, j, t));
  return 1.0;
}

// J: the exact mean over [t0, t1] of the product of what some moving rows leave.
inline double joint_mean(const Tape& tape, const Ints& rows, double t0, double t1, double step,
                         Reals& cuts) {
  cuts.assign({t0, t1});
  for (int q : rows)
    for (int j = tape.point_ptr[q]; j < tape.point_ptr[q + 1]; ++j)
      if (t0 < tape.point_day[j] && tape.point_day[j] < t1) cuts.push_back(tape.point_day[j]);
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  double area = 0.0;
  for (std::size_t x = 0; x + 1 < cuts.size(); ++x) {
    const double u = cuts[x], w = cuts[x + 1], mid = (u + w) * 0.5, h = (w - u) * 0.5;
    const double c = 0.7745966692414834;
    double g1 = 1.0, g2 = 1.0, g3 = 1.0;
    for (int q : rows) {
      g1 *= left_at(tape, q, mid - h * c);
      g2 *= left_at(tape, q, mid);
      g3 *= left_at(tape, q, mid + h * c);
    }
    area += (w - u) * ((5.0 * g1 + 8.0 * g2 + 5.0 * g3) / 18.0);
  }
  return area / step;
}

// Conditions of the period at hand, and the rows that made them.
struct Conditions {
  Reals availability, yielding, factor, announced;  // sites, sites, sites, feeds
  Reals cap, free;                        // lanes
  Ints delay;                             // lanes, periods
  bool any_hold = false, any_cap = false, any_delay = false;

 private:
  struct Acting {
    int row;
    double mean;
    Course course;
  };
  std::vector<Acting> acting_;
  Ints picked_;
  Reals cuts_;
  std::vector<Ints> moving_;  // by kind: moving rows on a target

  static bool multiplies(int kind) {
    return kind == AVAILABILITY || kind == LANE_CAP || kind == HOLD || kind == OUTPUT;
  }
  Reals& product(int kind) {
    return kind == AVAILABILITY ? availability
           : kind == OUTPUT     ? yielding
           : kind == LANE_CAP   ? cap
                                : free;
  }

 public:
  explicit Conditions(const Chain& c)
      : availability(c.n_site, 1.0), yielding(c.n_site, 1.0), factor(c.n_site, 1.0), announced(c.n_feed, 0.0),
        cap(c.n_lane, 1.0), free(c.n_lane, 1.0), delay(c.n_lane, 0),
        moving_(7, Ints(std::max(c.n_site, c.n_lane), 0)) {}

  // Put back to rest what rows touched in the period before.
  void calm(const Chain& c, const Tape& tape) {
    for (const Acting& a : acting_) {
      const int kind = tape.row_kind[a.row], e = tape.row_effect[a.row];
      for (int y = tape.target_ptr[e]; y < tape.target_ptr[e + 1]; ++y) {
        const int i = tape.target[y];
        if (multiplies(kind)) product(kind)[i] = 1.0;
        else if (kind == EXTRA_DAYS) delay[i] = 0;
        else if (kind == DEMAND) factor[i] = 1.0;
        else announced[c.lane_feed[i]] = 0.0;
      }
    }
    acting_.clear();
    any_hold = any_cap = any_delay = false;
  }

  void set(const Chain& c, const Tape& tape, int j, int k) {
    const double t0 = k * c.step, t1 = (k + 1) * c.step;
    calm(c, tape);
    bool any_moving = false;
    for (int q = tape.row_ptr[j]; q < tape.row_ptr[j + 1]; ++q) {
      Course course;
      const double mean = mean_of_row(tape, q, t0, t1, c.step, course);
      if (course == IDLE) continue;
      acting_.push_back({q, mean, course});
      act(c, tape, q, mean, course);
      any_moving |= course == MOVING && multiplies(tape.row_kind[q]);
    }
    if (any_moving) move(c, tape, t0, t1);
  }

 private:
  void act(const Chain& c, const Tape& tape, int q, double mean, Course course) {
    const int kind = tape.row_kind[q], e = tape.row_effect[q];
    const int* begin = &tape.target[0] + tape.target_ptr[e];
    const int* end = &tape.target[0] + tape.target_ptr[e + 1];
    any_hold |= kind == HOLD, any_cap |= kind == LANE_CAP, any_delay |= kind == EXTRA_DAYS;
    if (multiplies(kind) && course == MOVING) {
      for (const int* i = begin; i < end; ++i) ++moving_[kind][*i];
    } else if (multiplies(kind)) {
      const double left = std::max(0.0, 1.0 - mean);
      Reals& into = product(kind);
      for (const int* i = begin; i < end; ++i) into[*i] *= left;
    } else if (kind == EXTRA_DAYS) {
      const int periods = int(std::ceil(mean / c.step - 1e-9));
      for (const int* i = begin; i < end; ++i) delay[*i] = std::max(delay[*i], periods);
    } else if (kind == DEMAND) {
      for (const int* i = begin; i < end; ++i) factor[*i] *= 1.0 + mean;
    } else {
      for (const int* i = begin; i < end; ++i) {
        double& share = announced[c.lane_feed[*i]];
        share = std::max(share, mean);
      }
    }
  }

  // After the steady rows: one moving row by its mean, two or more by the mean of their product.
  void move(const Chain&, const Tape& tape, double t0, double t1) {
    const double step = t1 - t0;
    for (const Acting& a : acting_) {
      const int kind = tape.row_kind[a.row], e = tape.row_effect[a.row];
      if (a.course != MOVING || !multiplies(kind)) continue;
      for (int y = tape.target_ptr[e]; y < tape.target_ptr[e + 1]; ++y) {
        const int i = tape.target[y], n = moving_[kind][i];
        if (n == 0) continue;  // an earlier row has done this target for all
        moving_[kind][i] = 0;
        double left = std::max(0.0, 1.0 - a.mean);
        if (n > 1) {
          picked_.clear();
          for (const Acting& b : acting_)
            if (b.course == MOVING && tape.row_kind[b.row] == kind && acts_on(tape, b.row, i))
              picked_.push_back(b.row);
          left = joint_mean(tape, picked_, t0, t1, step, cuts_);
        }
        product(kind)[i] *= left;
      }
    }
  }

  static bool acts_on(const Tape& tape, int q, int i) {
    const int e = tape.row_effect[q];
    const int* begin = &tape.target[0];
    return std::binary_search(begin + tape.target_ptr[e], begin + tape.target_ptr[e + 1], i);
  }
};
