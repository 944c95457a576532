"""Designs, rankings, choices and removals by shards and on Dask: the bytes of one process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_advice_ranking import settings
from test_advice_removals import DAYS, HORIZON, stand_ins
from test_choose import MEAN
from test_choose import settings as priced
from test_design import rows_of, tiny

import sim
from sim.advice import elsewhere, removals_played
from sim.advice.choose import choose
from sim.advice.choose_answer import Wish as Choose
from sim.advice.kept import Waiting
from sim.advice.rank_projects import Wish, advise
from sim.advice.removals_played import Question
from sim.advice.vulnerabilities import explore
from sim.cli import main
from sim.config.settings import Settings
from sim.network.load import read_network
from sim.run import distributed
from sim.run.processes import by_executor
from sim.sweep import elsewhere as of_rows
from sim.sweep.by_design import sweep_rows
from sim.sweep.design import Row
from sim.sweep.pinned import PREFIX, PinnedPoints

TABLES = {
    "rank": ("ranking.csv", "combination.csv", "question.json", "figures/ranking.png"),
    "choose": ("choice.json", "portfolio.csv", "candidates.csv", "frontier.csv"),
    "removals": ("vulnerabilities.csv", "by_user.csv", "pairs.csv", "question.json"),
}


def run_with(made: Settings, **run: object) -> Settings:
    return made.model_copy(update={"run": made.run.model_copy(update=run)})


def rank(folder: Path, **run: object) -> None:
    made = run_with(settings(300), **run)
    advise(lambda _: made, Wish((), "projects", steps=2), folder)


def buy(folder: Path, **run: object) -> None:
    made = run_with(priced(32), **run)
    choose(lambda _: made, Choose(100.0, aim=MEAN, candidates="projects"), folder)


def remove(folder: Path, shard: str | None = None, dask: str | None = None) -> None:
    asked = Question("by_hand", days=DAYS, horizon_days=HORIZON, step_days=1,
                     start=dt.date(2025, 1, 1))  # fmt: skip
    explore(read_network(stand_ins()), asked, folder, pairs=True, shard=shard, dask=dask)


ASK = {"rank": rank, "choose": buy, "removals": remove}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def of(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name)
            ASK[name](made[name])
        return made[name]

    return of


def same(name: str, one: Path, other: Path) -> bool:
    return all((one / f).read_bytes() == (other / f).read_bytes() for f in TABLES[name])


@contextmanager
def stand_in(where, task, workers):
    """A cluster that runs its task in threads here: text and numbers go in, bytes come out."""
    assert where == "local"
    with ThreadPoolExecutor(2) as pool:
        made = distributed.Cluster(task, pool, None, 2)
        vars(made)["compute"] = lambda text: by_executor(pool, task, text)
        yield made


@pytest.fixture
def on_dask(monkeypatch) -> None:
    for module in ("sim.advice.kept", "sim.sweep.elsewhere"):
        monkeypatch.setattr(f"{module}.cluster", stand_in)


@pytest.mark.parametrize("name", list(TABLES))
def test_shards_then_the_same_command_give_the_bytes_of_one_process(tmp_path, whole, name):
    missing = {1: [], 2: []}
    for i in (1, 2, 1, 2):
        with pytest.raises(Waiting) as end:
            ASK[name](tmp_path, shard=f"{i}/2")
        missing[i].append(end.value.missing)
    assert missing[1][0] > 0, "the first shard leaves blocks to the other"
    assert not any((tmp_path / f).exists() for f in TABLES[name]), "a shard writes no table"
    ASK[name](tmp_path)
    assert same(name, tmp_path, whole(name))


def test_each_shard_computes_only_its_share(tmp_path, monkeypatch):
    from sim.run.case import Study

    played: list[int] = []
    shortfalls = Study.shortfalls

    def counted(self, tape, stop):
        played[-1] += tape.parameter.shape[1]
        return shortfalls(self, tape, stop)

    monkeypatch.setattr(Study, "shortfalls", counted)
    for shard in ("1/3", "2/3", "3/3"):
        played.append(0)
        with pytest.raises(Waiting):
            rank(tmp_path / shard[0], shard=shard)
    assert all(0 < n < sum(played) / 2 for n in played)


@pytest.mark.parametrize("name", list(TABLES))
@pytest.mark.usefixtures("on_dask")
def test_what_workers_elsewhere_compute_has_the_same_bytes(tmp_path, whole, name):
    ASK[name](tmp_path, dask="local")
    assert same(name, tmp_path, whole(name))


def test_workers_of_another_version_are_refused():
    study_text = elsewhere.as_text(tiny(), ("m.shortfall_t",))
    case = removals_played.case_of(read_network(stand_ins()), Question("by_hand"))
    for text, block in ((study_text, elsewhere.block), (of_rows.as_text(tiny()), of_rows.block),
                        (removals_played.as_text(case, None), removals_played.block)):  # fmt: skip
        older = text.replace('version\\": \\"', 'version\\": \\"9.').replace(
            'version": "', 'version": "9.'
        )
        with pytest.raises(RuntimeError, match="install the same"):
            block(older, 0, 2)


# designs


def table(folder: Path, **run: object) -> bytes:
    return sim.sweep_design(tiny().change({f"run.{k}": v for k, v in run.items()}), rows_of(17),
                            folder).read_bytes()  # fmt: skip


def test_shards_of_a_design_make_its_table(tmp_path, capsys):
    for i in (1, 2):
        study = tiny().change({"run.shard": f"{i}/2"})
        assert sim.sweep_design(study, rows_of(17), tmp_path / "shared") == tmp_path / "shared"
        assert len(list((tmp_path / "shared" / "pieces").glob("*"))) == (2, 3)[i - 1]
    assert not (tmp_path / "shared" / "sweep.parquet").exists()
    assert "shard 2/2: its rows are ready" in capsys.readouterr().err
    assert main(["merge", str(tmp_path / "shared")]) == 2
    assert "that command without run.shard joins" in capsys.readouterr().err
    assert table(tmp_path / "shared") == table(tmp_path / "one")


@pytest.mark.usefixtures("on_dask")
def test_rows_computed_elsewhere_have_the_same_bytes(tmp_path):
    assert table(tmp_path / "there", dask="local") == table(tmp_path / "here")


@pytest.mark.usefixtures("on_dask")
def test_pinned_rows_computed_elsewhere_keep_their_pins(tmp_path):
    study = tiny().change({"scenario.parameters": {"stock": {
        "key": "cover_days", "distribution": {"min": 0.5, "max": 2.0}}}})  # fmt: skip
    rows = [Row(n, str(n), {f"{PREFIX}stock": x}, "") for n, x in enumerate((0.6, 0.9), 1)]
    found = [
        sweep_rows(made, rows, PinnedPoints(made), tmp_path / str(n)).read_bytes()
        for n, made in enumerate((study, study.change({"run.dask": "local"})))
    ]
    assert found[0] == found[1]


# the commands


@pytest.mark.parametrize("command", ["size", "game"])
def test_what_works_here_only_says_so(command, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["--reserve", "metal@JPN"] if command == "size" else []
    scenario = Path(__file__).parent / "data" / "tiny_ban.yaml"
    assert main([command, f"scenario={scenario}", *words, "run.shard=1/2"]) == 2
    told = capsys.readouterr().err
    assert "run.shard: 1/2" in told and "works on this machine only" in told
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("word", "told"),
    [("run.shrd=1/2", "did you mean 'run.shard'"), ("run.seed=2", "is no setting here"),
     ("run.shard=3/2", "run.shard"), ("shard", "is no setting here")],
)  # fmt: skip
def test_a_wrong_share_of_removals_is_one_line(word, told, tmp_path, capsys):
    assert main(["vulnerabilities", "rare_earths", word, "--output", str(tmp_path / "new")]) == 2
    err = capsys.readouterr().err
    assert told in err and "Traceback" not in err
    assert not (tmp_path / "new").exists()
