"""The pictures of docs/figures that need no long study, drawn again.

``python -m benchmarks.gallery [maps] [runs] [breaks]``, all three by default: the maps of all
networks and their flows on a map of the world; the default run and a policy beside it; what breaks
worst in rare earths and cobalt. The pictures of rankings are those of the tables in
docs/advice.md; those of the hindcasts are ``shortfall hindcast``'s.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli import main as shortfall
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.plots import chain, flow_map, style
from sim.plots.page import drawn_for, page_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "figures"
NETWORKS = ROOT / "configs" / "network"

MAPS = {"rare_earths": "chain_map"} | {
    name: f"{name}_map"
    for name in ("all_minerals", "antimony", "battery_cells", "cobalt", "gallium", "germanium",
                 "graphite", "lithium", "nickel", "tungsten", "yttrium_scandium_samarium")
}  # fmt: skip
"""Network -> its picture."""

FLOWS = ("rare_earths", "ndfeb_magnet")
"""What is drawn on the map of the world."""

SCENARIO, POLICY = "china_ree_embargo", "us_japan_framework"
FUTURES = 1024
"""Futures of the runs that are compared; the fan is of the default number."""

COLORS, DPI = 96, 110
"""Of a picture, so that it stays below 150 kB."""


START = dt.date(2026, 1, 1)
"""The day of the maps: what has begun by then counts."""


def maps(folder: Path) -> None:
    """Draw who makes what in each network, and one good's flows on a map of the world."""
    for name, picture in MAPS.items():
        network = read_network(str(NETWORKS / f"{name}.yaml"))
        compiled = compile_network(network, start=START, n_period=53, step_days=7)
        put(chain.figure(network, compiled), folder / picture)
        if name == FLOWS[0]:
            drawn = flow_map.figure(network, compiled, FLOWS[1:])
            assert drawn is not None
            put(drawn, folder / "flow_map")


def runs(folder: Path) -> None:
    """Draw the default run's fan, and beside it two policies compared."""
    with tempfile.TemporaryDirectory() as made:
        words = ["output.figures=false", "run.audit=0"]
        first, base, other = (f"{made}/{name}" for name in ("default", "base", "other"))
        call("run", *words, f"output.dir={first}")
        call("plot", first, "figures=fan", "format=png", f"dpi={DPI}")
        small(Path(first) / "plots" / "fan.png", folder / "fan.png")
        words += [f"scenario={SCENARIO}", f"run.replications={FUTURES}"]
        call("run", *words, f"output.dir={base}")
        call("run", *words, f"policy={POLICY}", f"output.dir={other}")
        call("plot", base, other, "figures=compare,compare_table", "format=png", f"dpi={DPI}")
        call("plot", base, "figures=exceedance", "measure=value_added", "format=png", f"dpi={DPI}")
        for name in ("compare", "compare_table", "exceedance-value_added"):
            small(Path(base) / "plots" / f"{name}.png", folder / f"{name}.png")


def breaks(folder: Path) -> None:
    """Draw what breaks worst, and what is left without the largest supplier."""
    with tempfile.TemporaryDirectory() as made:
        for network in ("rare_earths", "cobalt"):
            target = Path(made) / network
            call("vulnerabilities", network, "--for", "JPN,USA", "--output", str(target))
            drawn = target / "figures"
            small(drawn / "vulnerabilities.png", folder / f"vulnerabilities_{network}.png")
            if network == "rare_earths":
                small(drawn / "n_minus_1.png", folder / f"n_minus_1_{network}.png")


def call(*words: str) -> None:
    """Run a command of the program; stop where it fails."""
    if shortfall([*words]) != 0:
        raise SystemExit(f"shortfall {' '.join(words)} failed")


def put(figure: Figure, path: Path) -> None:
    """Save a figure as a small PNG."""
    with tempfile.TemporaryDirectory() as made, drawn_for(page_of(dpi=DPI)):
        (drawn,) = style.save(figure, Path(made) / path.name, ["png"])
        small(drawn, path.with_name(f"{path.name}.png"))


def small(drawn: Path, path: Path) -> None:
    """Copy a PNG with fewer colours, no wider than a page."""
    from PIL import Image

    with Image.open(drawn) as picture:
        plain = picture.convert("RGB")
        plain.quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)


PARTS = {"maps": maps, "runs": runs, "breaks": breaks}


def main(words: Sequence[str]) -> None:
    """Draw what is asked for into docs/figures."""
    unknown = [word for word in words if word not in PARTS]
    if unknown:
        raise SystemExit(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    for name in words or PARTS:
        PARTS[name](FIGURES)


if __name__ == "__main__":
    main(sys.argv[1:])
