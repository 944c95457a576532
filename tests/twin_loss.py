"""Naive twin of the measuring kernel: the same in plain lists and loops, no shared code."""


def measure_one(books, members, step_days, firms, short_from=0.001):
    """Measure one replication of one view; books are lists [period][group] by name."""
    want, short = books["want"], books["shortfall"]
    n_period = len(want)

    def whole(values):
        total = 0.0
        for u in members:
            of_group = 0.0
            for k in range(n_period):
                of_group += values[k][u]
            total += of_group
        return total

    worst, shares = 0.0, []
    for k in range(n_period):
        w, s = 0.0, 0.0
        for u in members:
            w += want[k][u]
            s += short[k][u]
        share = s / w if w > 0 else s
        worst = max(worst, share)
        is_short = s > 0 and s >= short_from * (1 - 1e-9) * w
        shares.append(share if is_short else None)
    spells = spells_of(shares)
    lengths = [length_of(of_spell) for _, of_spell in spells]
    count = 0.0
    for length in lengths:
        count += length
    nan = float("nan")
    stops = [k for k in range(n_period) if any(books["stopped"][k][u] for u in members)]
    n_firm = sum(firms[u] for u in members)
    tonnes = {name: book for name, book in books.items() if name != "stopped"}
    return {
        **{("wanted" if name == "want" else name) + "_t": whole(b) for name, b in tonnes.items()},
        "firms_stopped_share": whole(books["stopped"]) / n_firm if n_firm else nan,
        "first_firm_stops_day": stops[0] * step_days if stops else nan,
        "worst_share": worst,
        "first_shortage_day": begin_of(*spells[0]) * step_days if spells else nan,
        "last_shortage_day": end_of(*spells[-1], n_period) * step_days if spells else nan,
        "days_short": count * step_days,
        "longest_spell_days": longest_of(spells) * step_days,
    }


def spells_of(shares):
    """Return (first period, shares) of every run of periods that are short."""
    spells = []
    for k, share in enumerate(shares):
        if share is None:
            continue
        if k and shares[k - 1] is not None:
            spells[-1][1].append(share)
        else:
            spells.append((k, [share]))
    return spells


def length_of(shares):
    """Return how many periods a shortage takes: its first and last count in part."""
    if len(shares) < 3:
        return sum(shares)
    return min(1.0, shares[0] / shares[1]) + (len(shares) - 2.0) + min(1.0, shares[-1] / shares[-2])


def longest_of(spells):
    """Return the longest that a shortage was at the end of any of its periods."""
    return max((length_of(s[: n + 1]) for _, s in spells for n in range(len(s))), default=0.0)


def begin_of(k, shares):
    """Return when a shortage begins, in periods: of one period, with it."""
    if len(shares) == 1:
        return k
    head = shares[0] if len(shares) == 2 else min(1.0, shares[0] / shares[1])
    return (k + 1.0) - head


def end_of(k, shares, n_period):
    """Return when a shortage ends, in periods: not before the horizon, where it reaches that."""
    last = k + len(shares) - 1.0
    if last == n_period - 1.0:
        return last + 1.0
    return last + (shares[-1] if len(shares) < 3 else min(1.0, shares[-1] / shares[-2]))
