"""A run's audit: begun before the blocks, in a process beside them, and ended after them."""

from __future__ import annotations

import sys
from typing import Any

from sim.base.errors import AuditFailure
from sim.results.blocks import Arrays, decode
from sim.results.store import Store
from sim.run.audit import compare, rows_of
from sim.run.audit_size import SIMPY_S, Audited, audited_of
from sim.run.beside import Beside, ProcessGoneError
from sim.run.case import Study
from sim.run.cost import in_time

WORTH_S = 1.0
"""An audit that takes less is done where the run is: a process takes as long to start."""


class Auditing:
    """An audit under way.

    Parameters
    ----------
    study : Study
        Whose first ``run.replications`` are audited; more, where a precision is asked for, may
        follow.
    process : Beside, optional
        Where it is done, if it takes longer than a moment; without it, here, at the end.
    """

    def __init__(self, study: Study, process: Beside | None = None) -> None:
        self._study = study
        self._process: Beside | None = None
        self.audited: Audited = audited_of(study, study.settings.run.replications)
        self._say()
        if process is not None and self.about_s >= WORTH_S:
            self._begin(process)

    @property
    def about_s(self) -> float:
        """Roughly how long it takes, by a constant."""
        numbers, n_period, _ = self.audited
        return len(numbers) * n_period * SIMPY_S * self._study.compiled.chain.lane_feed.size

    def end(self, store: Store) -> None:
        """Wait for it and compare what it found with the stored replications.

        Raises
        ------
        AuditFailure
            If a bit differs.
        """
        for number in self.audited.numbers:
            rows = self._rows(number)
            compare(self._study.settings.run.seed, number, rows, store.row(number))

    def told(self) -> dict[str, Any]:
        """Return what the manifest says of it."""
        numbers, n_period, n_acting = self.audited
        return {
            "replications": list(numbers),
            "periods": n_period if numbers else 0,
            "of_periods": self._study.n_period,
            "rows_of_shocks": n_acting,
            "about_seconds": round(self.about_s, 1),
        }

    def _begin(self, process: Beside) -> None:
        try:
            for number in self.audited.numbers:
                process.ask("audit", number=number, n_period=self.audited.n_period)
        except ProcessGoneError:
            return
        self._process = process

    def _rows(self, number: int) -> Arrays:
        """Return a replication's measures from the process, or where that is gone from here."""
        if self._process is not None:
            try:
                said, content = self._process.answer()
            except ProcessGoneError:
                print("the process of the audit died; audited here", file=sys.stderr, flush=True)
                self._process = None
            else:
                if "failure" in said:
                    raise AuditFailure(said["failure"])
                return decode(content)
        return rows_of(self._study, number, self.audited.n_period)

    def _say(self) -> None:
        """Say what is audited and roughly how long that takes."""
        numbers, n_period, _ = self.audited
        if not numbers:
            return
        how_long = f"about {in_time(self.about_s)}" if self.about_s >= 1.0 else "a moment"
        n, whole = self._study.settings.run.replications, self._study.n_period
        what = f"{len(numbers):,} of {n:,} replications"
        if n_period < whole:
            what = f"the first {n_period} of {whole} periods of replication {numbers[0]:,}"
        print(f"audit: {what} again in the SimPy model ({how_long})", file=sys.stderr, flush=True)
