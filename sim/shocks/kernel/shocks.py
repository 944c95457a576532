"""Compiled drawing of shocks: when each happens, how long it lasts, whether it is called off.

Every number is drawn by its address (stream, replication, event, slot), so that nothing depends
on the order of drawing. A `rule` is a ``HAZARD`` record of ``records.py``, `numbers` their laws,
`key` the pair (seed, replication). Integers are int64 throughout and functions few and shallow:
numba compiles each function once for every type it meets, and again inside its callers.
"""

# mypy: disallow-untyped-defs=False

import math

import numpy as np
from numba import njit

from sim.base.njit_uncounted import njit_uncounted
from sim.shocks.kernel.quantile import quantile
from sim.shocks.kernel.sampling import QUIET, conditioned, draw, kind_of
from sim.shocks.kernel.special import ndtr, ndtri

# Constants are numpy integers: a plain one would have numba compile a function once more for
# every value it is given.
DATED, POISSON, TRIGGERED, RENEWAL = np.arange(4)
ZERO, ONE = np.arange(2)

# Address of a draw: index = event * SLOTS + slot. Fixed for ever: a changed slot would change
# every published result. First a hazard's own draws, then an effect's.
SLOTS = 16
GAP, HAPPENS, DELAY, NOTICE, CALLED_OFF, DURATION = np.arange(0, 6)
CHRONIC_DURATION, CHRONIC_SEVERITY, SEVERITY, BEGIN = np.arange(6, 10)
INCLUDE, OWN_SEVERITY, LEAKAGE, QUOTA, PROCESSING, EXTRA_TRANSIT = np.arange(0, 6)
# An applicant's own: what its licence grants; then, for each request, its days and its refusal.
GRANTED, REQUEST, REFUSAL = np.arange(0, 3)
REQUESTS = np.int64(7)

# What a common factor can tie, and the index of the factor's draw; FREE is untied.
ON_ONSET, ON_DURATION, ON_SEVERITY, ON_APPROVAL = np.arange(4)
FREE = np.int64(-1)
ANY_KIND = np.uint64(0)
UNTOLD = -1.0  # instead of the chance that a hazard is given to come: its own

# Columns of an event.
N_COLUMN = 8
HAZARD, EVENT, ANNOUNCE, START, END, OFF, ACUTE, CHRONIC = np.arange(N_COLUMN)

EVENT_LIMIT = 100_000  # of one hazard in one replication: more is a mistake in its rate
FULL, TOO_MANY = np.arange(-2, 0)  # instead of a number of rows


@njit_uncounted
def chance(key, stream, event, slot):
    """Return the uniform number at an address."""
    return draw(key[0], stream, key[1], np.uint64(event * SLOTS + slot))


@njit_uncounted
def onset_chance(rule, key, event, slot, given):
    """Return the uniform number that decides an onset; of the first one, as it is given to come."""
    u = chance(key, rule.stream, event, slot)
    return conditioned(u, rule.comes, given) if event == 0 and given >= 0.0 else u


@njit_uncounted
def given_chance(rule, key, kind, some):
    """Return the chance that a hazard comes in a future of a kind, and whether one has come.

    Parameters
    ----------
    rule : record
        Of the hazard; its `comes` is 0 where its chance is not known beforehand.
    key : tuple
        Seed and replication.
    kind : int
        Of the future.
    some : bool
        Whether one of those before it has come.
    """
    if kind == ANY_KIND or rule.comes == 0.0:
        return UNTOLD, some
    given = rule.comes
    if kind == QUIET:
        given = 0.0
    elif not some:
        given = rule.comes / rule.comes_or_later
    slot = GAP if rule.onset == POISSON else HAPPENS
    return given, some or chance(key, rule.stream, ZERO, slot) < given


@njit_uncounted
def happens(key, stream, event, slot, probability):
    """Return whether what has this probability happens; what is certain is not drawn."""
    return probability >= 1.0 or chance(key, stream, event, slot) < probability


