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
# # When is it bad? A study as a model of the EMA workbench
#
# The EMA workbench explores models under deep uncertainty. `sim.connect.ema` makes a model of a
# study: its uncertainties are the uncertain numbers of the network, each from 0 to 1 (the
# probability up to which its law is taken), its outcomes mean shortfalls, in tonnes. Here 120
# experiments are played and PRIM looks for a box of numbers in which the shortfall of Japan is
# large. It needs the extra `shortfall[importance]`.

# %%
import numpy as np
from ema_workbench import Samplers, perform_experiments
from ema_workbench.analysis import prim

import sim
from sim.connect.ema import model_of
from sim.connect.parameters import problem_of
from sim.run.uncertain import uncertain

EXPERIMENTS = 120
FUTURES = range(4)  # the hazards that every experiment meets

np.random.seed(1)  # the workbench's samplers draw from it
study = sim.load("china_ree_embargo")
model = model_of(study, FUTURES, views=[("region", "JPN")])
experiments, outcomes = perform_experiments(model, EXPERIMENTS, uncertainty_sampling=Samplers.LHS)
short = outcomes["region_JPN"]
print(f"{EXPERIMENTS} experiments: {short.min():,.0f} to {short.max():,.0f} t, "
      f"median {np.median(short):,.0f} t")  # fmt: skip

# %% [markdown]
# ## A box
#
# An experiment is bad if it is among the worst fifth. Coverage: share of the bad ones inside;
# density: share of those inside that are bad. PRIM is given the three inputs that go with the
# shortfall most closely, as among many it cuts where chance is all there is; of its boxes that with
# the best harmonic mean of both is taken. The workbench names inputs `x0`, `x1` and so on; the
# study knows which they are.

# %%
bad = short > np.quantile(short, 0.8)
inputs = experiments[[f"x{d}" for d in uncertain(study)]]  # numbers of losses move no tonne
ties = inputs.corrwith(experiments.assign(short=short)["short"]).abs()
inputs = inputs[ties.nlargest(3).index]
box = prim.Prim(inputs, bad, threshold=0.5).find_box()
steps = box.peeling_trajectory
best = (2 / (1 / steps.coverage + 1 / steps.density)).idxmax()
print(f"coverage {steps.coverage[best]:.0%}, density {steps.density[best]:.0%}")
names, limits = problem_of(study)["names"], box.box_lims[best]
for word in limits.columns:
    low, high = limits[word]
    if low > inputs[word].min() or high < inputs[word].max():
        print(f"{names[int(word[1:])]}: from its {low:.0%} to its {high:.0%} quantile")

# %% [markdown]
# ## What this does not say
#
# - The same experiments find the box and judge it, so it looks better than it is, and a limit may be
#   there by chance. `shortfall drivers` judges on another half and drops limits that chance would
#   explain.
# - The hazards are those of four futures.
