"""How cost grows with replications, periods and lanes: a figure, and exponents fitted to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.chains import layered
from benchmarks.measure import Line, alternate
from sim.api import Study

Series = dict[str, tuple[list[float], list[float], list[float]]]
"""Name of the axis -> sizes, best seconds, median seconds."""


_HELD = {
    "replications": "rare earths, 26 weeks",
    "periods": "rare earths, 512 replications",
    "lanes": "four layers, 52 weeks, 1,024 replications",
}
"""What stands still while something else grows."""


def cost(study: Study, rounds: int, folder: Path | None) -> list[Line]:
    """Return the lines of three exponents; draw ``cost.png`` into the folder, if one is given."""
    series: Series = {
        "replications": _timed([256, 512, 1024, 2048, 4096], rounds, _replications(study)),
        "periods": _timed([26, 52, 104, 208], rounds, _periods(study)),
        "lanes": _timed([120, 240, 480, 960], rounds, _lanes()),
    }
    if folder is not None:
        draw(series, folder / "cost.png")
    lines = []
    for name, (sizes, best, median) in series.items():
        told = [f"{_exponent(sizes, t):.2f}" for t in (best, median)]
        lines.append(Line(f"cost grows with {name} to the power", *told, "1"))
    return lines


def _timed(
    sizes: list[int], rounds: int, make: Callable[[int], tuple[float, Callable[[], object]]]
) -> tuple[list[float], list[float], list[float]]:
    made = [make(size) for size in sizes]
    for _, work in made:
        work()
    times = alternate({str(x): work for x, (_, work) in enumerate(made)}, rounds)
    of = [times[str(x)] for x in range(len(made))]
    return [x for x, _ in made], [t.best for t in of], [t.median for t in of]


def _replications(study: Study) -> Callable[[int], tuple[float, Callable[[], object]]]:
    small = study.change({"scenario.horizon_days": 182})

    def make(n: int) -> tuple[float, Callable[[], object]]:
        tape = small.tape(np.arange(n))
        return n, lambda: small.flow(tape)

    return make


def _periods(study: Study) -> Callable[[int], tuple[float, Callable[[], object]]]:
    """The same shocks each time: those of the first half year."""
    tape = study.change({"scenario.horizon_days": 182}).tape(np.arange(512))

    def make(n: int) -> tuple[float, Callable[[], object]]:
        longer = study.change({"scenario.horizon_days": 7 * n})
        longer.compiled, longer.hazards  # noqa: B018
        return n, lambda: longer.flow(tape)

    return make


def _lanes() -> Callable[[int], tuple[float, Callable[[], object]]]:
    def make(n: int) -> tuple[float, Callable[[], object]]:
        study = layered(n // 12)
        tape = study.tape(np.arange(1024))
        return float(study.compiled.chain.supplier.size), lambda: study.flow(tape)

    return make


def _exponent(sizes: list[float], seconds: list[float]) -> float:
    """Return the slope of log time over log size, over the upper half where overhead is small."""
    x, y = np.log(sizes), np.log(seconds)
    return float(np.polyfit(x[-3:], y[-3:], 1)[0])


def draw(series: Series, path: Path) -> None:
    """Draw seconds over size on logarithmic axes, with a line of slope 1 through the largest."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), sharey=False, layout="constrained")
    for axis, (name, (sizes, best, median)) in zip(axes, series.items(), strict=True):
        axis.loglog(sizes, median, "o", mfc="white", color="#5790fc", label="median")
        axis.loglog(sizes, best, "o", color="#5790fc", label="best")
        line = [best[-1] * x / sizes[-1] for x in sizes]
        axis.loglog(sizes, line, "--", color="#964a8b", lw=1, label="proportional")
        axis.set_xlabel(f"{name}\n({_HELD[name]})", fontsize=8)
        axis.set_xticks(sizes)
        for each in (axis.xaxis, axis.yaxis):
            each.set_minor_formatter(NullFormatter())
        axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        axis.minorticks_off()
        axis.set_title(f"power {_exponent(sizes, best):.2f}", fontsize=9)
    axes[0].set_ylabel("processor seconds, one thread")
    axes[0].legend(frameon=False, fontsize=8)
    figure.suptitle("Cost of the compiled kernel", fontsize=10)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=150, metadata={"Software": None})
    plt.close(figure)
