"""What ``--help`` says: usage and three examples first, then what a reader asks next."""

from __future__ import annotations

MAIN = """\
usage: shortfall COMMAND [arguments]

  shortfall run scenario=china_ree_embargo
  shortfall list scenarios
  shortfall show china_ree_controls_2025_10

Who runs short of critical minerals when something breaks: what, when, how badly, how surely.

commands:
  run              one scenario: table, files, figures
  sweep            a grid of scenarios, policies or settings, with one table
  merge            the shards of a run, computed apart
  compare          finished runs, pair by pair on the same shocks
  plot             draw the figures of a finished run again
  replay           one future of a run, step by step: event log and timeline
  vulnerabilities  what breaks a network worst: one thing removed at a time
  rank-projects    which project or remedy is worth most, on the same shocks
  list             scenarios, networks, outlooks of demand and supply, policies, hazards
  show             what one of them holds, with units and sources
  check            validate files

'shortfall COMMAND --help' tells more. 'shortfall --version'.
Completion: eval "$(shortfall -sc install=bash)"
"""

_OVERRIDES = """
Any setting may be given as key=value:
  scenario=NAME or scenario=./file.yaml; network=, demand=, supply= and policy= likewise
  policy=[a,b]   several policies at once (quote it in the shell), named a+b
  policy.rules.NAME.stock_days=120   a number of the policy's rule
  run.replications=1000   run.seed=7   run.workers=2   run.engine=simpy
  run.precision=0.01      go on until the mean shortfall is known to +- 1 %
  run.shard=2/8           the second of eight shares of the work; then merge
  run.dask=local          or a Dask scheduler's address
  output.dir=FOLDER   output.figures=false   output.overwrite=true
  network.sites.NAME.capacity=60000   scenario.hazards.NAME.severity.mean=0.8
  ~scenario.hazards.NAME   leaves a hazard out
Quote text with commas or brackets: "scenario.title='a, b'".

options:
  --config-dir DIR  own scenario/, network/, policy/ folders and so on, looked into first
  -h, --help        this text
"""

