"""What notebooks see: names, short reprs, tables, figures, helpful errors."""

import numpy as np
import pytest

import sim
from sim.base.errors import UserError

WANTED = {"load", "open", "list", "Study", "RunData", "sweep_design", "compare", "network_from"}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    study = sim.load(
        "china_ree_embargo", {"run.replications": 40, "run.audit": 0, "output.figures": False}
    )
    folder = tmp_path_factory.mktemp("api") / "run"
    return study, study.run(folder), folder


def test_dir_shows_what_there_is_and_all_of_it_is_there():
    assert set(dir(sim)) >= WANTED
    assert all(getattr(sim, name) is not None for name in dir(sim))


def test_help_reaches_docstrings():
    assert "Returns" in sim.network_from.__doc__
    assert "futures" in (sim.RunData.__doc__ or "")


def test_list_names_what_is_shipped():
    assert "china_ree_embargo" in sim.list()
    assert "rare_earths" in sim.list("network")
    with pytest.raises(UserError, match="must be one of"):
        sim.list("nets")


def test_reprs_are_short(done):
    study, data, _ = done
    assert "china_ree_embargo" in repr(study)
    assert len(repr(study)) < 200
    assert "40 futures" in repr(data)
    assert len(repr(data)) < 300
    assert "<table" in data._repr_html_()
    assert "exceedance" in repr(data.plot)


def test_a_wrong_measure_or_view_names_the_nearest(done):
    data = done[1]
    with pytest.raises(KeyError, match="did you mean 'shortfall_t'"):
        data.of("shortfal_t")
    with pytest.raises(KeyError, match="no view region 'JP'"):
        data.of("shortfall_t", "region", "JP")


def test_open_gives_the_same_numbers(done):
    study, data, folder = done
    again, reopened = sim.open(folder)
    assert repr(again) == repr(study)
    np.testing.assert_array_equal(reopened.of("shortfall_t"), data.of("shortfall_t"))


def test_figures_come_as_figures(done):
    from matplotlib.figure import Figure

    data = done[1]
    assert isinstance(data.plot.fan(), Figure)
    assert isinstance(data.plot.exceedance(), Figure)


def test_to_pandas(done):
    pytest.importorskip("pandas")
    data = done[1]
    frame = data.to_pandas()
    assert frame.shape == (40, len(data.measures) * len(data.views))
    column = frame["shortfall_t", "region", "JPN"].to_numpy()
    np.testing.assert_array_equal(column, data.of("shortfall_t", "region", "JPN"))


def test_to_xarray(done):
    pytest.importorskip("xarray")
    data = done[1]
    japan = data.to_xarray()["shortfall_t"].sel(view="region:JPN")
    np.testing.assert_array_equal(japan, data.of("shortfall_t", "region", "JPN"))
