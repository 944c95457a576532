"""Intervals hold as often as they say; what cannot be supported is refused.

Acceptance counts are the two-sided 1e-4 limits of a binomial count of intervals that hold the
exact value. Laws and exact values: compound Poisson sums (Panjer), exponential, beta, an
alternating renewal process (Takács).
"""

import math

import numpy as np
import pytest
from scipy import stats

from sim.metrics import precision
from sim.metrics.precision import Estimate, Refused

SLACK = 1e-4


def limits(repeats, coverage):
    """Return the least and largest count of holding intervals that is not a false alarm."""
    law = stats.binom(repeats, coverage)
    return law.ppf(SLACK / 2), law.isf(SLACK / 2)


def compound(rng, n, rate=2.5):
    """Draw n Poisson sums of geometric sizes of mean 5."""
    number = rng.poisson(rate, n)
    extra = rng.negative_binomial(np.maximum(number, 1), 0.2)
    return np.where(number > 0, number + extra, 0).astype(float)


def exponential_sums(rng, n):
    """Draw n Poisson(1.8) sums of exponential sizes of mean 40."""
    number = rng.poisson(1.8, n)
    return np.where(number > 0, rng.gamma(np.maximum(number, 1), 40.0), 0.0)


def count(estimate, draw, exact, repeats, seed):
    """Return how many of `repeats` studies have an interval that holds `exact`."""
    rng = np.random.default_rng(seed)
    held = 0
    for _ in range(repeats):
        answer = estimate(draw(rng))
        assert isinstance(answer, Estimate)
        held += answer.low <= exact <= answer.high
    return held


# --------------------------------------------------- exact coverage and ranks


@pytest.mark.parametrize(
    ("n", "level", "wanted", "coverage"),
    [(1000, 0.95, (937, 964), 0.95041677), (10_000, 0.99, (9881, 9920), 0.95027191)],
)
def test_quantile_ranks_are_the_published_ones(n, level, wanted, coverage):
    low, high = precision.ranks(n, level)
    assert (low, high) == wanted
    law = stats.binom(n, level)
    assert law.cdf(high - 1) - law.cdf(low - 1) == pytest.approx(coverage, abs=5e-9)


@pytest.mark.parametrize("level", [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99])
def test_quantile_ranks_cover_at_least_what_they_say(level):
    for n in [*range(1, 500, 7), 999, 1000, 4096, 10_000, 100_000]:
        pair = precision.ranks(n, level)
        if pair is None:
            assert n < precision.quantile_needs(level) + 30
            continue
        low, high = pair
        law = stats.binom(n, level)
        assert 1 <= low < high <= n
        assert law.cdf(high - 1) - law.cdf(low - 1) >= 0.95 - 1e-12


@pytest.mark.parametrize(
    ("method", "coverage"), [("wilson", 0.94222507), ("clopper-pearson", 0.95373084)]
)
def test_exact_coverage_of_a_probability_is_the_published_one(method, coverage):
    n, p = 1000, 0.025991129
    law, total = stats.binom(n, p), 0.0
    for k in range(120):
        answer = precision.probability(k, n, method=method)
        total += law.pmf(k) * (answer.low <= p <= answer.high)
    assert total == pytest.approx(coverage, abs=5e-8)


@pytest.mark.parametrize("n", [5, 40])
def test_clopper_pearson_never_covers_less_than_it_says(n):
    answers = [precision.probability(k, n) for k in range(n + 1)]
    for p in np.linspace(0.001, 0.999, 331):
        holds = [a.low <= p <= a.high for a in answers]
        assert stats.binom(n, p).pmf(np.arange(n + 1)) @ holds >= 0.95


# --------------------------------------------------- coverage experiments


@pytest.mark.parametrize(("n", "coverage"), [(30, 0.939), (100, 0.947), (1000, 0.949)])
def test_student_interval_of_skewed_data_holds_as_often_as_theory_says(n, coverage):
    least, most = limits(1000, coverage)
    assert least <= count(precision.mean, lambda rng: compound(rng, n), 12.5, 1000, n) <= most


@pytest.mark.parametrize(("n", "level"), [(100, 0.5), (1000, 0.95), (1000, 0.99)])
def test_quantile_interval_holds_as_often_as_its_ranks_say(n, level):
    low, high = precision.ranks(n, level)
    law = stats.binom(n, level)
    least, most = limits(1000, law.cdf(high - 1) - law.cdf(low - 1))
    exact = -math.log(1 - level)
    held = count(
        lambda x: precision.quantile(x, level), lambda rng: rng.exponential(size=n), exact, 1000, 7
    )
    assert least <= held <= most


def test_quantile_interval_of_a_law_with_atoms_holds_at_least_as_often():
    least, _ = limits(600, 0.95)
    held = count(
        lambda x: precision.quantile(x, 0.95), lambda rng: compound(rng, 1000), 33.0, 600, 8
    )
    assert held >= least


