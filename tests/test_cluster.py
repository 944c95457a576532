"""The scripts of docs/cluster: whole, consistent, and of words that the program knows."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from sim.config.settings import Run, load_settings

CLUSTER = Path(__file__).parents[1] / "docs" / "cluster"
SCRIPTS = sorted(CLUSTER.glob("*.sh"))


def kubernetes() -> dict[str, dict]:
    documents = yaml.safe_load_all((CLUSTER / "kubernetes.yaml").read_text(encoding="utf-8"))
    return {f"{d['kind']} {d['metadata']['name']}": d for d in documents}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_scripts_are_right_as_far_as_the_shell_reads_them(script):
    subprocess.run(["bash", "-n", script], check=True)


def test_every_index_of_the_kubernetes_job_is_a_shard():
    parts = kubernetes()
    job = parts["Job shortfall-shards"]["spec"]
    (words,) = job["template"]["spec"]["containers"][0]["args"]
    assert job["completionMode"] == "Indexed"
    assert words.endswith(f"run.shard=$((JOB_COMPLETION_INDEX + 1))/{job['completions']}")
    claims = {
        volume["persistentVolumeClaim"]["claimName"]
        for name, part in parts.items() if name.startswith("Job")
        for volume in part["spec"]["template"]["spec"]["volumes"]
    }  # fmt: skip
    assert [f"PersistentVolumeClaim {claim}" for claim in claims] == [
        name for name in parts if name.startswith("Persistent")
    ]


def test_the_words_of_the_scripts_are_settings_and_scenarios_that_exist():
    text = "\n".join(path.read_text(encoding="utf-8") for path in CLUSTER.iterdir())
    keys = set(re.findall(r"\brun\.(\w+)=", text))
    assert {"shard", "workers", "replications"} <= keys <= set(Run.model_fields)
    for name in set(re.findall(r"\bscenario=(\w+)", text)):
        load_settings(name)


def test_the_image_of_kubernetes_is_the_one_that_the_containerfile_makes():
    root = CLUSTER.parents[1]
    made = set(re.findall(r"\bshortfall:[\d.]+\d\b", (root / "Containerfile").read_text("utf-8")))
    pods = [part["spec"]["template"]["spec"] for part in kubernetes().values()
            if part["kind"] == "Job"]  # fmt: skip
    named = {pod["containers"][0]["image"] for pod in pods}
    (version,) = re.findall(
        r'^version = "(.+)"', (root / "pyproject.toml").read_text("utf-8"), re.M
    )
    assert made == named == {f"shortfall:{version}"}


def test_the_containerfile_copies_what_is_there_and_runs_settings_that_exist():
    root = CLUSTER.parents[1]
    lines = (root / "Containerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    steps = [line.split() for line in lines if line and not line.startswith("#")]
    assert [step[0] for step in steps if step[0] in ("FROM", "ENTRYPOINT")] == [
        "FROM", "ENTRYPOINT"]  # fmt: skip
    for step in steps:
        if step[0] == "COPY":
            assert all((root / name).exists() for name in step[1:-1]), step
    (first,) = [step for step in steps if "shortfall" in step]
    changes = dict(w.split("=") for w in first if re.match(r"(run|output)\.\w+=", w))
    load_settings("china_ree_embargo", changes=changes)


def test_every_task_of_srun_is_a_shard(tmp_path):
    text = (CLUSTER / "srun.sh").read_text("utf-8")
    srun = tmp_path / "srun"
    srun.write_text(
        '#!/bin/bash\nshift\nfor i in 0 1 2; do SLURM_PROCID=$i SLURM_NTASKS=3 "$@"; done\n'
    )
    srun.chmod(0o755)
    assert "srun " in text
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    said = subprocess.run(
        ["bash", str(CLUSTER / "srun.sh"), "scenario=x"], check=True, text=True,
        stdout=subprocess.PIPE,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "SHORTFALL": "echo shortfall"},
    ).stdout.splitlines()  # fmt: skip
    assert said == [f"shortfall run scenario=x run.shard={i}/3 run.workers=1" for i in (1, 2, 3)]
