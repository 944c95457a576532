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
