"""Ranking: values worked by hand, pairing, combination, what survives an interruption."""

from __future__ import annotations

import math
from collections.abc import Sequence

import by_hand as hand
import numpy as np
import pytest

from sim.advice.avoided import sure, worth
from sim.advice.candidates import (
    Candidate,
    chosen,
    policy_candidates,
    project_candidates,
    reserve_candidates,
)
from sim.advice.greedy import greedy
from sim.advice.judged import SHORTFALL
from sim.advice.rank_projects import Wish, advise
from sim.advice.ranking import Single, rank_rows, try_alone
from sim.advice.trial import Bench
from sim.advice.whose_loss import Yardstick, yardstick
from sim.base.errors import UserError
from sim.config.settings import Policy, Run, Scenario, Settings
from sim.metrics.answer import Estimate, Refused
from sim.network.load import read_network
from sim.run.case import Study

ONSET, BAN, HORIZON = 50, 30, 120


def network() -> hand.Map:
    """China sells all; a mine abroad may open on day 0 and take half; another is no use to anybody.

    The user holds nothing, so that of a ban of 30 days everything is short, or half of it.
    """
    lanes = {"china": hand.lane(), "abroad": hand.lane(0.0)}
    feeds = {"ore": hand.feed(lanes, cover_days=0.0)}
    dig = {"site": "abroad", "capacity": 50, "start": 0, "probability": 0.5, "title": "Dig",
           "offtake": {"user": {"share": 0.5}}, "cost_usd": 1_000}  # fmt: skip
    moon = {"site": "nowhere", "capacity": 10, "start": 0, "probability": 0.5}
    mapping = hand.network(
        {"dig": dig, "moon": moon},
        china=hand.mine(100), abroad=hand.mine(0, country="AUS"),
        nowhere=hand.mine(0, country="BRA"), user=hand.user(100, feeds),
    )  # fmt: skip
    mapping["products"]["good"]["value_usd_per_t"] = 3.0
    return mapping


def settings(n: int = 40, mapping: hand.Map | None = None, **hazard: object) -> Settings:
    ban = {
        "onset": {"day": ONSET}, "duration_days": BAN, "severity": 1.0,
        "effects": {"ore": {"kind": "control", "type": "ban", "origin": {"country": "CHN"}}},
        **hazard,
    }  # fmt: skip
    scenario = {"title": "A ban", "name": "ban", "start": "2025-01-01", "horizon_days": HORIZON,
                "step_days": 1, "network": "by_hand", "hazards": {"ban": ban}}  # fmt: skip
    return Settings(
        network=read_network(mapping or network()),
        scenario=Scenario.model_validate(scenario),
        policy=Policy(title="none", name="none"),
        run=Run(replications=n, audit=1, seed=7),
    )


def bench(folder, made: Settings | None = None, **options) -> Bench:
    made = made or settings()

    def settings_with(policies: Sequence[str]) -> Settings:
        assert not policies
        return made

    return Bench(settings_with, folder, **options)


def named(candidates: Sequence[Candidate], name: str) -> Candidate:
    return next(c for c in candidates if c.name == name)


FULL = 100.0 * BAN
"""Short when only China sells: what is barred for 30 days, a day later."""


def test_support_is_worth_half_the_loss_where_the_project_would_have_failed(tmp_path):
    place = bench(tmp_path)
    study = place.study([])
    n = study.settings.run.replications
    base = place.shortfalls(study, n)
    fails = np.isinf(
        study.tape(np.arange(n)).project_start_days[study.compiled.labels.project.index("dig")]
    )
    assert 0 < fails.sum() < n
    assert base[:, 0] == pytest.approx(np.where(fails, FULL, FULL / 2))
    dig = named(project_candidates(study.settings.network), "dig")
    (single,) = try_alone(place, [dig], base)
    measure = yardstick(study.settings.network, study.compiled, ["JPN"])
    (row,) = rank_rows([single], base, measure)
    assert row["avoided_mean"] == pytest.approx(FULL / 2 * fails.mean())
    assert row["avoided_mean_low"] < row["avoided_mean"] < row["avoided_mean_high"]
    # Against not having it at all, every future gains the same half
    assert row["against_none_mean"] == pytest.approx(FULL / 2)
    assert row["against_none_mean_high"] - row["against_none_mean_low"] == pytest.approx(
        0, abs=1e-6
    )
    assert row["p_helps"] == pytest.approx(fails.mean())
    assert row["p_harms"] == 0.0
    assert row["avoided_value_usd"] == pytest.approx(3 * row["avoided_mean"])
    assert row["value_per_usd"] == pytest.approx(3 * row["avoided_mean"] / 1_000)


