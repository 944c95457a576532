// The network and the tapes as plain arrays, read from the file that twin.py writes.
#pragma once
#include <cstdint>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using Reals = std::vector<double>;
using Ints = std::vector<std::int32_t>;

// A file of records: name (32 bytes), type (0 int32, 1 float64), length, values.
class ArrayFile {
  std::map<std::string, Reals> reals_;
  std::map<std::string, Ints> ints_;

  template <class T>
  static std::vector<T> values(std::FILE* file, std::int64_t n) {
    std::vector<T> out(n);
    if (n && std::fread(out.data(), sizeof(T), n, file) != std::size_t(n))
      throw std::runtime_error("the input file ends inside an array");
    return out;
  }

  template <class Map>
  static typename Map::mapped_type found(const Map& map, const char* name) {
    const auto at = map.find(name);
    if (at == map.end()) throw std::runtime_error(std::string("the input file lacks ") + name);
    return at->second;
  }

 public:
  explicit ArrayFile(const char* path) {
    std::FILE* file = std::fopen(path, "rb");
    if (!file) throw std::runtime_error(std::string("cannot read ") + path);
    char name[32];
    while (std::fread(name, 1, 32, file) == 32) {
      std::int64_t head[2];
      if (std::fread(head, 8, 2, file) != 2) throw std::runtime_error("the input file ends inside a head");
      if (head[0] == 0)
        ints_[name] = values<std::int32_t>(file, head[1]);
      else
        reals_[name] = values<double>(file, head[1]);
    }
    std::fclose(file);
  }
  Ints ints(const char* name) const { return found(ints_, name); }
  Reals reals(const char* name) const { return found(reals_, name); }
};

// sim.network.arrays.Chain, field by field.
struct Chain {
  double step;
  int n_site, n_feed, n_lane, n_group, n_reserve, n_project, n_path, n_period;
  Ints kind, feed_ptr, out_ptr, capacity_path, n_class, demand_path, group;
  Reals capacity, slack, ramp_share, home_weight, demand, sub_limit, sub_delay, sub_share;
  Ints feed_site, lane_ptr, lane_of;
  Reals coefficient, cover, adjust_gain, learn_gain, rerouting, precaution;
  Ints supplier, lane_feed, transit, lane_class, home;
  Reals share, spot, qualify_step;
  Ints reserve_site, serve_ptr, serve_feed;
  Reals reserve_stock, reserve_max, trigger, activation, serve_share;
  Ints reserve_buys;
  Reals reserve_start, build_pace, refill_pace, reserve_aim;  // reserve_aim: (n_reserve, n_period)
  Ints project_site, offtake_ptr, offtake_lane;
  Reals project_capacity, project_ramp, offtake_share;
  Reals theta, elasticity, later, buffer_days;
  Reals path;  // (n_path, n_period)

  explicit Chain(const ArrayFile& f)
      : kind(f.ints("kind")), feed_ptr(f.ints("feed_ptr")), out_ptr(f.ints("out_ptr")),
        capacity_path(f.ints("capacity_path")), n_class(f.ints("n_class")),
        demand_path(f.ints("demand_path")), group(f.ints("group")),
        capacity(f.reals("capacity")), slack(f.reals("slack")), ramp_share(f.reals("ramp_share")),
        home_weight(f.reals("home_weight")), demand(f.reals("demand")), sub_limit(f.reals("sub_limit")),
        sub_delay(f.reals("sub_delay_days")), sub_share(f.reals("sub_share")),
        feed_site(f.ints("feed_site")), lane_ptr(f.ints("lane_ptr")), lane_of(f.ints("lane_of")),
        coefficient(f.reals("coefficient")), cover(f.reals("cover")),
        adjust_gain(f.reals("adjust_gain")), learn_gain(f.reals("learn_gain")),
        rerouting(f.reals("rerouting")), precaution(f.reals("precaution")),
        supplier(f.ints("supplier")),
        lane_feed(f.ints("lane_feed")), transit(f.ints("transit")),
        lane_class(f.ints("lane_class")), home(f.ints("home")), share(f.reals("share")), spot(f.reals("spot")),
        qualify_step(f.reals("qualify_step")), reserve_site(f.ints("reserve_site")),
        serve_ptr(f.ints("serve_ptr")), serve_feed(f.ints("serve_feed")),
        reserve_stock(f.reals("reserve_stock")), reserve_max(f.reals("reserve_max")),
        trigger(f.reals("trigger")), activation(f.reals("activation_days")),
        serve_share(f.reals("serve_share")), reserve_buys(f.ints("reserve_buys")),
        reserve_start(f.reals("reserve_start")), build_pace(f.reals("build_pace")),
        refill_pace(f.reals("refill_pace")), reserve_aim(f.reals("reserve_aim")),
        project_site(f.ints("project_site")),
        offtake_ptr(f.ints("offtake_ptr")), offtake_lane(f.ints("offtake_lane")),
        project_capacity(f.reals("project_capacity")),
        project_ramp(f.reals("project_ramp_days")), offtake_share(f.reals("offtake_share")),
        theta(f.reals("value_of_input_share")), elasticity(f.reals("elasticity")),
        later(f.reals("elasticity_later")), buffer_days(f.reals("buffer_days")),
        path(f.reals("path")) {
    step = f.reals("step_days")[0];
    n_site = int(kind.size()), n_feed = int(feed_site.size()), n_lane = int(supplier.size());
    n_group = f.ints("n_group")[0], n_period = f.ints("n_period")[0];
    n_reserve = int(reserve_site.size()), n_project = int(project_site.size());
    n_path = int(path.size()) / n_period;
  }
};

// sim.shocks.tape: what chance decided, what its effects act upon, where drawn numbers go.
struct Tape {
  int n;  // replications
  Ints row_ptr, row_effect, row_kind, point_ptr, target_ptr, target;
  Reals point_day, point_value;
  Reals project_start;  // (n_project, n)
  Reals parameter;      // (n_draw, n)
  Ints draw_key, draw_ptr, draw_index;

  explicit Tape(const ArrayFile& f)
      : row_ptr(f.ints("row_ptr")), row_effect(f.ints("row_effect")),
        row_kind(f.ints("row_kind")), point_ptr(f.ints("point_ptr")),
        target_ptr(f.ints("target_ptr")), target(f.ints("target")),
        point_day(f.reals("point_day")), point_value(f.reals("point_value")),
        project_start(f.reals("project_start_days")), parameter(f.reals("parameter")),
        draw_key(f.ints("draw_key")), draw_ptr(f.ints("draw_ptr")),
        draw_index(f.ints("draw_index")) {
    n = int(row_ptr.size()) - 1;
  }
};
