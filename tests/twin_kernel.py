"""The flow model told again from docs/model.md: plain lists and loops, one replication at a time.

Shares no code with sim/flow. Every sum runs from 0.0 in the order that the page states, so that
the result is that of the engines to the last bit.

    told = play(compiled, targets, draws, tape, n_period, j)
    told["stock"][k][f]       # the arrays of Flow and FlowTrace, period first
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

from twin_rows import exogenous, rows_of

MINE, REFINER, END_USER, RESERVE = range(4)
KEYS = ("capacity", "demand", "cover_days", "slack", "rerouting", "perception_days", "stock",
        "activation_days", "substitution_limit", "home_weight", "precaution", "ramp_days",
        "dependence", "value_of_input_share", "elasticity", "elasticity_later", "buffer_days",
        "recapture", "network_share")  # fmt: skip
INF = math.inf


def lists_of(arrays: Any) -> SimpleNamespace:
    """Return a NamedTuple of arrays as plain lists and numbers."""
    return SimpleNamespace(
        **{
            name: value.tolist() if hasattr(value, "tolist") else value
            for name, value in arrays._asdict().items()
        }
    )


class World:
    """One replication: what is drawn, what changes, and one method a section of the page."""

    def __init__(self, compiled: Any, targets: Any, draws: Any, tape: Any, j: int):
        self.c = c = lists_of(compiled.chain)
        self.step = c.step_days
        self.S, self.F, self.L = len(c.kind), len(c.feed_site), len(c.supplier)
        self.V, self.P = len(c.reserve_site), len(c.project_site)
        self.U = len(compiled.labels.group)
        self.rows = rows_of(targets, tape, j)
        self.start_day = tape.project_start_days[:, j].tolist()
        self.feeds = [list(range(c.feed_ptr[i], c.feed_ptr[i + 1])) for i in range(self.S)]
        self.out = [list(range(c.out_ptr[i], c.out_ptr[i + 1])) for i in range(self.S)]
        self.lanes = [c.lane_of[c.lane_ptr[f] : c.lane_ptr[f + 1]] for f in range(self.F)]
        self.own = [self.feeds[i][0] for i in c.reserve_site]
        self.serves = [list(range(c.serve_ptr[v], c.serve_ptr[v + 1])) for v in range(self.V)]
        self._apply(lists_of(draws), tape.parameter[:, j].tolist())

    # --- 0 ---

    def _apply(self, draws: Any, drawn: list[float]) -> None:
        c = self.c
        for d, x in enumerate(drawn):
            key = KEYS[draws.key[d]]
            for i in draws.index[draws.ptr[d] : draws.ptr[d + 1]]:
                if key in ("capacity", "demand"):
                    getattr(c, key)[i] *= x
                elif key == "cover_days":
                    c.cover[i] *= x
                elif key == "stock":
                    c.reserve_stock[i] *= x
                elif key == "perception_days":
                    c.learn_gain[i] = 1.0 if x <= 0 else min(1.0, self.step / x)
                elif key == "substitution_limit":
                    c.sub_limit[i] = x
                elif key == "ramp_days":
                    c.ramp_share[i] = INF if x <= 0 else self.step / x
                else:
                    getattr(c, key)[i] = x

    def begin(self) -> None:
        """Set the start: covers full, pipelines full, everybody trusted."""
        c = self.c
        self.stock = [self.use_ref[f] * c.cover[f] for f in range(self.F)]
        for v, f in enumerate(self.own):
            self.stock[f] = c.reserve_stock[v] * c.reserve_start[v]
        self.highest = [self.stock[f] for f in self.own]
        self.position = list(self.stock)
        self.due: dict[tuple[int, int], list[float]] = {}
        for x in range(self.L):
            self.position[c.lane_feed[x]] += self.ref_lane[x] * c.transit[x]
            for k in range(c.transit[x]):
                self.due[x, k] = [self.ref_lane[x]]
        self.rate = list(self.ref_out)
        self.phi, self.q = [1.0] * self.L, [0.0] * self.L
        self.z, self.z_mean = [0.0] * self.S, [0.0] * self.S
        self.halted: set[int] = set()
        self.response, self.stress = [1.0] * self.S, [0.0] * self.S
        self.low_days = [0.0] * len(c.serve_feed)
        self.buffer = [days / self.step for days in c.buffer_days]
        self.first_short: dict[int, int] = {}

    # --- 1 ---

    def look(self, k: int) -> None:
        """Section 1: what acts in period k, projects' progress, references."""
        self.now = exogenous(self.rows, k, self.step, self.S, self.L)
        self.announced = [max([0.0] + [self.now["announced"][x] for x in self.lanes[f]])
                          for f in range(self.F)]  # fmt: skip
        g = [self.progress(p, k * self.step, (k + 1) * self.step) for p in range(self.P)]
        self._capacities(k, g)
        self._references(k)

    def progress(self, p: int, t0: float, t1: float) -> float:
        s, ramp = self.start_day[p], self.c.project_ramp_days[p]

        def area(t: float) -> float:
            if t <= s:
                return 0.0
            if t < s + ramp:
                return (t - s) * (t - s) / (2 * ramp)
            return ramp / 2 + (t - s - ramp)

        if t1 <= s:
            return 0.0
        return 1.0 if t0 >= s + ramp else (area(t1) - area(t0)) / self.step

    def path(self, row: int, k: int) -> float:
        return 1.0 if row < 0 else self.c.path[row][k]

    def _capacities(self, k: int, g: list[float]) -> None:
        c = self.c
        self.cap_now = [c.capacity[i] * self.path(c.capacity_path[i], k) for i in range(self.S)]
        taken, offtake = [0.0] * self.F, [0.0] * self.L
        for p in range(self.P):
            self.cap_now[c.project_site[p]] += c.project_capacity[p] * g[p]
            for y in range(c.offtake_ptr[p], c.offtake_ptr[p + 1]):
                offtake[c.offtake_lane[y]] += c.offtake_share[y] * g[p]
                taken[c.lane_feed[c.offtake_lane[y]]] += c.offtake_share[y] * g[p]
        self.share = [c.share[x] * (1.0 - taken[c.lane_feed[x]]) + offtake[x]
                      for x in range(self.L)]  # fmt: skip

    def _references(self, k: int) -> None:
        c = self.c
        self.use_ref, self.ref_lane = [0.0] * self.F, [0.0] * self.L
        self.ref_out = [0.0] * self.S
        for i in reversed(range(self.S)):
            if c.kind[i] == END_USER:
                self.ref_out[i] = c.demand[i] * self.path(c.demand_path[i], k)
            elif c.kind[i] != RESERVE:
                for x in self.out[i]:
                    self.ref_out[i] += self.ref_lane[x]
            for f in self.feeds[i]:
                self.use_ref[f] = self.ref_out[i] * c.coefficient[f]
                for x in self.lanes[f]:
                    self.ref_lane[x] = self.share[x] * self.use_ref[f]

    # --- 2 ---

    def arrive(self, k: int) -> None:
        self.arrived = [0.0] * self.L
        for x in range(self.L):
            due = 0.0
            for part in self.due.pop((x, k), []):
                due += part
            comes = due * self.now["free"][x] if self.now["free"][x] != 1.0 else due
            if comes != due:
                self.due.setdefault((x, k + 1), []).append(due - comes)
            self.arrived[x] = comes
            self.stock[self.c.lane_feed[x]] += comes

    # --- 4 ---

    def lack(self, v: int, y: int) -> float:
        f = self.c.serve_feed[y]
        trig = self.c.trigger[v] * self.use_ref[f]
        lack = trig - self.stock[f]
        return 0.0 if lack <= 1e-9 * trig else lack

    def release(self) -> None:
        c = self.c
        self.released = [0.0] * self.V
        for v in range(self.V):
            total, active = 0.0, False
            lacks = [self.lack(v, y) for y in self.serves[v]]
            for y, lack in zip(self.serves[v], lacks, strict=True):
                self.low_days[y] = self.low_days[y] + self.step if lack > 0 else 0.0
                active = active or self.low_days[y] > c.activation_days[v]
                total += lack
            if active and self.stock[self.own[v]] > 0 and total > 0:
                self._give(v, lacks, total)

    def _give(self, v: int, lacks: list[float], total: float) -> None:
        c, own = self.c, self.own[v]
        limit = min(self.stock[own], c.reserve_max[v])
        for y, lack in zip(self.serves[v], lacks, strict=True):
            share = c.serve_share[y]
            by_lack = share != share
            gift = min(limit, total) * (lack / total) if by_lack else min(lack, share * limit)
            self.stock[c.serve_feed[y]] += gift
            self.position[c.serve_feed[y]] += gift
            self.stock[own] = self.swept(own, max(0.0, self.stock[own] - gift))
            self.position[own] -= gift
            self.released[v] += gift

    # --- 5 ---

    def demand_and_orders(self) -> None:
        c = self.c
        self.order = [0.0] * self.L
        self.at_target = [False] * self.F
        self.short = [0.0] * self.S
        names = ("want", "shortfall", "spared", "destroyed", "stopped", "idled")
        self.books = {name: [0.0] * self.U for name in names}
        for i in reversed(range(self.S)):
            usage = 0.0
            if c.kind[i] == END_USER:
                usage = self._want(i)
            elif c.kind[i] == REFINER:
                for x in self.out[i]:
                    usage += self.order[x]
                usage = min(usage, self.cap_now[i])
            for f in self.feeds[i]:
                self._place(f, self._need(i, f, usage))
            if c.kind[i] == END_USER:
                self._consume(i, usage)

    def _want(self, i: int) -> float:
        c, book, u = self.c, self.books, self.c.group[i]
        raw = c.demand[i] * self.path(c.demand_path[i], self.k) * self.now["factor"][i]
        want = raw * (1.0 - self.z_mean[i]) * self.response[i]
        book["want"][u] += want
        book["spared"][u] += raw * self.z_mean[i]
        book["destroyed"][u] += raw * (1.0 - self.z_mean[i]) * (1.0 - self.response[i])
        return want

    def _need(self, i: int, f: int, usage: float) -> float:
        c = self.c
        if c.kind[i] == RESERVE:
            v = c.reserve_site.index(i)
            if c.reserve_buys[v]:
                return self._buys(v, f)
            calm = all(self.at_target[c.serve_feed[y]] for y in self.serves[v])
            gap = self._gap(f, c.reserve_stock[v]) * c.adjust_gain[f]
            return max(0.0, gap) if calm else 0.0
        lead = 0.0
        for x in self.lanes[f]:
            lead += self.share[x] * (c.transit[x] + self.now["delay"][x])
        stock_up = 1.0 + (c.precaution[f] - 1.0) * self.announced[f]
        target = self.use_ref[f] * (c.cover[f] + lead) * stock_up
        self.at_target[f] = self.position[f] >= target * (1.0 - 1e-9)
        return max(0.0, usage * c.coefficient[f] + self._gap(f, target) * c.adjust_gain[f])

    def _buys(self, v: int, f: int) -> float:
        """What it once had at one pace, what it never had at another; nothing while one lacks."""
        p, aim = self.position[f], self.c.reserve_stock[v] * self.c.reserve_aim[v][self.k]
        self.highest[v] = max(self.highest[v], p)
        gap = max(0.0, self._gap(f, aim))
        back = min(gap, self.highest[v] - p)
        if any(self.low_days[y] > 0 for y in self.serves[v]):
            return 0.0
        first = min(back, self.c.refill_pace[v])
        return first + min(gap - back, max(0.0, self.c.build_pace[v] - first))

    def _gap(self, f: int, target: float) -> float:
        gap = target - self.position[f]
        return gap if abs(gap) >= 1e-12 * target else 0.0

    def dust(self, f: int) -> float:
        """Less than this of a feed is nothing: 1e-12 of its use, of its size for a reserve's."""
        if f in self.own:
            return 1e-12 * self.c.reserve_stock[self.own.index(f)]
        return 1e-12 * self.use_ref[f]

    def swept(self, f: int, amount: float) -> float:
        return amount if amount >= self.dust(f) else 0.0

    def _place(self, f: int, n: float) -> None:
        c = self.c
        miss = 0.0
        for x in self.lanes[f]:
            miss += self.share[x] * (1.0 - self.phi[x])
        weight, total = {}, 0.0
        for x in self.lanes[f]:
            if c.spot[x] > 0:
                q = self.q[x] + (c.qualify_step[x] if miss > 0.05 else -c.qualify_step[x])
                self.q[x] = min(1.0, max(0.0, q))
            weight[x] = (self.share[x] + c.spot[x] * self.q[x]) * self.phi[x]
            total += weight[x]
        for x in self.lanes[f]:
            self.order[x] = n * self.share[x]
            if total > 1e-9:
                self.order[x] += c.rerouting[f] * n * miss * (weight[x] / total)
            self.order[x] = self.swept(f, self.order[x])

    def _consume(self, i: int, want: float) -> None:
        c = self.c
        y = want
        for f in self.feeds[i]:
            y = min(y, self.stock[f] / c.coefficient[f])
        for f in self.feeds[i]:
            self._use(f, y)
        short = want - y
        self.short[i] = 0.0 if short < 1e-9 * want else short
        self.books["shortfall"][c.group[i]] += self.short[i]
        is_one_of_several = sum(u == c.group[i] for u in c.group) > 1
        if is_one_of_several and i not in self.halted and y < 0.5 * want * (1.0 - 1e-9):
            self.halted.add(i)
            self.books["stopped"][c.group[i]] += 1.0
        if self.short[i] > 0 and c.value_of_input_share[i] > 0:
            self.books["idled"][c.group[i]] += want * self._idle_share(i, self.short[i] / want)

    def _idle_share(self, i: int, q: float) -> float:
        """Section 10: what the buffer leaves, and the output that is lost by it."""
        c = self.c
        lack = max(0.0, q - self.buffer[i])
        self.buffer[i] -= min(self.buffer[i], q)
        days = (self.k - self.first_short.setdefault(i, self.k)) * self.step
        rise = min(1.0, max(0.0, (days - 365) / 730))
        sigma = c.elasticity[i] + (c.elasticity_later[i] - c.elasticity[i]) * rise
        return ces_loss(lack, c.value_of_input_share[i], sigma)

    def _use(self, f: int, made: float) -> None:
        used = min(made * self.c.coefficient[f], self.stock[f])
        self.stock[f] = self.swept(f, self.stock[f] - used)
        self.position[f] -= used

    # --- 6 ---

    def supply(self) -> None:
        self.shipped = [0.0] * self.L
        for i in range(self.S):
            if self.out[i]:
                self._ship(i)

    def _ship(self, i: int) -> None:
        c, counted, total = self.c, {}, 0.0
        for x in self.out[i]:
            cap = self.now["cap"][x]
            counted[x] = min(self.order[x], cap * self.ref_lane[x]) if cap < 1 else self.order[x]
            total += counted[x]
        self._ration(i, counted, total, self._can(i, total))
        made = 0.0
        for x in self.out[i]:
            self.shipped[x] = self.swept(c.lane_feed[x], self.shipped[x])
            made += self.shipped[x]
        for f in self.feeds[i]:
            self._use(f, made)
        for x in self.out[i]:
            day = self.k + c.transit[x] + self.now["delay"][x]
            self.due.setdefault((x, day), []).append(self.shipped[x])
            self.position[c.lane_feed[x]] += self.shipped[x]

    def _can(self, i: int, total: float) -> float:
        c, capacity = self.c, self.cap_now[i]
        step = INF if c.ramp_share[i] == INF else capacity * c.ramp_share[i]
        if abs(total - self.rate[i]) <= step:
            self.rate[i] = total
        else:
            self.rate[i] += step if total > self.rate[i] else -step
        self.rate[i] = max(self.rate[i], min(capacity, self.ref_out[i]))
        nameplate = capacity * self.now["availability"][i]
        can = min(self.rate[i] + c.slack[i] * capacity, nameplate) * self.now["yielding"][i]
        for f in self.feeds[i]:
            can = min(can, self.stock[f] / c.coefficient[f])
        return can

    def _ration(self, i: int, counted: dict[int, float], total: float, can: float) -> None:
        c = self.c
        if total <= can:
            for x, amount in counted.items():
                self.shipped[x] = amount
            return
        left = can
        for cls in range(c.n_class[i]):
            members = [x for x in self.out[i] if c.lane_class[x] == cls]
            asked = 0.0
            for x in members:
                asked += counted[x]
            if asked <= left:
                for x in members:
                    self.shipped[x] = counted[x]
                left -= asked
            else:
                self._share_out(members, counted, left)
                left = 0.0

    def _share_out(self, members: list[int], counted: dict[int, float], left: float) -> None:
        """What is usual first: all of it and a part of the rest, or a part of it, or by weight."""
        c, usual, usual_sum, more = self.c, {}, 0.0, 0.0
        g = {x: c.home_weight[c.supplier[x]] if c.home[x] else 1.0 for x in members}
        for x in members:
            usual[x] = min(counted[x], self.ref_lane[x])
            usual_sum += usual[x]
            more += counted[x] - usual[x]
        if usual_sum <= left:
            part = min(1.0, (left - usual_sum) / more) if more > 0 else 0.0
            for x in members:
                raised = usual[x] + (counted[x] - usual[x]) * part
                self.shipped[x] = counted[x] if part == 1 else min(counted[x], raised)
        elif len(set(g.values())) == 1 or left == 0:
            for x in members:
                self.shipped[x] = usual[x] * (left / usual_sum)
        else:
            self._weigh(members, counted, usual, g, left)

    def _weigh(self, members: list[int], counted: Any, usual: Any, g: Any, left: float) -> None:
        weights, given, way, first = 0.0, 0.0, 0.0, {}
        for x in members:
            weights += g[x] * usual[x]
        for x in members:
            first[x] = min(usual[x], g[x] * usual[x] * (left / weights))
            given += first[x]
            way += usual[x] - first[x]
        part = min(1.0, max(0.0, left - given) / way) if way > 0 else 0.0
        for x in members:
            self.shipped[x] = min(counted[x], first[x] + (usual[x] - first[x]) * part)

    # --- 7 ---

    def adapt(self) -> None:
        c = self.c
        for x in range(self.L):
            kept = self.shipped[x] / self.order[x] if self.order[x] > 0 else 1.0
            self.phi[x] += (kept - self.phi[x]) * c.learn_gain[c.lane_feed[x]]
        for i in range(self.S):
            if c.kind[i] == END_USER and c.sub_limit[i] > 0:
                self._substitute(i)

    def _substitute(self, i: int) -> None:
        c, limit, z = self.c, self.c.sub_limit[i], self.z[i]
        stressed = self.short[i] > 0 or any(
            self.stock[f] < 0.5 * (self.use_ref[f] * c.cover[f]) * (1.0 - 1e-9)
            for f in self.feeds[i]
        )
        self.stress[i] = self.stress[i] + self.step if stressed else 0.0
        after = z
        if not stressed:
            after = 0.0 if c.sub_share[i] == INF else max(0.0, z - limit * c.sub_share[i])
        elif self.stress[i] >= c.sub_delay_days[i]:
            after = limit if c.sub_share[i] == INF else min(limit, z + limit * c.sub_share[i])
        self.z_mean[i], self.z[i] = 0.5 * (z + after), after

    def period(self, k: int) -> dict[str, list[float]]:
        """Live through period k and return what is to be seen of it."""
        self.k = k
        self.look(k)
        if k == 0:
            self.begin()
        self.arrive(k)
        self.release()
        before = [self.position[f] for f in self.own]
        self.demand_and_orders()
        self.supply()
        self.adapt()
        bought = [self.position[f] - p for f, p in zip(self.own, before, strict=True)]
        seen = {"released": self.released, "bought": bought,
                "stock": self.stock, "position": self.position,
                "ordered": self.order, "shipped": self.shipped, "arrived": self.arrived,
                "run_rate": self.rate}  # fmt: skip
        return {**self.books, **{name: list(values) for name, values in seen.items()}}


def ces_loss(lack: float, theta: float, sigma: float) -> float:
    """Return the share of output that is lost, told from the page."""
    has = 1.0 - lack
    if lack == 0:
        return 0.0
    if abs(sigma - 1) < 1e-6:
        return 1.0 - has**theta
    rho = (sigma - 1) / sigma
    if sigma > 1:
        return 1.0 - (theta * has**rho + (1.0 - theta)) ** (1 / rho)
    if has == 0:
        return 1.0
    return max(0.0, 1.0 - has * (theta + (1.0 - theta) * has ** (-rho)) ** (1 / rho))


def play(compiled: Any, targets: Any, draws: Any, tape: Any, n_period: int, j: int) -> dict:
    """Return every array of a flow and its trace for replication j: name -> [period][number]."""
    world = World(compiled, targets, draws, tape, j)
    seen = [world.period(k) for k in range(n_period)]
    return {name: [s[name] for s in seen] for name in seen[0]}