COMMANDS: dict[str, str] = {
    "run": """\
usage: shortfall run [scenario=NAME|./FILE.yaml] [key=value ...]

  shortfall run scenario=china_ree_embargo
  shortfall run scenario=./mine.yaml run.replications=1000 output.dir=results/try
  shortfall run scenario=china_ree_embargo scenario.hazards.embargo.severity.mean=0.8

Runs one scenario. The folder of the results is printed on stdout, all else on stderr. Ctrl-C
stops it; the same command goes on where it stopped. More replications reuse the finished ones.
"""
    + _OVERRIDES,
    "sweep": """\
usage: shortfall sweep key=value,value ... | --design FILE.csv [--table csv] [key=value ...]

  shortfall sweep 'scenario=glob(*)' policy=none,us_japan_framework run.replications=2000
  shortfall sweep scenario=background,china_ree_embargo policy=none,./stock.yaml
  shortfall sweep --design points.csv scenario=china_ree_embargo run.replications=1000

Runs every combination; all are validated before the first one starts. Policies that act together
are one value: 'policy=none,msp,[msp,allied_pool]'. Writes one folder a point,
ledger.csv and sweep.csv, and a comparison figure. glob(china_*) takes all names that match;
range(1,5) counts 1 to 4.

With --design every row of a CSV file is a scenario. Its first line names settings by dotted key, or
scenario, network or policy; a column name names the rows; an empty cell leaves a setting as it is.
For thousands of points: no folder a point, one table (sweep.parquet, or sweep.csv by --table csv)
of means, quantiles, probabilities and CVaR with 95 % intervals. The same command goes on where it
stopped.
"""
    + _OVERRIDES,
    "merge": """\
usage: shortfall merge DIR [DIR ...]

  shortfall merge results/china_ree_embargo
  shortfall merge results/shard-1 results/shard-2 results/shard-3
  shortfall merge results/part-*

Joins the shards of a run (run.shard=1/8 ... 8/8) and finishes it: audit, summary, figures. DIR is
the folder that all shards shared, or those of each; the first one gets the whole. Shards of
different runs are refused, and missing blocks are named with the command that computes them.

options:
  -h, --help  this text
""",
    "compare": """\
usage: shortfall compare RUN RUN ... [--output DIR]

  shortfall compare results/china_ree_embargo results/china_ree_embargo-stock
  shortfall compare results/a results/b results/c
  shortfall compare results/a results/b --output results/a-and-b

Compares finished runs with the first one, replication by replication: runs of one seed that share
a hazard's name met the same shocks. RUN is a folder of results.

options:
  --output DIR  where compare.csv and the figure go (default: results/compare)
  -h, --help    this text
""",
    "plot": """\
usage: shortfall plot RUN ...

  shortfall plot results/china_ree_embargo
  shortfall plot results/a results/b
  shortfall plot results/sweep/*

Draws the figures and the report of finished runs again. RUN is a folder of results.

options:
  -h, --help  this text
""",
    "replay": """\
usage: shortfall replay RUN --replication N

  shortfall replay results/china_ree_embargo --replication 17
  shortfall replay results/china_ree_embargo -r 0
  shortfall replay results/a -r 9999

Plays one future of a finished run again in the readable SimPy model, prints what happened and
draws its timeline. Both engines are compared on it, bit for bit.

options:
  -r, --replication N  number of the future, from 0
  -h, --help           this text
""",
    "list": """\
usage: shortfall list [scenarios|networks|demand|supply|policies|hazards]

  shortfall list
  shortfall list scenarios
  shortfall list demand

Names and titles; without a word, of everything but hazards.

options:
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text
""",
    "show": """\
usage: shortfall show NAME [key=value ...] [--yaml]

  shortfall show rare_earths
  shortfall show us_japan_framework network=rare_earths
  shortfall show ./mine.yaml policy=none --yaml > resolved.yaml

Prints a scenario, network, outlook (demand, supply), policy or hazard as it is after validation:
every number with its unit and source. With network=NAME it also prints what a policy or outlook
comes to there, and which of its rules find nothing to do. A name of two groups is told apart as
demand/flat and supply/flat. --yaml prints all settings of a scenario, resolved, as YAML.

options:
  --yaml            the whole resolved configuration as YAML
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text
""",
    "check": """\
usage: shortfall check FILE ... [key=value ...]

  shortfall check mine.yaml
  shortfall check scenarios/*.yaml
  shortfall check stock.yaml network=rare_earths

Validates scenarios, networks, outlooks and policies and runs nothing. All mistakes are listed,
each with file, line, key, what was found and what was expected. A policy or outlook is also tried
on a network, where one is named.

options:
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text
""",
    "vulnerabilities": """\
usage: shortfall vulnerabilities NETWORK [--for JPN,USA] [--days N] [--pairs] [--output DIR]

  shortfall vulnerabilities rare_earths
  shortfall vulnerabilities rare_earths --for JPN,USA --days 180 --pairs
  shortfall vulnerabilities ./mine.yaml --severity 0.5 --output results/half

Removes every site, operation, country's stage, export, lane and route one at a time and says who
runs short, by how much, when it is first felt and when it is over; and the N-1 cover of every
product, beside what the IEA has published. No chance in it: one future each. Tables and figures
go to a folder, whose path is printed on stdout.

options:
  --for CODES       regions whose end users count, such as JPN,USA (default: all)
  --days N          how long a stop lasts (default: 365)
  --horizon N       how long to watch, days (default: 1095); a stop as long never ends
  --severity X      share that stops, above 0, at most 1 (default: 1)
  --pairs           also two things at a time
  --policy NAME     lay a policy over the network first
  --top N           rows printed and drawn (default: 15)
  --output DIR      where to (default: results/vulnerabilities-NETWORK)
  --config-dir DIR  own network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text
""",
    "rank-projects": """\
usage: shortfall rank-projects scenario=NAME [key=value ...] [--for USA,JPN] [--greedy K]

  shortfall rank-projects scenario=china_ree_embargo --for USA,JPN
  shortfall rank-projects scenario=china_ree_embargo --candidates projects run.replications=4000
  shortfall rank-projects scenario=./mine.yaml --greedy 5 --by cvar --output results/advice

Values every project of the network's pipeline and every remedy (policies; a reserve of each
product that the regions buy) by the shortfall it avoids, future by future on the same shocks, with
95 % intervals, per tonne of capacity and, where a cost is known, per dollar. A project's value is
that of support (built for sure and on time) against the pipeline at its own odds; beside it stands
its value against not having it at all. Then the best combination, step by step. Ctrl-C stops it;
the same command goes on where it stopped.

options:
  --for CODES       regions whose end users count, such as USA,JPN (default: the scenario's
                    judged, else all)
  --candidates WHAT projects, remedies, policies, reserves, all, or names, with commas
                    (default: all)
  --greedy K        steps of the combination; 0 for none (default: 3)
  --by mean|cvar    what the combination lowers: mean or CVaR at 95 % (default: mean)
  --reserve-days N  size of the reserves that are tried, days of use (default: 90)
  --top N           rows printed and drawn (default: 15)
  --output DIR      where to (default: results/ranking-SCENARIO)
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text

run.replications is 1000 here unless given.
""",
}
