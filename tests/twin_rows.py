"""What a tape's rows do in one period, told again from docs/model.md section 1a.

Plain lists and loops, one replication, no code shared with sim/flow.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

AVAILABILITY, LANE_CAP, EXTRA_DAYS, HOLD, DEMAND, ANNOUNCED, OUTPUT = range(7)
Points = list[tuple[float, float]]


def rows_of(targets: Any, tape: Any, j: int) -> list[tuple[int, list[int], Points]]:
    """Return (kind, targets, points) of each row of replication j, in row order."""
    day, value = tape.point_day.tolist(), tape.point_value.tolist()
    rows = []
    for q in range(int(tape.row_ptr[j]), int(tape.row_ptr[j + 1])):
        a, b = int(tape.point_ptr[q]), int(tape.point_ptr[q + 1])
        e = int(tape.row_effect[q])
        on = targets.index[targets.ptr[e] : targets.ptr[e + 1]].tolist()
        rows.append((int(tape.row_kind[q]), on, list(zip(day[a:b], value[a:b], strict=True))))
    return rows


def acts(points: Points, t0: float, t1: float) -> bool:
    return points[0][0] < t1 and points[-1][0] > t0


def value_on(segment: list[tuple[float, float]], t: float) -> float:
    (d0, v0), (d1, v1) = segment
    return v0 + (v1 - v0) * ((t - d0) / (d1 - d0))


def mean_and_course(points: Points, t0: float, t1: float, step: float) -> tuple[float, bool]:
    """Return v = area / step, and whether the row is steady."""
    area, steady = 0.0, not any(t0 < d < t1 for d, _ in points)
    for segment in ([p, q] for p, q in pairwise(points)):
        (d0, _), (d1, _) = segment
        if d1 > d0 and d1 > t0 and d0 < t1:
            u, w = max(d0, t0), min(d1, t1)
            vu, vw = value_on(segment, u), value_on(segment, w)
            area += (w - u) * (vu + vw) * 0.5
            steady = steady and vu == vw
    return area / step, steady


def left_on(points: Points, t: float) -> float:
    """Return what a row leaves at day t."""
    for p, q in pairwise(points):
        if p[0] <= t < q[0]:
            return max(0.0, 1.0 - value_on([p, q], t))
    return 1.0


def joint(rows: list[Points], t0: float, t1: float, step: float) -> float:
    """Return J, the exact mean of the product of what moving rows leave."""
    cuts = sorted({t0, t1} | {d for points in rows for d, _ in points if t0 < d < t1})
    total = 0.0
    for u, w in pairwise(cuts):
        mid, h = (u + w) * 0.5, (w - u) * 0.5
        g = []
        for t in (mid - h * 0.7745966692414834, mid, mid + h * 0.7745966692414834):
            product = 1.0
            for points in rows:
                product *= left_on(points, t)
            g.append(product)
        total += (w - u) * ((5.0 * g[0] + 8.0 * g[1] + 5.0 * g[2]) / 18.0)
    return total / step


def left_over(rows: list[Points], t0: float, t1: float, step: float) -> float:
    """Return availability, cap or free share of one target from its rows of that kind."""
    out, moving = 1.0, []
    for points in rows:
        if not acts(points, t0, t1):
            continue
        v, steady = mean_and_course(points, t0, t1, step)
        if steady:
            out *= max(0.0, 1.0 - v)
        else:
            moving.append((points, v))
    if len(moving) == 1:
        out *= max(0.0, 1.0 - moving[0][1])
    elif moving:
        out *= joint([points for points, _ in moving], t0, t1, step)
    return out


def ceiling(x: float) -> int:
    n = int(x)
    return n + 1 if n < x else n


def exogenous(rows: list, k: int, step: float, n_site: int, n_lane: int) -> dict[str, list]:
    """Return what acts in period k: availability, factor by site; cap, free, delay, announced."""
    t0, t1 = k * step, (k + 1) * step
    found: dict[tuple[int, int], list[Points]] = {}
    for kind, on, points in rows:
        if acts(points, t0, t1):
            for target in on:
                found.setdefault((kind, target), []).append(points)

    def left(kind: int, n: int) -> list[float]:
        return [left_over(found.get((kind, i), []), t0, t1, step) for i in range(n)]

    def means(kind: int, i: int) -> list[float]:
        return [mean_and_course(p, t0, t1, step)[0] for p in found.get((kind, i), [])]

    factor = [1.0] * n_site
    for i in range(n_site):
        for v in means(DEMAND, i):
            factor[i] *= 1.0 + v
    return {
        "availability": left(AVAILABILITY, n_site),
        "yielding": left(OUTPUT, n_site),
        "cap": left(LANE_CAP, n_lane),
        "free": left(HOLD, n_lane),
        "delay": [
            ceiling(max([0.0, *means(EXTRA_DAYS, x)]) / step - 1e-9) if means(EXTRA_DAYS, x) else 0
            for x in range(n_lane)
        ],
        "factor": factor,
        "announced": [max([0.0, *means(ANNOUNCED, x)]) for x in range(n_lane)],
    }