def test_size_is_per_tonne_of_capacity_or_of_stock(tmp_path):
    place = bench(tmp_path)
    study = place.study([])
    base = place.shortfalls(study, 8)
    dig = named(project_candidates(study.settings.network), "dig")
    (reserve,) = reserve_candidates(study.settings.network, study.compiled, ["JPN"], 9.0)
    measure = yardstick(study.settings.network, study.compiled, [])
    rows = rank_rows(try_alone(place, [dig, reserve], base), base, measure)
    found = {r["name"]: r for r in rows}
    assert (dig.size_t, dig.size_of) == (50.0 * 365, "ore")  # a year's
    assert found["dig"]["avoided_per_t"] == pytest.approx(found["dig"]["avoided_mean"] / 18_250)
    assert (reserve.size_t, reserve.size_of) == (900.0, "ore in stock")
    assert math.isnan(found["reserve_jpn_ore"]["value_per_usd"])  # ore has no price here


def test_a_reserve_is_not_asked_on_a_normal_day_and_gives_all_it_holds_when_it_is(tmp_path):
    mapping = network()
    mapping["sites"]["user"]["feeds"]["ore"]["cover_days"] = 12.0
    mapping["projects"] = {}
    made = settings(3, mapping, duration_days=60)
    place = bench(tmp_path, made)
    (reserve,) = reserve_candidates(made.network, place.study([]).compiled, ["JPN"], 9.0)
    (site,) = reserve.overlay["sites"].values()
    assert site["trigger_days"] == 6.0  # half the cover
    study = place.study([reserve])
    flow = study.flow(study.tape(np.arange(3)))
    assert flow.released[:ONSET].sum() == 0.0
    assert flow.released[:, 0].sum(axis=0) == pytest.approx(900)
    base, with_it = (place.shortfalls(s, 3) for s in (place.study([]), study))
    assert base - with_it == pytest.approx(900)


def test_candidates_meet_the_same_shocks(tmp_path):
    made = settings(
        duration_days={"median": 20, "sigma": 0.7}, severity={"min": 0.2, "mode": 0.5, "max": 1}
    )
    place = bench(tmp_path, made)
    candidates = [
        *project_candidates(made.network),
        *reserve_candidates(made.network, place.study([]).compiled, ["JPN"], 20.0),
    ]
    plain = place.study([]).tape(np.arange(30))
    assert np.unique(plain.point_value).size > 20
    for study in [*(place.study([c]) for c in candidates), place.study([], candidates[:1])]:
        tape = study.tape(np.arange(30))
        for name in plain._fields:
            if name != "project_start_days":
                assert np.array_equal(getattr(plain, name), getattr(tape, name)), name


def test_a_bundle_is_one_candidate_and_counts_its_last_stage_only():
    ore = {"ore": hand.feed({"pit": hand.lane()})}
    metal = {"metal": hand.feed({"works": hand.lane()})}
    base = {"start": 0, "probability": 0.5, "bundle": "valley"}
    mapping = hand.network(
        {"a_pit": {"site": "pit", "capacity": 30, "cost_usd": 4.0, **base},
         "b_works": {"site": "works", "capacity": 20, "cost_usd": 6.0, **base}},
        pit=hand.mine(10), works=hand.refiner(10, "metal", ore), user=hand.user(10, metal),
    )  # fmt: skip
    (valley,) = project_candidates(read_network(mapping))
    told = valley.name, valley.size_t, valley.size_of, valley.cost_usd
    assert told == ("valley", 20 * 365, "metal", 10)  # the mine's tonnes are in the works'
    assert set(valley.overlay["projects"]) == {"a_pit", "b_works"}


def test_policies_in_force_are_no_candidates():
    titles = {"none": "No policy", "msp": "MSP", "pool": "Pool"}
    assert [c.name for c in policy_candidates(titles, ["msp"])] == ["pool"]


def test_what_does_not_fit_is_told_and_does_not_stop_the_rest(tmp_path):
    place = bench(tmp_path)
    base = place.shortfalls(place.study([]), 4)
    wrong = Candidate("wrong", "reserve", "?", overlay={"sites": {"user": {"demand": -1}}})
    other = Candidate("other", "reserve", "?", overlay={"sites": {"more": hand.user(1, {
        "ore": {"lanes": {"abroad": {"share": 1}}}})}})  # fmt: skip
    dig = named(project_candidates(place.study([]).settings.network), "dig")
    singles = try_alone(place, [wrong, dig, other], base)
    measure = yardstick(place.study([]).settings.network, place.study([]).compiled, [])
    rows = rank_rows(singles, base, measure)
    assert [r["name"] for r in rows] == ["dig", "wrong", "other"]
    assert "must be 0 or more" in rows[1]["note"]
    assert "not tried" in rows[2]["note"]


