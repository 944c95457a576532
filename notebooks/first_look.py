# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A first look: what would a harder or longer control mean?
#
# Load a scenario, run it, change it, run it again, and compare pair by pair: both runs meet the same
# shocks, because every random stream belongs to a hazard by its name.

# %%
import numpy as np

import sim

REPLICATIONS = 400  # enough to see the pattern; take 10,000 for numbers to quote

study = sim.load(
    "china_ree_controls_2025_10",
    {"run.replications": REPLICATIONS, "output.figures": False, "run.audit": 1},
)
print(study.settings.scenario.title)
print(f"{study.compiled.chain.kind.size} sites, {study.compiled.chain.supplier.size} lanes, "
      f"{study.n_period} periods")

# %%
base = study.run("results/notebook-base")
for region in ("JPN", "USA", "EU", "KOR"):
    short = base.of("shortfall_t", "region", region)
    wanted = base.of("wanted_t", "region", region)
    print(f"{region}: mean shortfall {100 * short.sum() / wanted.sum():.2f} % of want, "
          f"one future in ten above {100 * np.quantile(short / wanted, 0.9):.2f} %")

# %% [markdown]
# ## The package comes back for certain

# %%
harder = study.change({"scenario.hazards.package_returns.onset.probability": 1.0})
certain = harder.run("results/notebook-certain")

difference = certain.of("shortfall_t") - base.of("shortfall_t")
half = 1.96 * difference.std(ddof=1) / np.sqrt(difference.size)
print(f"paired difference of the total: {difference.mean():,.0f} t "
      f"(95 % interval {difference.mean() - half:,.0f} to {difference.mean() + half:,.0f})")
assert difference.mean() >= 0  # the same futures, some of them with one more control

# %% [markdown]
# ## One future in detail
#
# The worst replication of the base run, by its number, drawn again alone and replayed.

# %%
worst = int(np.argmax(base.of("shortfall_t")))
tape = study.tape(np.array([worst]))
flow = study.flow(tape)
again = study.measure(tape, flow)["m.shortfall_t"][0]
assert np.array_equal(again, base.table["shortfall_t"][worst])
names = [study.hazards.hazard_names[h] for h in tape.shock_hazard]
print(f"replication {worst}: {again[-1]:,.0f} t short in all; shocks: {names}")
