"""Compiled: values of the tape's rows, and the mean of what several leave (docs/model.md, 1a)."""

from numba import njit

GAUSS = 0.7745966692414834  # sqrt(3 / 5)


@njit(inline="always", nogil=True, error_model="numpy")
def value_at(w, j, t):
    """Return the value at day t of the segment that begins at point j."""
    day, value = w.point_day, w.point_value
    return value[j] + (value[j + 1] - value[j]) * ((t - day[j]) / (day[j + 1] - day[j]))


@njit(nogil=True, error_model="numpy")
def left_at(w, q, t):
    """Return max(0, 1 - value) of row q at day t: on the first segment that holds it; else 1."""
    for j in range(w.point_ptr[q], w.point_ptr[q + 1] - 1):
        if w.point_day[j] <= t < w.point_day[j + 1]:
            return max(0.0, 1.0 - value_at(w, j, t))
    return 1.0


@njit(inline="always", nogil=True, error_model="numpy")
def cut(w, n, t0, t1):
    """List the days in [t0, t1] at which one of the n picked rows bends, ascending; return m.

    They part the period into m pieces.
    """
    cuts = w.cuts
    cuts[0] = t0
    m = 1
    for x in range(n):
        for j in range(w.point_ptr[w.picked[x]], w.point_ptr[w.picked[x] + 1]):
            d = w.point_day[j]
            if t0 < d < t1:  # insertion keeps the days ascending, without repeats
                at = m
                while cuts[at - 1] > d:
                    at -= 1
                if cuts[at - 1] != d:
                    for y in range(m, at, -1):
                        cuts[y] = cuts[y - 1]
                    cuts[at] = d
                    m += 1
    cuts[m] = t1
    return m


@njit(nogil=True, error_model="numpy")
def joint_mean(w, n, t0, t1):
    """Return J: the exact mean over [t0, t1] of the product of what n picked rows leave."""
    m = cut(w, n, t0, t1)
    area = 0.0
    for x in range(m):
        u, v = w.cuts[x], w.cuts[x + 1]
        mid = (u + v) * 0.5
        h = (v - u) * 0.5
        g1 = 1.0
        g2 = 1.0
        g3 = 1.0
        for y in range(n):
            g1 *= left_at(w, w.picked[y], mid - h * GAUSS)
            g2 *= left_at(w, w.picked[y], mid)
            g3 *= left_at(w, w.picked[y], mid + h * GAUSS)
        area += (v - u) * ((5.0 * g1 + 8.0 * g2 + 5.0 * g3) / 18.0)
    return area / (t1 - t0)
