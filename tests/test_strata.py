"""Rare shocks: half of each block gets one, weighted; the law stays, and every reader knows it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from sampler_case import outage, plan_of
from shipped import SCENARIOS

from sim.api import Study, load
from sim.base.errors import UserError
from sim.base.sections import INDEPENDENT, Sections
from sim.cli import main
from sim.metrics import findings, precision
from sim.metrics.answer import Estimate
from sim.metrics.compare import paired
from sim.metrics.fan import fan
from sim.metrics.statistics import answers, batches
from sim.plots.exceedance import curve
from sim.run import execute, merge, reopen
from sim.run.compare import compare
from sim.run.settling import settled, settled_study
from sim.shocks.kernel.sampling import conditioned
from sim.shocks.rare import any_comes
from sim.shocks.sampler import sample

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
CHANCE = "scenario.hazards.ban.onset.probability"
QUICK = {"run.replications": 512, "run.block": 150, "run.audit": 1, "output.figures": False,
         "output.fan_replications": 128, CHANCE: 0.02}  # fmt: skip
HAZARDS = {
    "a": outage({"rate_per_year": 0.05}, days=20.0),
    "b": outage({"day": 30.0, "probability": 0.04}),
    "c": outage({"after": "b", "probability": 0.5, "delay_days": 3.0}),
    "d": outage({"rate_per_year": [[0.0, 0.0], [100.0, 0.1]]}),
}


def tiny(**changes) -> Study:
    return load(SCENARIO, {**QUICK, **{k.replace("__", "."): v for k, v in changes.items()}})


def losses(rng: np.random.Generator, size: int, blocks: int) -> np.ndarray:
    """Return losses of 40 u² in every second future, stratified by block."""
    half = size // 2
    u = rng.permuted(np.tile(np.arange(half), (blocks, 1)), axis=1) + rng.random((blocks, half))
    out = np.zeros((blocks, size))
    out[:, 1::2] = 40.0 * (u / half) ** 2
    return out.reshape(-1)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "run"
    return tiny().run(folder), folder


# --- what is drawn ------------------------------------------------------------------------------


def test_a_conditioned_number_comes_as_often_as_it_is_given_and_is_uniform_within():
    v = (np.arange(10_000) + 0.5) / 10_000
    for given in (0.0, 0.02, 0.3, 1.0):
        u = np.array([conditioned(x, 0.02, given) for x in v])
        assert np.mean(u < 0.02) == pytest.approx(given, abs=2e-4)
        for part, low, high in ((u[u < 0.02], 0.0, 0.02), (u[u >= 0.02], 0.02, 1.0)):
            if part.size:
                assert part.mean() == pytest.approx((low + high) / 2, rel=1e-3)
                assert low <= part.min() and part.max() < high
    u = np.array([conditioned(x, 0.02, 0.02) for x in v])
    assert u == pytest.approx(v, abs=1e-12)


def test_a_shock_comes_in_every_second_future_and_its_law_stays():
    plan, n = plan_of(HAZARDS), 2**14
    struck = any_comes(plan.rules)
    none = np.exp(-0.05 * 365 / 365) * 0.96 * np.exp(-0.1 * 265 / 365)
    assert struck == pytest.approx(1 - none)
    how = Sections(256, struck)
    tape = sample(plan, 3, np.arange(n), how)
    per_future, weights = np.diff(tape.shock_ptr), how.weights(n)
    assert not per_future[0::2].any() and per_future[1::2].all()
    owner = np.repeat(np.arange(n), per_future)
    counts = {name: np.bincount(owner[tape.shock_hazard == h], minlength=n)
              for h, name in enumerate(plan.hazard_names)}  # fmt: skip
    mean = {"a": 0.05 * 365 / 365, "b": 0.04, "c": 0.02, "d": 0.1 * 265 / 365}
    for name, expected in mean.items():
        by_block = (weights * counts[name]).reshape(-1, 256).mean(axis=1)
        error = by_block.std(ddof=1) / np.sqrt(by_block.size)
        assert abs(by_block.mean() - expected) < 4 * error + 1e-12
    together = np.mean(weights * (counts["a"] > 0) * (counts["b"] > 0))
    assert together == pytest.approx(0.04 * -np.expm1(-0.05 * 365 / 365), rel=0.25)


def test_a_future_is_the_same_alone_and_what_is_not_weighted_keeps_its_draws():
    plan = plan_of(HAZARDS)
    how = Sections(64, any_comes(plan.rules))
    all_of, alone = sample(plan, 3, np.arange(200), how), sample(plan, 3, np.array([131]), how)
    at = slice(all_of.shock_ptr[131], all_of.shock_ptr[132])
    assert (all_of.onset_days[at] == alone.onset_days).all()
    assert (all_of.end_days[at] == alone.end_days).all() and alone.onset_days.size


@pytest.mark.parametrize(
    "more",
    [
        {"e": outage({"day": 10.0})},  # certain
        {"e": outage({"up_days": 900.0, "begin_days": 0.0})},
        {"e": outage({"rate_per_year": 0.1}, copula={"factor": "f", "correlation": 0.5,
                                                     "draws": ["onset"]})},
    ],
)  # fmt: skip
def test_where_a_chance_is_not_known_nothing_is_weighted(more):
    assert any_comes(plan_of(HAZARDS | more).rules) is None


# --- when ---------------------------------------------------------------------------------------


def test_rare_shocks_are_weighted_by_themselves_and_others_when_asked():
    def struck(**changes):
        return settled_study(tiny(**changes), quiet=True).sections.struck

    assert struck() == pytest.approx(0.02)
    assert struck(run__strata="never") is None and struck(run__sampling="plain") is None
    assert struck(run__replications=256) is None  # blocks of 16
    likely = {CHANCE: 0.3}
    assert struck(**likely) is None
    assert struck(**likely, run__strata="always") == pytest.approx(0.3)


def test_strata_that_cannot_be_are_refused():
    with pytest.raises(UserError, match=r"run\.strata: always.*known chance below 1"):
        settled_study(tiny(**{CHANCE: 1.0}, run__strata="always"))
    with pytest.raises(UserError, match=r"run\.strata: always.*512 futures"):
        settled_study(tiny(run__strata="always", run__replications=256))
    with pytest.raises(UserError, match=r"run\.strata: always.*equally likely"):
        settled(tiny(run__strata="always").settings)


# --- statistics ---------------------------------------------------------------------------------


P = 0.02
TRUTH = {"mean": P * 40 / 3, "sd": np.sqrt(P * 320 - (P * 40 / 3) ** 2), "q95": 0.0, "q99": 10.0,
         "cvar95": P * 40 / 3 / 0.05, "cvar99": P * 40 * (1 - 1 / 8) / 3 / 0.01,
         "P(>2)": P * (1 - np.sqrt(1 / 20)), "P(=0)": 1 - P}  # fmt: skip


@pytest.mark.parametrize(("size", "blocks"), [(64, 16), (256, 16)])
def test_known_answers_of_one_in_fifty_lie_in_their_intervals(size, blocks):
    rng, n_study = np.random.default_rng(5), 400
    rows = np.stack([losses(rng, size, blocks) for _ in range(n_study)])
    (batch,) = batches(rows.T, sections=Sections(size, P))
    for statistic, truth in TRUTH.items():
        found = [a for a in answers(batch, statistic) if isinstance(a, Estimate)]
        held = np.mean([a.low - 1e-9 <= truth <= a.high + 1e-9 for a in found])
        assert len(found) == n_study and held >= 0.93 - 2 * np.sqrt(0.93 * 0.07 / n_study)
        values = np.array([a.value for a in found])
        assert values.mean() == pytest.approx(truth, rel=0.02, abs=1e-9)


def test_weights_of_one_are_no_weights():
    rng = np.random.default_rng(2)
    x, y = rng.gamma(2.0, size=4096), 30.0 + rng.random(4096)
    some, plain = Sections(256, 0.5), Sections(256)
    assert (some.weights(4096) == 1.0).all()
    for statistic in ("mean", "sd", "q50", "q95", "var95", "cvar90", "P(>0.05)", "P(=0)"):
        (one,), (two,) = (answers(next(batches(x[:, None], sections=s)), statistic)
                          for s in (some, plain))  # fmt: skip
        assert one.value == pytest.approx(two.value, rel=1e-3)
        if statistic == "mean":
            assert one[1:3] == pytest.approx(two[1:3], rel=1e-9)
    one, two = (precision.ratio(x, y, sections=s) for s in (some, plain))
    assert one[:3] == pytest.approx(two[:3], rel=1e-9)
    one, two = (paired(x, 0.9 * x, sections=s) for s in (some, plain))
    assert one.difference[:3] == pytest.approx(two.difference[:3], rel=1e-9)
    assert one.cvar_difference[:3] == pytest.approx(two.cvar_difference[:3], rel=1e-9)
    assert one.variance_ratio[:3] == pytest.approx(two.variance_ratio[:3], rel=1e-9)
    assert findings.tail(x, 0.05, some)[:3] == findings.tail(x, 0.05, plain)[:3]
    fans = [fan(x[None, None], sections=s, bounds=precision.Bounds()) for s in (some, plain)]
    for name in ("share", "mean", "mean_low", "mean_high"):
        assert getattr(fans[0], name) == pytest.approx(getattr(fans[1], name), rel=1e-9)
    assert curve(x, (), some)[1] == pytest.approx(curve(x, (), plain)[1], rel=1e-9)


def test_what_was_never_seen_keeps_an_upper_limit_and_one_block_says_nothing():
    none = precision.mean(np.zeros(1024), bounds=precision.Bounds(0.0, 5.0, 5.0),
                          sections=Sections(64, P))  # fmt: skip
    assert none.value == 0.0 and 0.01 < none.high < 0.05
    never = precision.chance(np.zeros(1024, bool), sections=Sections(64, P))
    assert never.value == 0.0 and 3.0 / 1024 < never.high < 10.0 / 1024
    assert not isinstance(precision.mean(np.arange(64.0), sections=Sections(64, P)), Estimate)


# --- runs ---------------------------------------------------------------------------------------


def test_a_run_tells_weighted_numbers_and_keeps_the_weights(made):
    data, folder = made
    assert data.sections.struck == pytest.approx(0.02)
    short = data.of("shortfall_t", "total", "all")
    assert not short[0::2].any() and (short[1::2] > 0).mean() > 0.5
    row = next(
        r
        for r in data.summary
        if (r["kind"], r["measure"], r["statistic"]) == ("total", "shortfall_t", "mean")
    )
    assert row["value"] == pytest.approx(np.mean(short * data.weights))
    weight = pq.read_table(folder / "replications.parquet")["weight"].to_numpy()
    assert weight == pytest.approx(data.weights, rel=1e-6)
    assert (folder / "manifest.json").read_text().count("struck") == 1
    assert data.fan.mean.max() < 0.02 and data.parted is None
    plain = tiny(run__strata="never").compute(np.arange(512), np.zeros(1, np.uint8))
    assert data.fan is not None and plain is not None


def test_one_in_fifty_needs_far_fewer_futures():
    study, size, blocks = tiny(), 64, 48
    spread = {}
    for how in (INDEPENDENT, Sections(size, study.struck)):
        tape = sample(study.hazards, 11, np.arange(size * blocks), how)
        loss = study.shortfalls(tape, np.zeros(1, np.uint8))[:, -1] * how.weights(size * blocks)
        spread[how] = loss.reshape(blocks, size).mean(axis=1).var(ddof=1)
    assert spread[INDEPENDENT] >= 4 * 2 * spread[how]  # the factor 2: what 48 blocks leave open


def test_extension_shards_engines_and_replay_keep_the_bits(made, tmp_path):
    data, folder = made
    short = data.of("shortfall_t", "total", "all")
    more = tiny(run__replications=1024, run__workers=1).run(tmp_path / "more")
    assert more.sections.size == 64 and data.sections.size == 32
    first = tiny().run(tmp_path / "grown")
    grown = tiny(run__replications=1024).run(tmp_path / "grown")
    assert grown.sections == first.sections
    assert (grown.of("shortfall_t")[:512] == short).all()
    for i in (2, 1):
        execute.run_shard(tiny(run__shard=f"{i}/2"), tmp_path / "shards")
    merge.merge([tmp_path / "shards"])
    study, again = reopen.open_run(tmp_path / "shards")
    assert (again.of("shortfall_t") == short).all() and again.sections == data.sections
    said = [json.loads((f / "manifest.json").read_text()) for f in (folder, tmp_path / "shards")]
    assert said[0]["replications_digest"] == said[1]["replications_digest"]
    alone = study.compute(np.array([123]), np.zeros(1, np.uint8))
    assert alone["m.shortfall_t"][0, -1] == short[123]
    simpy = study.change({"run.engine": "simpy"}).compute(np.arange(4), np.zeros(1, np.uint8))
    assert (simpy["m.shortfall_t"][:, -1] == short[:4]).all()


def test_runs_are_paired_by_weight_or_refused(made, tmp_path):
    _, folder = made
    tiny(scenario__hazards__ban__severity__alpha=3.0).run(tmp_path / "harder")
    rows = compare([folder, tmp_path / "harder"], tmp_path / "compare")[1]
    mean = next(r for r in rows if r["statistic"] == "mean_difference" and r["kind"] == "total")
    assert mean["low"] > 0 and mean["value"] < 5.0 * (mean["high"] - mean["low"]) * 100
    tiny(**{CHANCE: 0.03}).run(tmp_path / "likelier")
    with pytest.raises(UserError, match=r"run\.strata=never"):
        compare([folder, tmp_path / "likelier"], tmp_path / "compare")


def test_another_choice_of_strata_is_another_run(made):
    with pytest.raises(UserError, match=r"run\.strata"):
        tiny(run__strata="never").run(made[1])


def test_readers_that_take_futures_for_equally_likely_refuse(made, tmp_path, capsys):
    from sim.run.plot_runs import draw_compared
    from sim.run.plotting import Wanted

    two = [made[1], Path(shutil.copytree(made[1], tmp_path / "other"))]
    with pytest.raises(UserError, match=r"run\.strata: always.*run\.strata=never"):
        draw_compared(two, Wanted(figures=("compare",)))
    assert main(["drivers", str(made[1])]) == 2
    assert "run.strata=never" in capsys.readouterr().err


def test_a_briefing_and_a_plot_count_futures_by_their_weights(made):
    from sim.brief.content import brief_of
    from sim.brief.read import read
    from sim.run.plotting import Wanted, draw_wanted

    data, folder = made
    brief = brief_of(read([folder], "en"), [], "en")
    share = findings.linear_column(data, data.index("total", "all"))
    truth = 100 * np.mean(share * data.weights)
    assert truth < 0.1 * 100 * share.mean()  # weights matter
    assert brief.provenance and any("weight" in value for _, told in brief.provenance
                                    for value in told)  # fmt: skip
    tails = dict(brief.tails.chances)
    assert tails["1 future in 100"] > 0 == tails.get("1 future in 20", 0)
    files = draw_wanted(folder, Wanted(figures=("exceedance",), measure="tonnes"))
    table = next(f for f in files if f.suffix == ".csv").read_text().splitlines()
    first = dict(zip(table[0].split(","), table[1].split(","), strict=True))
    japan = np.asarray(data.of("shortfall_t", "region", first["region"]))
    assert float(first["chance"]) == pytest.approx(np.mean((japan > 0) * data.weights), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_no_shipped_scenario_is_weighted(name):
    assert not settled_study(load(name), quiet=True).sections.weighted
