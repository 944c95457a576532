"""Compiled drawing of shocks: when each happens, how long it lasts, whether it is called off.

Every number is drawn by its address (stream, replication, event, slot), so that nothing depends
on the order of drawing. `rules` is ``sim.shocks.rules.Rules``, `laws` the encoded distributions.
"""

import math

import numpy as np
from numba import njit

from sim.rng import uniform
from sim.shocks.quantile import quantile
from sim.shocks.special import ndtri

DATED, POISSON, TRIGGERED, RENEWAL = 0, 1, 2, 3

# Address of a hazard's draw: index = event * SLOTS + slot. Fixed for ever: a changed slot would
# change every published result.
SLOTS = 16
GAP, HAPPENS, DELAY, NOTICE, CALLED_OFF, DURATION = 0, 1, 2, 3, 4, 5
CHRONIC_DURATION, CHRONIC_SEVERITY, SEVERITY, BEGIN = 6, 7, 8, 9

# What a common factor can tie; also the index of the factor's own draw.
ON_ONSET, ON_DURATION, ON_SEVERITY = 0, 1, 2

# Columns of an event.
HAZARD, EVENT, ANNOUNCE, START, END, OFF, ACUTE, CHRONIC, N_COLUMN = 0, 1, 2, 3, 4, 5, 6, 7, 8

EVENT_LIMIT = 100_000  # of one hazard in one replication: more is a mistake in its rate


@njit(nogil=True, cache=True)
def chance(seed, stream, replication, event, slot):
    """Return the uniform number at an address."""
    return uniform(seed, stream, replication, np.uint64(event * SLOTS + slot))


@njit(nogil=True, cache=True)
def tie(rules, h, aspect, seed, replication, u):
    """Return `u`, moved by hazard h's common factor where it ties this aspect.

    One-factor Gaussian copula: Phi(sqrt(rho) Z + sqrt(1 - rho) Phi^-1(u)), uniform again [1]_.

    References
    ----------
    .. [1] Li (2000), J. Fixed Income 9(4), 43-54.
    """
    f = rules.factor[h]
    if f < 0 or rules.tied[h, aspect] == 0:
        return u
    z = ndtri(uniform(seed, rules.factor_stream[f], replication, np.uint64(aspect)))
    score = rules.loading[h] * z + rules.residual[h] * ndtri(u)
    v = 0.5 * math.erfc(-score * 0.7071067811865476)
    return min(max(v, 2.0**-60), 1.0 - 2.0**-53)


@njit(nogil=True, cache=True)
def number(rules, laws, law, seed, stream, replication, event, slot):
    """Return the draw of `law` at an address."""
    value = rules.fixed[law]
    if value == value:
        return value
    return quantile(laws, law, chance(seed, stream, replication, event, slot))


@njit(nogil=True, cache=True)
def tied_number(rules, laws, law, h, aspect, seed, stream, replication, event, slot):
    """Return the draw of `law` at an address, by way of hazard h's common factor."""
    value = rules.fixed[law]
    if value == value:
        return value
    u = chance(seed, stream, replication, event, slot)
    return quantile(laws, law, tie(rules, h, aspect, seed, replication, u))


@njit(nogil=True, cache=True)
def stay(rules, x, seed, replication, tense, index):
    """Return the length of stay number `index` of tension x, days."""
    mean = rules.tense_days[x] if tense else rules.calm_days[x]
    u = uniform(seed, rules.tension_stream[x], replication, np.uint64(index + 1))
    return -mean * math.log1p(-u)


@njit(nogil=True, cache=True)
def rate_at(rules, h, t):
    """Return hazard h's rate a day at day t, before tension, and the day it next changes."""
    rate, after = 0.0, np.inf
    for j in range(rules.rate_ptr[h], rules.rate_ptr[h + 1]):
        if rules.rate_day[j] > t:
            after = rules.rate_day[j]
            break
        rate = rules.rate[j]
    return rate, after


@njit(nogil=True, cache=True)
def walk(rules, h, seed, replication, t, need, tense, switch, index):
    """Return the day at which hazard h's intensity since day t has summed to `need`.

    Inversion of the cumulative intensity, piecewise constant between the rate's steps and the
    tension's switches [1]_. Also returns the tension there: state, next switch, stay number.

    References
    ----------
    .. [1] Çinlar (1975), Introduction to Stochastic Processes, ch. 4.
    """
    x = rules.tension[h]
    until = rules.until_days[h]
    while t < until:
        rate, edge = rate_at(rules, h, t)
        if x >= 0:
            rate = rate * (rules.tense_factor[h] if tense else rules.calm_factor[h])
            edge = min(edge, switch)
        if rate > 0.0:
            room = rate * (edge - t)
            if need <= room:
                return min(t + need / rate, edge), tense, switch, index
            need = need - room
        t = edge
        if x >= 0 and t >= switch:
            tense = not tense
            index += 1
            switch = t + stay(rules, x, seed, replication, tense, index)
    return np.inf, tense, switch, index


