"""Every claim of a headline, read back from its sentence and checked against the run's tables.

Nothing of the code that makes the sentences is used: who a name means comes from the views, means
from ``summary.csv``, chances and paired differences from the columns, whether a hazard came from
the tape.
"""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import numpy as np
import plots_case as case
import pytest
from scipy import stats

from sim.api import load
from sim.base.paths import data_dir
from sim.plots.headlines import Headlines
from sim.plots.words import the
from sim.run.report_words import head

QUICK = ("china_ree_controls_2025_10", "china_gallium_germanium_2023", "drc_cobalt_quota")
ALL = sorted(path.stem for path in data_dir("scenarios").glob("*.yaml"))
CHANCES = {"ten": 0.1, "twenty": 0.05, "a hundred": 0.01}
SAFE = {"nine futures of ten": 0.9, "19 futures of 20": 0.95, "99 futures of 100": 0.99}


class Run:
    """A run's tables, and its sentences."""

    def __init__(self, study, data) -> None:
        self.study, self.data = study, data
        users = [s for s in study.settings.network.sites.values() if s.kind == "end_user"]
        products = study.settings.network.products
        values = {u.value_usd_per_t or products[u.product].value_usd_per_t for u in users}
        self.kind = "region" if len(values) == 1 else "user"
        self.columns = {self.name(v): x for x, v in enumerate(data.views) if v.kind == self.kind}
        self.short = {
            n: np.asarray(data.table["shortfall_t"][:, x]) for n, x in self.columns.items()
        }
        self.want = {n: np.asarray(data.table["wanted_t"][:, x]) for n, x in self.columns.items()}
        self.share = {n: _over(self.short[n], self.want[n]) for n in self.columns}
        self.joint = np.max(list(self.share.values()), axis=0)
        with (data.folder / "summary.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.summary = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in rows}

    def name(self, view) -> str:
        return the(view.name) if view.kind == "region" else view.title

    def mean(self, name: str) -> float:
        view = self.data.views[self.columns[name]]
        return float(self.summary[view.kind, view.name, "shortfall_share", "ratio"]["value"])

    def standard_errors(self, one: str, other: str) -> float:
        """By how many standard errors the mean share of one place lies above another's."""
        a, b = (
            (self.short[n] - self.short[n].mean() / self.want[n].mean() * self.want[n])
            / self.want[n].mean()
            for n in (one, other)
        )
        error = float(np.std(a - b, ddof=1)) / math.sqrt(a.size)
        difference = self.mean(one) - self.mean(other)
        return difference / error if error > 0 else math.copysign(math.inf, difference)


def _over(short, want):
    return np.divide(short, want, out=np.zeros_like(short), where=want > 0)


def check_main(run: Run, said: str) -> None:
    if nobody := re.fullmatch(r"Nobody runs short in any of ([\d,]+) futures? \(95 % sure: the "
                              r"chance of it is at most ([\d.]+) %\)", said):  # fmt: skip
        bound = stats.binomtest(0, run.data.n).proportion_ci(0.95, "exact").high
        assert run.joint.max() == 0
        assert int(nobody[1].replace(",", "")) == run.data.n
        assert bound <= float(nobody[2]) / 100 < bound + 0.011
        return
    if said == f"{run.data.n:,} futures: too few to say who is hit hardest":
        highest = max(run.short, key=run.mean)
        rare = run.share[highest]
        assert rare.mean() < 3.5 * rare.std(ddof=1) / math.sqrt(rare.size)
        return
    if alike := re.fullmatch(r"All (\d+) are hit alike, (.*) short on average over .*", said):
        assert int(alike[1]) == len(run.columns)
        return
    found = re.fullmatch(r"Hardest hit(?: \((\d+) that cannot be told apart\))?: (.*), "
                         r"((?:less than 1 %|[\d.]+ %)(?: to [\d.]+ %)?) short on average over .*",
                         said)  # fmt: skip
    assert found, said
    named = [n for n in found[2].split("; ") if not re.fullmatch(r"\d+ more", n)]
    more = sum(int(m) for m in re.findall(r"; (\d+) more$", found[2]))
    assert len(named) + more == int(found[1] or 1)
    means = {n: run.mean(n) for n in run.columns}
    leader = named[0]
    assert means[leader] == pytest.approx(max(means.values()), rel=1e-9)
    told = found[3].split(" to ")
    check_share(told[-1], means[leader])
    gaps = {n: run.standard_errors(leader, n) for n in run.columns if n != leader}
    assert all(gaps[n] < 3.5 for n in named[1:]), gaps
    if not more:
        check_share(told[0], min(means[n] for n in named))
        assert all(z > 1.5 for n, z in gaps.items() if n not in named), gaps
    else:
        assert sum(z < 1.5 for z in gaps.values()) <= len(named) + more
        assert len(named) + more <= 1 + sum(z < 3.5 for z in gaps.values())


def check_share(told: str, share: float) -> None:
    if told.startswith("less than 1"):
        assert 0 < share < 0.01
        return
    number = float(told.removesuffix(" %"))
    assert abs(number - 100 * share) <= (0.5 if number >= 10 else 0.05) + 1e-9


def check_how_bad(run: Run, said: str) -> None:
    n = run.data.n
    if said == f"{n:,} futures: too few to say how bad it gets":
        return
    if safe := re.fullmatch(r"In (.*) or more nobody is more than 1 % short over .*", said):
        assert np.mean(run.joint <= 0.01) >= SAFE[safe[1]]
        return
    found = re.fullmatch(
        r"(One chance in (?:ten|twenty|a hundred)|A chance of [\d.]+ %|In every one of [\d,]+ "
        r"futures):? (.*) is more than ([\d.]+) % short over [^(]*(?:\(95 % sure: in at least "
        r"([\d.]+) % of all\))?", said,
    )  # fmt: skip
    assert found, said
    share = run.joint if found[2] == "somebody" else run.share[found[2]]
    above = np.mean(share > float(found[3]) / 100)
    if found[1].startswith("In every"):
        low = stats.binomtest(n, n).proportion_ci(0.95, "exact").low
        assert above == 1
        assert low - 0.01 < float(found[4]) / 100 <= low
        return
    told = CHANCES.get(found[1].removeprefix("One chance in "))
    if told is None:
        told = float(re.search(r"[\d.]+", found[1])[0]) / 100
    assert told <= above <= 1.6 * told
    assert above < 1


def check_how_likely(run: Run, said: str) -> None:
    count, n = int(np.sum(run.joint > 0.05 * (1 + 1e-9))), run.data.n
    assert "more than 5 % short" in said
    limits = stats.binomtest(count, n).proportion_ci(0.95, "exact")
    singles = [
        float(run.summary[run.kind, run.data.views[x].name, "shortfall_share", "P(>0.05)"]["value"])
        for x in run.columns.values()
    ]
    assert max(singles) <= count / n + 1e-9
    if count in (0, n):
        assert said.startswith("In none of" if count == 0 else "In every one of")
        told = float(re.search(r"(?:at most|at least) ([\d.]+) %", said)[1]) / 100
        assert limits.high <= told < limits.high + 0.011 if count == 0 else told <= limits.low
        return
    told, low, high = re.fullmatch(
        r"Chance that .*: (less than 1 %|more than 99 %|[\d.]+ %) \(95 %: ([\d.]+) to ([\d.]+)\)",
        said,
    ).groups()
    assert (float(low), float(high)) == pytest.approx(
        (100 * limits.low, 100 * limits.high), abs=0.051
    )
    if told.startswith("more"):
        assert count / n > 0.99
    else:
        assert count > 0
        assert count / n < 0.01 if told.startswith("less") else True
        if not told.startswith("less"):
            assert abs(float(told[:-2]) - 100 * count / n) <= 0.5


def check_if(run: Run, said: str) -> None:
    title, count, place, with_it, without = re.fullmatch(
        r"If \u201c(.*)\u201d comes \(([\d,]+) of [\d,]+ futures\), (.*) is (.*) short on average; "
        r"without it (.*)", said,
    ).groups()  # fmt: skip
    hazards = run.study.settings.scenario.hazards
    (name,) = (k for k, h in hazards.items() if h.title == title and h.onset.probability < 1)
    tape = run.study.tape(np.arange(run.data.n, dtype=np.int64))
    names = [n.split("/")[0] for n in run.study.hazards.hazard_names]
    came = np.array([
        any(names[tape.shock_hazard[m]] == name and not tape.called_off[m]
            for m in range(tape.shock_ptr[j], tape.shock_ptr[j + 1]))
        for j in range(run.data.n)
    ])  # fmt: skip
    assert int(count.replace(",", "")) == came.sum()
    for told, chosen in ((with_it, came), (without, ~came)):
        share = run.short[place][chosen].sum() / run.want[place][chosen].sum()
        assert share == 0 if told == "not at all" else True
        if told != "not at all":
            check_share(told, share)


def check(name: str, n: int, folder: Path) -> None:
    study = load(name, {"run.replications": n, "run.audit": 0, "run.sampling": "plain",
                        "output.figures": False, "output.fan_replications": 50})  # fmt: skip
    run = Run(study, study.run(folder))
    said = Headlines(run.data).all
    check_main(run, said[0])
    for sentence in said:
        assert sentence in head(study.settings, run.data).replace("&quot;", '"').replace(
            "&#x27;", "'"
        ).replace("&amp;", "&")
    if run.joint.max() == 0:
        return
    check_how_bad(run, said[1])
    check_how_likely(run, said[2])
    for sentence in said[3:]:
        check_if(run, sentence)
    unsure = [h for h in study.settings.scenario.hazards.values() if 0 < h.onset.probability < 1]
    assert len(said) - 3 <= len(unsure)
    assert all(
        f"assumed chance {100 * h.onset.probability:g} %" in " ".join(run.data.meta["assumed"])
        for h in unsure
        if h.onset.rate_per_year is None
    )


@pytest.mark.parametrize("name", QUICK)
def test_every_claim_of_a_headline_holds_in_the_tables(name, tmp_path):
    check(name, 200, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_every_claim_holds_in_every_shipped_scenario(name, tmp_path):
    check(name, 300, tmp_path)


# --- by hand -----------------------------------------------------------------------------------


def made(shares: dict[str, np.ndarray], **other):
    """A run with the given horizon shares by region."""
    users = {f"{region.lower()}_x": (region, "x") for region in shares}
    data = case.run_data(n=len(next(iter(shares.values()))), n_period=52, users=users)
    for x, view in enumerate(data.views):
        if view.kind in ("user", "region"):
            own = shares[view.name.split("_")[0].upper()]
            data.table["shortfall_t"][:, x] = own * data.table["wanted_t"][:, x]
    return case.replace(data, **other)


def test_places_that_the_pairs_do_not_tell_apart_are_named_together():
    rng = np.random.Generator(np.random.Philox(5))
    common = rng.random(400)
    a, b, c = common * 0.2, common * 0.2 + rng.normal(0, 1e-3, 400) * common, common * 0.19
    said = Headlines(made({"JPN": a, "EU": np.clip(b, 0, 1), "KOR": c})).main
    assert "2 that cannot be told apart" in said
    assert "Japan" in said
    assert "the European Union" in said
    assert "Korea" not in said


def test_a_pair_tells_apart_what_two_intervals_would_not():
    common = np.random.Generator(np.random.Philox(6)).random(400)
    said = Headlines(made({"JPN": common * 0.200, "EU": common * 0.199})).main
    assert said.startswith("Hardest hit: Japan, ")


def test_certainty_is_told_as_that_with_its_bound():
    share = np.linspace(0.453, 0.468, 400)
    said = Headlines(made({"KOR": share, "JPN": 0.1 * share})).how_bad
    assert said.startswith("In every one of 400 futures South Korea is more than 45 % short")
    assert "(95 % sure: in at least 99 % of all)" in said


def test_a_share_below_one_per_cent_is_told_as_less_than_one():
    share = np.linspace(0, 0.004, 400)
    data = made({"JPN": share, "EU": 0.5 * share})
    assert (
        Headlines(data).main == "Hardest hit: Japan, less than 1 % short on average over the year"
    )
    assert Headlines(data).how_bad.startswith(
        "In 99 futures of 100 or more nobody is more than 1 %"
    )


def test_nobody_means_nobody_at_once_and_not_each_by_itself():
    rng = np.arange(400)
    shares = {r: np.where(rng % 10 == x, 0.2, 0.0) for x, r in enumerate(("JPN", "USA", "EU"))}
    said = Headlines(made(shares)).how_likely
    assert "at least one region is more than 5 % short" in said
    assert ": 30 % (" in said


def test_more_than_is_rounded_down_and_holds_with_an_atom_at_the_quantile():
    share = np.r_[np.zeros(300), np.full(100, 0.12)]
    said = Headlines(made({"JPN": share, "EU": 0.5 * share})).how_bad
    assert said == "A chance of 25 %: Japan is more than 11 % short over the year"


def test_five_per_cent_is_not_more_than_five_per_cent_whatever_the_rounding():
    share = np.full(200, 0.05) * (1 + 1e-13)
    data = made({"JPN": share, "EU": 0.1 * share})
    assert "In none of 200 futures at least one region is more than 5 % short" in (
        Headlines(data).how_likely
    )
