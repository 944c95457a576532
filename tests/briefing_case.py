"""Two tiny finished runs for briefings: a ban, and the same ban leaking a little."""

from __future__ import annotations

from pathlib import Path

from sim.api import load

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
QUICK = {"run.replications": 120, "run.sampling": "plain", "run.audit": 0, "output.figures": False}


def two_runs(folder: Path, **changes: object) -> list[Path]:
    """Return the folders of both, made once."""
    leaks = {"scenario.hazards.ban.effects.metal.leakage": 0.3}
    for name, more in (("ban", {}), ("leak", leaks)):
        load(SCENARIO, {**QUICK, **more, **changes}).run(folder / name)
    return [folder / "ban", folder / "leak"]