@njit(nogil=True, cache=True)
def roomy(events, n):
    """Return `events` with room for one more row than `n`, grown twofold if it was full."""
    if n < events.shape[0]:
        return events
    wide = np.empty((2 * events.shape[0], N_COLUMN))
    wide[:n] = events[:n]
    return wide


@njit(nogil=True, cache=True)
def write_event(rules, laws, seed, replication, h, event, onset, out):
    """Draw what follows an onset into `out`; return 1 if the shock counts.

    It counts, for max_events and for the tape, if it ends after day 0 and is announced
    before the horizon.
    """
    stream = rules.stream[h]
    notice = number(rules, laws, rules.notice[h], seed, stream, replication, event, NOTICE)
    announce = onset - max(0.0, notice)
    off = False
    if rules.called_off[h] > 0.0:
        off = chance(seed, stream, replication, event, CALLED_OFF) < rules.called_off[h]
    acute, chronic, end = 0.0, 0.0, onset
    if not off:
        acute = max(
            0.0,
            tied_number(
                rules,
                laws,
                rules.duration[h],
                h,
                ON_DURATION,
                seed,
                stream,
                replication,
                event,
                DURATION,
            ),
        )
        if rules.chronic_duration[h] >= 0:
            chronic = max(
                0.0,
                number(
                    rules,
                    laws,
                    rules.chronic_duration[h],
                    seed,
                    stream,
                    replication,
                    event,
                    CHRONIC_DURATION,
                ),
            )
        end = onset + acute + chronic + rules.easing_days[h]
    out[HAZARD], out[EVENT] = h, event
    out[ANNOUNCE], out[START], out[END] = announce, onset, end
    out[OFF] = 1.0 if off else 0.0
    out[ACUTE], out[CHRONIC] = acute, chronic
    return 1 if counts(rules, out) else 0


@njit(nogil=True, cache=True)
def counts(rules, event):
    """Return whether an event lies in the time that is simulated."""
    return event[END] > 0.0 and event[ANNOUNCE] < rules.horizon_days


@njit(nogil=True, cache=True)
def dated(rules, laws, seed, replication, h, events, n):
    """Draw a hazard with a date: once, if it happens at all."""
    stream = rules.stream[h]
    if chance(seed, stream, replication, 0, HAPPENS) >= rules.probability[h]:
        return events, n
    delay = tied_number(
        rules, laws, rules.delay[h], h, ON_ONSET, seed, stream, replication, 0, DELAY
    )
    events = roomy(events, n)
    write_event(rules, laws, seed, replication, h, 0, rules.day[h] + delay, events[n])
    return events, n + 1


@njit(nogil=True, cache=True)
def poisson(rules, laws, seed, replication, h, events, n):
    """Draw a Poisson process of onsets; -1 for n where there are too many."""
    x = rules.tension[h]
    tense, switch, index, t, count = False, np.inf, 0, 0.0, 0
    if x >= 0:
        u = uniform(seed, rules.tension_stream[x], replication, np.uint64(0))
        tense = u < rules.start_tense[x]
        switch = stay(rules, x, seed, replication, tense, 0)
    for event in range(EVENT_LIMIT):
        u = chance(seed, rules.stream[h], replication, event, GAP)
        if event == 0:  # only the first gap, so that the process stays Poisson
            u = tie(rules, h, ON_ONSET, seed, replication, u)
        t, tense, switch, index = walk(
            rules, h, seed, replication, t, -math.log1p(-u), tense, switch, index
        )
        if t >= rules.until_days[h] or count >= rules.max_events[h]:
            return events, n
        events = roomy(events, n)
        count += write_event(rules, laws, seed, replication, h, event, t, events[n])
        n += 1
    return events, -1