@njit_uncounted
def factor_score(rule, key, aspect):
    """Return what the rule's common factor is in a replication: a standard normal score."""
    return ndtri(draw(key[0], rule.factor_stream, key[1], np.uint64(aspect)))


@njit_uncounted
def moved(rule, score, u):
    """Return `u` moved by the factor's score, uniform again over replications."""
    v = ndtr(rule.loading * score + rule.residual * ndtri(u))
    return min(max(v, 2.0**-60), 1.0 - 2.0**-53)


@njit_uncounted
def tied(rule, key, aspect, u):
    """Return `u` moved by the rule's common factor, uniform again.

    One-factor Gaussian copula: Phi(sqrt(rho) Z + sqrt(1 - rho) Phi^-1(u)) [1]_.

    References
    ----------
    .. [1] Li (2000), J. Fixed Income 9(4), 43-54.
    """
    return moved(rule, factor_score(rule, key, aspect), u)


@njit_uncounted
def drawn(rule, laws, key, law, stream, event, slot, aspect):
    """Return the draw of `law` at an address, by way of the common factor unless FREE."""
    u = chance(key, stream, event, slot)
    if aspect != FREE:
        u = tied(rule, key, aspect, u)
    return quantile(laws, law, u)


@njit(inline="always")
def number(rule, numbers, key, law, stream, event, slot, aspect):
    """Return what `law` says at an address: its number, or a draw."""
    value = numbers.fixed[law]
    if value == value:
        return value
    return drawn(rule, numbers.laws, key, law, stream, event, slot, aspect)


@njit_uncounted
def stay(rule, key, tense, index):
    """Return the length of stay number `index` of the rule's tension, days."""
    mean = rule.tense_days if tense else rule.calm_days
    return -mean * math.log1p(-draw(key[0], rule.tension_stream, key[1], np.uint64(index + 1)))


@njit_uncounted
def walk(rule, rate_day, rates, key, t, need, tense, switch, index):
    """Return the day at which the rule's intensity since day t has summed to `need`.

    Inversion of the cumulative intensity, piecewise constant between the rate's steps and the
    tension's switches [1]_. Also returns the tension there: state, next switch, stay number.

    References
    ----------
    .. [1] Çinlar (1975), Introduction to Stochastic Processes, ch. 4.
    """
    while t < rule.until_days:
        rate, edge = 0.0, switch
        for j in range(rule.rate_from, rule.rate_to):
            if rate_day[j] > t:
                edge = min(edge, rate_day[j])
                break
            rate = rates[j]
        if rule.has_tension == 1:
            rate = rate * (rule.tense_factor if tense else rule.calm_factor)
        if rate > 0.0:
            room = rate * (edge - t)
            if need <= room:
                return min(t + need / rate, edge), tense, switch, index
            need = need - room
        t = edge
        if rule.has_tension == 1 and t >= switch:
            tense = not tense
            index = index + ONE
            switch = t + stay(rule, key, tense, index)
    return np.inf, tense, switch, index


@njit_uncounted
def counts(event, horizon_days):
    """Return whether an event ends after day 0 and is announced before the horizon."""
    return event[END] > 0.0 and event[ANNOUNCE] < horizon_days


@njit_uncounted
def write_event(rule, numbers, key, h, event, onset, out):
    """Draw what follows an onset, into `out`."""
    stream = rule.stream
    notice = number(rule, numbers, key, rule.notice, stream, event, NOTICE, FREE)
    off = rule.called_off > 0.0 and happens(key, stream, event, CALLED_OFF, rule.called_off)
    acute, chronic, end = 0.0, 0.0, onset
    if not off:
        aspect = ON_DURATION if rule.tied_duration == 1 else FREE
        acute = max(0.0, number(rule, numbers, key, rule.duration, stream, event, DURATION, aspect))
        if rule.chronic_duration >= 0:
            law = rule.chronic_duration
            chronic = number(rule, numbers, key, law, stream, event, CHRONIC_DURATION, FREE)
            chronic = max(0.0, chronic)
        end = onset + acute + chronic + rule.easing_days
    out[HAZARD], out[EVENT] = h, event
    out[ANNOUNCE], out[START], out[END] = onset - max(0.0, notice), onset, end
    out[OFF] = 1.0 if off else 0.0
    out[ACUTE], out[CHRONIC] = acute, chronic


