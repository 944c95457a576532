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
    tonnes = {
        name: book for name, book in books.items() if name not in ("stopped", "idled", "bill")
    }
    return {
        **{("wanted" if name == "want" else name) + "_t": whole(b) for name, b in tonnes.items()},
        "bill_usd": whole(books["bill"]),
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


def value_added_one(books, users, members, step_days, short_from=0.001):
    """Measure what some users lose of value added in one replication (docs/model.md, 10).

    `users` are mappings: region, pool, within, largest, usd (a year), share (of output), d, tau,
    m (with suppliers); `members` those that count. Returns at risk, lost, output, economy; USD.
    """
    pools = {}
    for u in members:
        pools.setdefault((users[u]["region"], users[u]["pool"] or u), []).append(u)
    told = [0.0] * 4
    for key in pools:
        for n, amount in enumerate(of_pool(key, pools, books, users, step_days, short_from)):
            told[n] += amount
    return [amount * (step_days / 365) for amount in told]


def of_pool(key, pools, books, users, step_days, short_from):
    """Return what a pool loses a year-rate: at risk, lost, output, economy."""
    at_risk = lost = run = 0.0
    spell = 0
    head = users[largest_first(pools[key], users)[0]]
    periods = [of_period(k, key, pools, books, users, short_from)
               for k in range(len(books["want"]))]  # fmt: skip
    for risk, loss, short in [*periods, (0.0, 0.0, False)]:
        if short:
            at_risk, run, spell = at_risk + risk, run + loss, spell + 1
        elif spell:
            quick = min(1.0, max(0.0, (365 - spell * step_days) / 274))
            lost += run * (1 - head["tau"] * quick)
            run, spell = 0.0, 0
    return at_risk, lost, lost / head["share"], lost * head["m"]


def largest_first(members, users):
    return sorted(members, key=lambda u: (-users[u]["usd"], u))


def of_period(k, key, pools, books, users, short_from):
    """Return a pool's value added at risk and lost in period k (USD a year), and if it is short."""
    members = largest_first(pools[key], users)
    around = (key[0], users[members[0]]["within"])
    sums, short = [0.0, 0.0], False
    for n, book in enumerate(("shortfall", "idled")):
        gone = 0.0
        for j, u in enumerate(members):
            want = books["want"][k][u]
            own = users[u]["d"] * (books[book][k][u] / (want if want > 0 else 1.0))
            gone = max(gone, own) if users[members[0]]["largest"] else gone + (own - gone * own)
            next_usd = users[members[j + 1]]["usd"] if j + 1 < len(members) else 0.0
            sums[n] += (users[u]["usd"] - next_usd) * gone
            lack = books["shortfall"][k][u]
            short = short or (lack > 0 and lack >= short_from * (1 - 1e-9) * want)
    if not short:
        return 0.0, 0.0, False
    if around in pools and around != key:
        whole = users[largest_first(pools[around], users)[0]]["usd"]
        above = of_period(k, around, pools, books, users, short_from)
        sums = [amount * (1 - above[n] / whole) for n, amount in enumerate(sums)]
    return sums[0], sums[1], True