@njit(nogil=True, cache=True)
def renewal(rules, laws, seed, replication, h, events, n):
    """Draw an alternating renewal process: up, down, up, ...; -1 for n where too many."""
    stream = rules.stream[h]
    t = number(rules, laws, rules.begin[h], seed, stream, replication, 0, BEGIN)
    count = 0
    for event in range(EVENT_LIMIT):
        if event == 0:
            up = tied_number(
                rules, laws, rules.up[h], h, ON_ONSET, seed, stream, replication, 0, GAP
            )
        else:
            up = number(rules, laws, rules.up[h], seed, stream, replication, event, GAP)
        onset = t + max(0.0, up)
        if onset >= rules.until_days[h] or count >= rules.max_events[h]:
            return events, n
        events = roomy(events, n)
        count += write_event(rules, laws, seed, replication, h, event, onset, events[n])
        t = events[n, END]
        n += 1
    return events, -1


@njit(nogil=True, cache=True)
def triggered(rules, laws, seed, replication, h, events, n, first, last):
    """Draw what the events of the parent, rows first to last - 1, set off."""
    stream = rules.stream[h]
    count = 0
    for p in range(first, last):
        event = int(events[p, EVENT])
        if events[p, OFF] > 0.0 or count >= rules.max_events[h]:
            continue
        if chance(seed, stream, replication, event, HAPPENS) >= rules.probability[h]:
            continue
        delay = tied_number(
            rules, laws, rules.delay[h], h, ON_ONSET, seed, stream, replication, event, DELAY
        )
        onset = events[p, END if rules.at_end[h] else START] + max(0.0, delay)
        events = roomy(events, n)
        count += write_event(rules, laws, seed, replication, h, event, onset, events[n])
        n += 1
    return events, n


@njit(nogil=True, cache=True)
def draw_events(rules, laws, seed, replication, events, span):
    """Draw all events of a replication; hazard h's are rows span[h, 0] to span[h, 1] - 1.

    Returns the buffer and the number of rows, or -1 - h where hazard h has too many events.
    """
    n = 0
    for h in rules.order:
        before = n
        kind = rules.onset[h]
        if kind == DATED:
            events, n = dated(rules, laws, seed, replication, h, events, n)
        elif kind == POISSON:
            events, n = poisson(rules, laws, seed, replication, h, events, n)
        elif kind == RENEWAL:
            events, n = renewal(rules, laws, seed, replication, h, events, n)
        else:
            p = rules.parent[h]
            events, n = triggered(
                rules, laws, seed, replication, h, events, n, span[p, 0], span[p, 1]
            )
        if n < 0:
            return events, -1 - h
        span[h, 0], span[h, 1] = before, n
    return events, n


@njit(nogil=True, cache=True)
def earlier(a, b):
    """Return whether event a stands before event b on the tape."""
    if a[START] != b[START]:
        return a[START] < b[START]
    if a[HAZARD] != b[HAZARD]:
        return a[HAZARD] < b[HAZARD]
    return a[EVENT] < b[EVENT]


@njit(nogil=True, cache=True)
def sort_rows(events, rows):
    """Sort row numbers by onset, hazard and event, in place (Shell's method; no ties)."""
    gap = 1
    while gap < rows.shape[0] // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, rows.shape[0]):
            row, j = rows[i], i
            while j >= gap and earlier(events[row], events[rows[j - gap]]):
                rows[j] = rows[j - gap]
                j -= gap
            rows[j] = row
        gap //= 3


@njit(nogil=True, cache=True)
def draw_shocks(rules, laws, seed, replications):
    """Draw the shocks of a block of replications.

    Returns
    -------
    shocks : ndarray of float64, shape (m, N_COLUMN)
        Events that count, in the order of the tape.
    ptr : ndarray of int32, shape (n + 1,)
        Shocks of each replication.
    fault : int
        -1, or the number of a hazard with more than EVENT_LIMIT events.
    """
    n = replications.shape[0]
    ptr = np.zeros(n + 1, np.int32)
    shocks = np.empty((max(16, 4 * n), N_COLUMN))
    events = np.empty((64, N_COLUMN))
    span = np.zeros((rules.stream.shape[0], 2), np.int64)
    m = 0
    for r in range(n):
        events, n_event = draw_events(rules, laws, seed, np.uint64(replications[r]), events, span)
        if n_event < 0:
            return shocks[:0], ptr, -1 - n_event
        rows = np.empty(n_event, np.int64)
        kept = 0
        for i in range(n_event):
            if counts(rules, events[i]):
                rows[kept] = i
                kept += 1
        rows = rows[:kept]
        sort_rows(events, rows)
        for i in rows:
            shocks = roomy(shocks, m)
            shocks[m] = events[i]
            m += 1
        ptr[r + 1] = m
    return shocks[:m].copy(), ptr, -1