# --- statistics ----------------------------------------------------------------------------------


def one_user() -> Yardstick:
    return Yardstick((), np.array([True]), "t", np.ones(1), np.full(1, np.nan))


def test_the_interval_of_a_paired_gain_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(5)
    n, studies, held = 60, 600, 0
    for _ in range(studies):
        shock = rng.gamma(2.0, 50.0, n)  # what both meet; without pairing it would drown the gain
        answer = worth(shock, shock - 3.0 + rng.normal(0, 2.0, n), tail=False).mean
        assert isinstance(answer, Estimate)
        held += answer.low <= 3.0 <= answer.high
    assert abs(held / studies - 0.95) < 4 * math.sqrt(0.95 * 0.05 / studies)


def test_a_gain_and_its_reverse_mirror_each_other():
    rng = np.random.default_rng(6)
    a = rng.gamma(2.0, 5.0, 500)
    b = 0.7 * a
    there, back = worth(a, b), worth(b, a)
    assert there.mean.value == pytest.approx(-back.mean.value)
    assert there.cvar.value == pytest.approx(-back.cvar.value)
    assert there.cvar.value == pytest.approx(0.3 * a[a >= np.quantile(a, 0.95)].mean(), rel=0.02)
    assert (there.helps.value, there.harms.value) == (1.0, 0.0)


def test_sure_of_many_asks_more_than_sure_of_one():
    rng = np.random.default_rng(8)
    base = rng.normal(100, 1, 50)
    with_it = base - rng.normal(0.3, 1, 50)
    answer = worth(base, with_it, tail=False).mean
    assert isinstance(answer, Estimate) and answer.low > 0
    assert sure(base, with_it, 1)
    assert not sure(base, with_it, 1000)


@pytest.mark.parametrize("by", ["mean", "cvar"])
def test_a_rank_is_claimed_only_where_the_paired_difference_carries_it(by):
    rng = np.random.default_rng(4)
    base = rng.gamma(4.0, 10.0, (1000, 1))
    keeps = {"best": 0.2 * base, "alike": 0.5 * base, "twin": 0.5 * base, "idle": base}
    if by == "mean":  # apart in the mean, by chance alone
        keeps["twin"] = keeps["alike"] + rng.normal(0, 5, base.shape)
    singles = [Single(Candidate(name, "project", name), loss) for name, loss in keeps.items()]
    rows = rank_rows(singles, base, one_user(), by)
    assert [r["name"] for r in rows if r["name"] not in ("alike", "twin")] == ["best", "idle"]
    assert [r["above_next"] for r in rows] == ["yes", "no", "yes", "yes"]


def test_the_best_of_many_that_do_nothing_is_seldom_taken():
    """Chosen and measured on the same futures it would be taken in 40 % of the trials."""
    rng = np.random.default_rng(9)
    candidates = [Candidate(f"c{x:02d}", "project", "") for x in range(20)]
    trials, taken = 300, 0
    for _ in range(trials):
        base = rng.normal(100, 10, (80, 1))
        alone = {c.name: base + rng.normal(0, 1, (80, 1)) for c in candidates}
        (step,) = greedy(None, candidates, alone, base, one_user(), 1)  # type: ignore[arg-type]
        taken += step.taken
    assert taken / trials < 0.025 + 4 * math.sqrt(0.025 * 0.975 / trials)


# --- combination ---------------------------------------------------------------------------------