CVAR_CASES = {
    "geometric 95": (compound, 0.95, 400, 41.137307),
    "geometric 99": (compound, 0.99, 2000, 53.645829),
    "exponential 95": (exponential_sums, 0.95, 400, 287.33041),
    "exponential 99": (exponential_sums, 0.99, 2000, 387.47201),
    "beta 95": (
        lambda rng, n: rng.beta(2, 3, n),
        0.95,
        400,
        0.4 * stats.beta(3, 3).sf(stats.beta(2, 3).ppf(0.95)) / 0.05,
    ),
}


@pytest.mark.parametrize("case", CVAR_CASES)
def test_cvar_interval_holds_at_the_fewest_replications_that_it_accepts(case):
    draw, level, n, exact = CVAR_CASES[case]
    held = count(lambda x: precision.cvar(x, level), lambda rng: draw(rng, n), exact, 600, 5)
    assert limits(600, 0.94)[0] <= held <= limits(600, 0.975)[1]


def test_sd_interval_holds_for_skewed_data():
    exact = math.sqrt(2.5 * 45)  # Poisson rate times mean square of the geometric size
    held = count(precision.sd, lambda rng: compound(rng, 1000), exact, 600, 6)
    assert limits(600, 0.93)[0] <= held <= limits(600, 0.96)[1]


def test_ratio_interval_holds_for_correlated_pairs():
    def draw(rng):
        wanted = rng.gamma(25.0, 4.0, 400)
        return wanted, wanted * rng.beta(0.5, 4.5, 400)

    held = count(lambda pair: precision.ratio(pair[1], pair[0]), draw, 0.1, 600, 10)
    assert limits(600, 0.94)[0] <= held <= limits(600, 0.96)[1]


def test_conditional_mean_interval_holds():
    def draw(rng):
        return np.where(rng.random(400) < 0.3, rng.gamma(4.0, 5.0, 400), np.nan)

    held = count(precision.given, draw, 20.0, 600, 11)
    assert limits(600, 0.94)[0] <= held <= limits(600, 0.96)[1]


def down_days(rng, n, up=1000.0, down=60.0, horizon=3650.0):
    """Draw n total down times of an alternating renewal process that is up at 0."""
    total, now = np.zeros(n), np.zeros(n)
    while (now < horizon).any():
        start = np.minimum(now + rng.exponential(up, n), horizon)
        now = start + rng.exponential(down, n)
        total += np.minimum(now, horizon) - start
        now = np.where(start < horizon, now, horizon)
    return total


def test_standard_error_falls_with_the_root_of_n():
    # repeats of one sample cut in pieces; slope -1/2 within four standard deviations
    repeats, sizes = 200, [25, 100, 400, 1600]
    rng, spread = np.random.default_rng(72), []
    for n in sizes:
        spread.append(compound(rng, n * repeats).reshape(repeats, n).mean(axis=1).std(ddof=1))
    slope = np.polyfit(np.log(sizes), np.log(spread), 1)[0]
    noise = 1 / math.sqrt(2 * (repeats - 1)) / math.log(4) / math.sqrt(5)
    assert abs(slope + 0.5) <= 4 * noise


def test_reported_error_is_the_true_one():
    # mean days down of an alternating renewal process: true standard error 7.3128 at n = 400
    rng, student = np.random.default_rng(73), stats.t.ppf(0.975, 399)
    reported = []
    for _ in range(100):
        answer = precision.mean(down_days(rng, 400))
        reported.append((answer.high - answer.value) / student)
    assert np.mean(reported) / 7.3128468 == pytest.approx(1.0, abs=0.1)


# --------------------------------------------------- properties and refusals


def test_intervals_scale_with_their_data():
    x = compound(np.random.default_rng(1), 1000)
    for estimate in (
        precision.mean,
        precision.sd,
        lambda v: precision.quantile(v, 0.95),
        lambda v: precision.cvar(v, 0.95),
    ):
        one, two = estimate(x), estimate(2 * x)
        np.testing.assert_allclose(two[:3], 2 * np.array(one[:3]), rtol=1e-12)


def test_more_replications_give_narrower_intervals():
    rng = np.random.default_rng(2)
    few, many = compound(rng, 1000), compound(rng, 16_000)
    for estimate in (
        precision.mean,
        precision.sd,
        lambda v: precision.quantile(v, 0.95),
        lambda v: precision.cvar(v, 0.95),
    ):
        a, b = estimate(few), estimate(many)
        assert b.high - b.low < 0.5 * (a.high - a.low)


def test_a_cvar_interval_reaches_further_up_than_down():
    answer = precision.cvar(exponential_sums(np.random.default_rng(3), 2000), 0.99)
    assert answer.high - answer.value > answer.value - answer.low > 0


