"""Naive twin of the judging kernel: the same measures in plain lists and loops, no shared code."""


def measure_one(want, short, spared, destroyed, members, step_days):
    """Judge one replication of one view; arrays are lists [period][group]."""
    n_period = len(want)

    def whole(values):
        total = 0.0
        for u in members:
            of_group = 0.0
            for k in range(n_period):
                of_group += values[k][u]
            total += of_group
        return total

    worst, short_periods, runs, run = 0.0, [], [], 0
    for k in range(n_period):
        w, s = 0.0, 0.0
        for u in members:
            w += want[k][u]
            s += short[k][u]
        if w > 0 and s / w > worst:
            worst = s / w
        if s > 0:
            short_periods.append(k)
            run += 1
        else:
            run = 0
        runs.append(run)
    nan = float("nan")
    return {
        "shortfall_t": whole(short),
        "wanted_t": whole(want),
        "worst_share": worst,
        "first_shortage_day": short_periods[0] * step_days if short_periods else nan,
        "last_shortage_day": (short_periods[-1] + 1) * step_days if short_periods else nan,
        "days_short": len(short_periods) * step_days,
        "longest_spell_days": max(runs, default=0) * step_days,
        "spared_t": whole(spared),
        "destroyed_t": whole(destroyed),
    }