@njit_uncounted
def draw_hazard(rules, numbers, key, h, events, n, first, last, given):
    """Draw the events of one hazard into rows n on; rows first to last - 1 are its parent's.

    `given` is the chance that it comes at all in a future of this kind, or UNTOLD.
    Returns the number of rows now in use, or FULL, or TOO_MANY.
    """
    rule = rules.hazard[h]
    kind, stream = rule.onset, rule.stream
    aspect = ON_ONSET if rule.tied_onset == 1 else FREE
    t, tense, switch, index, count = 0.0, False, np.inf, ZERO, ZERO
    steps = EVENT_LIMIT
    if kind == DATED:
        steps = 1
    elif kind == TRIGGERED:
        steps = last - first
    elif kind == RENEWAL:
        t = number(rule, numbers, key, rule.begin, stream, ZERO, BEGIN, FREE)
    for step in range(steps):
        event = step
        if count >= rule.max_events:
            return n
        if kind == POISSON:
            u = onset_chance(rule, key, event, GAP, given)
            if event == 0 and aspect != FREE:  # the first gap alone: the process stays Poisson
                u = tied(rule, key, aspect, u)
            if u > rule.most:  # what it needs, -log(1 - u), is more than u
                return n
            if event == 0 and rule.has_tension == 1:
                start = draw(key[0], rule.tension_stream, key[1], np.uint64(0))
                tense = start < rule.start_tense
                switch = stay(rule, key, tense, index)
            t, tense, switch, index = walk(
                rule, rules.rate_day, rules.rate, key, t, -math.log1p(-u), tense, switch, index
            )
        elif kind == RENEWAL:
            how = aspect if event == 0 else FREE
            t = t + max(0.0, number(rule, numbers, key, rule.up, stream, event, GAP, how))
        else:
            if kind == TRIGGERED:
                parent = events[first + step]
                event = np.int64(parent[EVENT])
                if parent[OFF] > 0.0:
                    continue
            sure = rule.probability >= 1.0
            if not sure and onset_chance(rule, key, event, HAPPENS, given) >= rule.probability:
                continue
            delay = number(rule, numbers, key, rule.delay, stream, event, DELAY, aspect)
            if kind == TRIGGERED:
                t = (parent[END] if rule.at_end == 1 else parent[START]) + max(0.0, delay)
            else:
                t = rule.day + delay
        if kind != TRIGGERED and t >= rule.until_days:
            return n
        if n == events.shape[0]:
            return FULL
        write_event(rule, numbers, key, h, event, t, events[n])
        if counts(events[n], rules.horizon_days):
            count += 1
        if kind == RENEWAL:
            t = events[n, END]
        n += 1
    return TOO_MANY if steps == EVENT_LIMIT else n


@njit_uncounted
def earlier(events, a, b):
    """Return whether event row a stands before event row b on the tape; both start at once."""
    if events[a, HAZARD] != events[b, HAZARD]:
        return events[a, HAZARD] < events[b, HAZARD]
    return events[a, EVENT] < events[b, EVENT]


@njit_uncounted
def sort_rows(events, rows, days, n):
    """Sort the first n row numbers by onset, hazard and event, in place (Shell; no ties).

    `days` are their onsets, and move with them.
    """
    gap = ONE
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            row, day, j = rows[i], days[i], i
            while j >= gap and day <= days[j - gap]:
                if day == days[j - gap] and not earlier(events, row, rows[j - gap]):
                    break
                rows[j], days[j] = rows[j - gap], days[j - gap]
                j -= gap
            rows[j], days[j] = row, day
        gap //= 3