class Sums:
    """A bench on which gains add up, but for what they share."""

    def __init__(self, base: np.ndarray, gains: dict[str, set[int]]):
        self.base, self.gains = base, gains

    def study(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        return list(candidates)

    def shortfalls(self, candidates: list[Candidate], n: int) -> np.ndarray:
        covered = set().union(*(self.gains[c.name] for c in candidates))
        return self.base[:n] * (1 - len(covered) / 10)

    def tried(self, trials, n: int) -> list[np.ndarray]:
        return [self.shortfalls(list(done), n) for done, _ in trials]


def test_the_combination_takes_what_adds_most_to_what_is_there_and_stops_at_nothing():
    base = np.random.default_rng(3).gamma(4.0, 10.0, (100, 1))
    gains = {"big": {0, 1, 2, 3}, "alike": {0, 1, 2}, "small": {7, 8}, "idle": set()}
    place = Sums(base, gains)
    candidates = [Candidate(name, "project", name) for name in gains]
    alone = {c.name: place.shortfalls([c], 100) for c in candidates}
    steps = greedy(place, candidates, alone, base, one_user(), 4)  # type: ignore[arg-type]
    # big, then small (2 more) although alike alone is worth more; then nothing adds: first by name
    assert [s.candidate.name for s in steps] == ["big", "small", "alike"]
    assert [s.taken for s in steps] == [True, True, False]
    assert steps[1].gain.value == pytest.approx(0.2 * base[50:].mean())
    assert steps[1].total.value == pytest.approx(0.6 * base[50:].mean())
    assert steps[2].gain.value == pytest.approx(0.0, abs=1e-9)
    assert isinstance(steps[0].value_usd, Refused)


def test_a_real_combination_ends_where_the_last_project_gives_nothing(tmp_path):
    made = settings(60)
    advice = advise(lambda _: made, Wish(("JPN",), "projects", steps=3), tmp_path)
    assert [r["name"] for r in advice.rows] == ["dig", "moon"]
    assert [(s["name"], s["taken"]) for s in advice.steps] == [("dig", "yes"), ("moon", "no")]
    assert advice.rows[1]["avoided_mean"] == 0.0


# --- the whole -----------------------------------------------------------------------------------


def test_a_ranking_has_the_same_bytes_with_any_number_of_threads_and_when_it_goes_on(
    tmp_path, monkeypatch
):
    made = settings(150)
    wish = Wish((), "all", steps=2, reserve_days=60)
    for folder, workers in (("one", 1), ("two", 2)):
        advise(lambda _: made, wish, tmp_path / folder, workers=workers)
    names = ("ranking.csv", "combination.csv", "question.json", "figures/ranking.png")
    first = [(tmp_path / "one" / name).read_bytes() for name in names]
    assert first == [(tmp_path / "two" / name).read_bytes() for name in names]

    def refuse(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr(Study, "shortfalls", refuse)
    advise(lambda _: made, wish, tmp_path / "two")
    assert first == [(tmp_path / "two" / name).read_bytes() for name in names]


def test_more_replications_keep_the_first_ones(tmp_path):
    place = bench(tmp_path)
    study = place.study([])
    few, many = place.shortfalls(study, 30), place.shortfalls(study, 300)
    assert np.array_equal(few, many[:30])
    assert np.array_equal(many, bench(tmp_path / "new").shortfalls(study, 300))


def test_what_is_finished_outlives_an_interruption(tmp_path):
    done = []

    def interrupt(n: int) -> None:
        done.append(n)
        if len(done) == 2:
            raise KeyboardInterrupt

    place = bench(tmp_path, settings(400), tick=interrupt)
    with pytest.raises(KeyboardInterrupt):
        place.shortfalls(place.study([]), 400)
    assert len(list(tmp_path.rglob("block-*"))) >= 2


def test_the_kept_shortfalls_are_what_the_simpy_model_gives(tmp_path):
    from sim.base.errors import AuditFailure
    from sim.results.blocks import Origin, block_path, read_block, read_header, write_block

    place = bench(tmp_path)
    study = place.study([])
    place.check(study, 5)
    (folder,) = (tmp_path / "work").iterdir()
    block = read_block(folder, 0)
    assert block is not None
    origin = Origin(read_header(block_path(folder, 0)).plan)
    write_block(folder, 0, block | {SHORTFALL: block[SHORTFALL] + 1}, origin)
    with pytest.raises(AuditFailure, match="stored shortfall_t"):
        place.check(study, 5)


def test_unknown_words_are_answered_with_the_nearest():
    candidates = [Candidate("dig", "project", ""), Candidate("msp", "policy", "")]
    with pytest.raises(UserError, match="did you mean 'projects'"):
        chosen(candidates, "project")
    with pytest.raises(UserError, match="leaves nothing"):
        chosen(candidates, "reserves")
    assert [c.name for c in chosen(candidates, "dig,policies")] == ["dig", "msp"]


def test_single_is_the_base_where_nothing_is_taken_away():
    base = np.full((4, 1), 5.0)
    single = Single(Candidate("x", "policy", ""), base - 2)
    (row,) = rank_rows([single], base, one_user())
    assert row["avoided_mean"] == row["against_none_mean"] == 2.0
    assert math.isnan(row["avoided_value_usd"])
