"""A run's figures: half of them by the process beside it, while tables are written here."""

from __future__ import annotations

import io
import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.data import Fan, RunData
from sim.results.files import make_folder
from sim.results.store import Store
from sim.run.beside import Beside, ProcessGoneError
from sim.run.case import Study
from sim.run.fields import fields_of
from sim.run.outcome import run_data
from sim.run.plan import Plan

LONGEST_FIRST = ("goods", "loss", "chain_map", "fan", "heatmap", "price_fan", "exceedance")
"""Order in which figures are begun; others follow."""


class Drawing:
    """Figures under way.

    Parameters
    ----------
    study : Study
        Of ``run.replications`` that count.
    data : RunData
        What it found, with summary and folder.
    plan : Plan
        Of the blocks.
    process : Beside, optional
        That draws with this one; the process is asked for nothing else meanwhile.
    """

    def __init__(
        self, study: Study, data: RunData, plan: Plan, process: Beside | None = None
    ) -> None:
        from sim.run.figures import FIGURES

        assert data.folder is not None
        self._study, self._data, self._folder = study, data, data.folder
        first = [name for name in LONGEST_FIRST if name in FIGURES]
        self._names = deque([*first, *(name for name in FIGURES if name not in first)])
        self._drawn: set[str] = set()
        self._helper: threading.Thread | None = None
        make_folder(self._folder / "figures")
        if process is not None:
            asked = process, *packed(data, plan)
            self._helper = threading.Thread(target=self._there, args=asked, daemon=True)
            self._helper.start()

    def end(self) -> list[Path]:
        """Draw what is left, wait for the others, write the report; return the files."""
        from sim.run.figures import report_of

        self._here()
        if self._helper is not None:
            self._helper.join()
            self._here()  # what it gave back
        return report_of(self._study, self._data, self._folder, self._drawn)

    def _here(self) -> None:
        from sim.run.figures import drawn

        while self._names:
            try:
                name = self._names.popleft()
            except IndexError:
                return
            if drawn(name, self._study, self._data, self._folder / "figures"):
                self._drawn.add(name)

    def _there(self, process: Beside, words: dict[str, Any], content: bytes) -> None:
        name = ""
        try:
            process.ask("take", content, **words)
            process.answer()
            while self._names:
                name = self._names.popleft()
                process.ask("draw", name=name)
                if process.answer().said["drawn"]:
                    self._drawn.add(name)
        except IndexError:
            return
        except ProcessGoneError:
            if name:
                self._names.append(name)


def packed(data: RunData, plan: Plan) -> tuple[dict[str, Any], bytes]:
    """Return what figures need beside the blocks, as plain data and bytes."""
    arrays: dict[str, NDArray[Any]] = {f"came/{name}": mask for name, mask in data.came.items()}
    fans = {} if data.fan is None else {"fan": data.fan}
    if data.goods is not None:
        fans |= {f"goods.{name}": kept.fan for name, kept in data.goods.fans.items()}
    if data.prices is not None and data.prices.fan is not None:
        fans["price"] = data.prices.fan
    for name, fan in fans.items():
        arrays |= {f"fan/{name}/{key}": np.asarray(value) for key, value in vars(fan).items()}
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    words = {"folder": str(data.folder), "n": data.n, "block": plan.block, "plan": plan.digest,
             "summary": data.summary, "meta": data.meta}  # fmt: skip
    plain = json.loads(json.dumps(words, default=lambda value: value.item()))
    return plain, content.getvalue()


def unpacked(study: Study, words: Mapping[str, Any], content: bytes) -> RunData:
    """Return a run's data from ``packed``; its blocks are read when they are used."""
    came: dict[str, NDArray[np.bool_]] = {}
    parts: dict[str, dict[str, Any]] = {}
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        for name, values in arrays.items():
            kind, _, rest = name.partition("/")
            if kind == "came":
                came[rest] = values
            else:
                of, _, key = rest.rpartition("/")
                parts.setdefault(of, {})[key] = values
    fans = {name: _fan(fields) for name, fields in parts.items()}
    goods = {
        name.removeprefix("goods."): f for name, f in fans.items() if name.startswith("goods.")
    }
    folder = Path(words["folder"])
    store = Store(folder, words["block"], words["n"], words["plan"], fields_of(study))
    data = run_data(study, store, fans.get("fan"), goods, fans.get("price"), came)
    return replace(data, summary=words["summary"], meta=words["meta"])


def _fan(fields: Mapping[str, Any]) -> Fan:
    levels = tuple(float(level) for level in fields["levels"])
    return Fan(**{**fields, "levels": levels, "n": int(fields["n"])})