@njit_uncounted
def draw_replication(rules, numbers, key, events, span):
    """Draw the events of all hazards of a replication; `span` gets each one's rows.

    Returns the number of rows or what hindered, and the hazard at which it ended.
    """
    n, h, some, kind = ZERO, ZERO, False, kind_of(key[1])
    for i in range(rules.order.shape[0]):
        h = np.int64(rules.order[i])
        p = max(0, rules.hazard[h].parent)
        span[h, 0] = n
        given, some = given_chance(rules.hazard[h], key, kind, some)
        n = draw_hazard(rules, numbers, key, h, events, n, span[p, 0], span[p, 1], given)
        if n < 0:
            break
        span[h, 1] = n
    return n, h


@njit_uncounted
def span_of(day, horizon_days, n):
    """Return in which of n equal spans of the horizon a day is, or the nearest to it."""
    return np.int64(min(max(day / horizon_days * n, 0.0), n - 1.0))


@njit_uncounted
def keep(events, n, horizon_days, rows, days, place):
    """List the events that count in the order of the tape; return how many.

    They are laid by onset into n spans of the horizon, so that little is left to sort.
    """
    for b in range(n + 1):
        place[b] = ZERO
    for i in range(n):
        if counts(events[i], horizon_days):
            place[span_of(events[i, START], horizon_days, n) + 1] += 1
    for b in range(n):
        place[b + 1] += place[b]
    kept = place[n]
    for i in range(n):
        if counts(events[i], horizon_days):
            b = span_of(events[i, START], horizon_days, n)
            rows[place[b]], days[place[b]] = i, events[i, START]
            place[b] += 1
    sort_rows(events, rows, days, kept)
    return kept


@njit_uncounted
def enter(events, rows, n, shocks, m):
    """Copy n rows of the events to places m on of the shocks, whose columns lie apart."""
    for i in range(n):
        for j in range(N_COLUMN):
            shocks[j, m + i] = events[rows[i], j]


@njit_uncounted
def copy_columns(shocks, m, wide):
    """Copy the first m places of each column; slices would take numba seconds to compile."""
    for j in range(N_COLUMN):
        for i in range(m):
            wide[j, i] = shocks[j, i]


@njit_uncounted
def room_for(m, drawn, n):
    """Return places for all n replications, judged by the m shocks of those drawn, and half more.

    At most for eight times as many shocks. What is not used is never touched: it costs no memory.
    """
    return min(m * n // drawn * 3 // 2, 8 * m) + 64


@njit(nogil=True, cache=True)
def draw_shocks(rules, numbers, seed, replications):
    """Draw the shocks of a block of replications.

    Returns
    -------
    shocks : ndarray of float64, shape (N_COLUMN, room)
        Events that count, in the order of the tape: the first ptr[n] places.
    ptr : ndarray of int32, shape (n + 1,)
        Shocks of each replication.
    fault : int
        -1, or the number of a hazard with more than EVENT_LIMIT events.
    """
    n, m, r = replications.shape[0], ZERO, ZERO
    ptr = np.zeros(n + 1, np.int32)
    shocks = np.empty((N_COLUMN, max(64, 4 * n)))
    events = np.empty((64, N_COLUMN))
    rows, days, place = np.empty(64, np.int64), np.empty(64), np.empty(65, np.int64)
    span = np.zeros((rules.hazard.shape[0], 2), np.int64)
    while r < n:
        key = (seed, np.uint64(replications[r]))
        n_event, h = draw_replication(rules, numbers, key, events, span)
        if n_event == TOO_MANY:
            return shocks, ptr, h
        if n_event == FULL:  # the same draws again, with more room
            events = np.empty((2 * events.shape[0], N_COLUMN))
            rows, days = np.empty(events.shape[0], np.int64), np.empty(events.shape[0])
            place = np.empty(events.shape[0] + 1, np.int64)
            continue
        kept = keep(events, n_event, rules.horizon_days, rows, days, place)
        if m + kept > shocks.shape[1]:
            wide = np.empty((N_COLUMN, room_for(m + kept, r + 1, n)))
            copy_columns(shocks, m, wide)
            shocks = wide
        enter(events, rows, kept, shocks, m)
        m += kept
        r += 1
        ptr[r] = m
    return shocks, ptr, np.int64(-1)
