"""``run``: one scenario."""

from __future__ import annotations

import argparse

from sim.commands._command import Command
from sim.commands._typed import settings_of
from sim.commands._words import SETTINGS, add_settings, add_yes, typed

HELP = """\
usage: shortfall run [scenario=NAME|./FILE.yaml] [key=value ...]

  shortfall run scenario=china_ree_embargo
  shortfall run scenario=./mine.yaml run.replications=1000 output.dir=results/try
  shortfall run scenario=china_ree_embargo scenario.hazards.embargo.severity.mean=0.8

Runs one scenario. The folder of the results is printed on stdout, all else on stderr. Ctrl-C
stops it; the same command goes on where it stopped. More replications reuse the finished ones.
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take settings, and consent."""
    add_settings(parser)
    add_yes(parser)


def run(args: argparse.Namespace) -> None:
    """Run one scenario; print the folder of its results on stdout."""
    from sim.config.command_line import compose

    settings = settings_of(args)
    composed = compose(settings, args.config_dir)
    from sim.commands._consent import consent
    from sim.commands._notes import print_notes
    from sim.commands._run_table import print_run
    from sim.run import execute
    from sim.run.case import Study
    from sim.run.settling import say_rounded, say_weighted, settled_study

    study = Study(composed.settings)
    print_notes([composed.settings])
    with composed.placing():
        study.hazards  # noqa: B018  mistakes are told first, and alone
        study = settled_study(study, execute.folder_of(study), quiet=True)
        say_rounded(composed.settings, study.settings)
        if study.sections.weighted:
            say_weighted(study)
        consent([(study, execute.folder_of(study))], args.yes)
        if study.settings.run.shard:
            print(execute.run_shard(study, command=typed("run", args)))
            return
        data = execute.run(study, spawn=True, given=settings)
    print_run(data)
    print(data.folder or execute.folder_of(study))


COMMAND = Command(
    summary="one scenario: table, files, figures",
    help=HELP + SETTINGS,
    words=words,
    function=run,
    rank=10,
    simulates=True,
    offers="settings",
)