@pytest.mark.parametrize("level", [0.5, 0.75, 0.9, 0.95, 0.99])
def test_a_quantile_is_refused_just_below_what_it_needs(level):
    needed = precision.quantile_needs(level)
    assert isinstance(precision.quantile(np.arange(needed + 0.0), level), Estimate)
    refused = precision.quantile(np.arange(needed - 1.0), level)
    assert isinstance(refused, Refused)
    assert refused.replications_needed == needed


@pytest.mark.parametrize(("level", "needed"), [(0.9, 200), (0.95, 400), (0.99, 2000)])
def test_a_cvar_is_refused_just_below_what_it_needs(level, needed):
    assert isinstance(precision.cvar(np.arange(needed + 0.0), level), Estimate)
    refused = precision.cvar(np.arange(needed - 1.0), level)
    assert isinstance(refused, Refused)
    assert refused.replications_needed == needed


def test_a_cvar_that_rests_on_a_few_losses_is_refused():
    x = np.zeros(10_000)
    x[:5] = 1000.0
    refused = precision.cvar(x, 0.95)
    assert isinstance(refused, Refused)
    assert refused.replications_needed == 40_000
    x[:20] = 1000.0
    assert isinstance(precision.cvar(x, 0.95), Estimate)


def test_a_tail_of_equal_losses_is_told_as_such():
    x = np.r_[np.zeros(900), np.full(100, 7.0)]
    answer = precision.cvar(x, 0.95)
    assert answer[:3] == (7.0, 7.0, 7.0)
    assert "alike" in answer.note


def test_a_very_skewed_mean_says_so_and_how_many_would_do():
    x = np.zeros(400)
    x[0] = 1.0
    answer = precision.mean(x)
    assert answer.mark == "few"
    assert "skewed (19.9)" in answer.note
    assert "1,192 replications" in answer.note
    assert precision.mean(np.random.default_rng(0).normal(size=100)).note == ""


@pytest.mark.parametrize(
    "answer",
    [
        precision.mean(np.zeros(1)),
        precision.mean(np.zeros(0)),
        precision.sd(np.arange(9.0)),
        precision.given(np.array([1.0, np.nan])),
        precision.given(np.full(5, np.nan)),
        precision.quantile(np.zeros(0), 0.5),
        precision.cvar(np.zeros(0), 0.95),
        precision.ratio(np.zeros(3), np.zeros(3)),
        precision.probability(0, 0),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_a_reason(answer):
    assert isinstance(answer, Refused)
    assert answer.note.startswith("refused: ")


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="wald"):
        precision.probability(1, 2, method="wald")


# --------------------------------------------------- slow: the same at full size


@pytest.mark.slow
@pytest.mark.parametrize("case", CVAR_CASES)
@pytest.mark.parametrize("factor", [1, 5])
def test_cvar_interval_holds_in_two_thousand_studies(case, factor):
    draw, level, n, exact = CVAR_CASES[case]
    held = count(
        lambda x: precision.cvar(x, level),
        lambda rng: draw(rng, factor * n),
        exact,
        2000,
        50 + factor,
    )
    assert limits(2000, 0.94)[0] <= held <= limits(2000, 0.97)[1]


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.95, 0.99])
def test_cvar_interval_of_lognormal_losses_holds_nearly_as_often(level):
    tail = stats.norm.ppf(level)
    exact = math.exp(0.5) * stats.norm.cdf(1 - tail) / (1 - level)
    for m in (20, 100):
        n = round(m / (1 - level))
        held = count(
            lambda x: precision.cvar(x, level),
            lambda rng, n=n: rng.lognormal(size=n),
            exact,
            1000,
            m,
        )
        assert held >= limits(1000, 0.93)[0]


@pytest.mark.slow
def test_standard_error_of_the_renewal_process_falls_with_the_root_of_n():
    repeats, sizes, rng = 200, [100, 400, 1600, 6400, 25_600], np.random.default_rng(720)
    spread = []
    for n in sizes:
        means = [down_days(rng, n).mean() for _ in range(repeats)]
        spread.append(np.std(means, ddof=1))
    slope = np.polyfit(np.log(sizes), np.log(spread), 1)[0]
    assert abs(slope + 0.5) <= 4 * 0.011434127
    assert spread[1] == pytest.approx(7.3128468, rel=4 / math.sqrt(2 * (repeats - 1)))


@pytest.mark.slow
@pytest.mark.parametrize(("n", "coverage"), [(30, 0.939), (100, 0.947), (1000, 0.949)])
def test_student_interval_coverage_at_ten_thousand_studies(n, coverage):
    least, most = limits(10_000, coverage)
    held = count(precision.mean, lambda rng: compound(rng, n), 12.5, 10_000, 1000 + n)
    # published coverages are rounded to three digits
    assert least - 5 <= held <= most + 5
