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
# # Which of the uncertain numbers matter? SALib on a study
#
# A network holds numbers that nobody knows: how large a reserve is, how fast buyers find another
# supplier, how much more a supplier's own country counts. `sim.connect.parameters` hands them to
# SALib: each is a number of 0 to 1, the probability up to which its law is taken. First Morris's
# method screens all of them with few plays, then Sobol's indices weigh those that are left.
# It needs the extra `shortfall[importance]`; `shortfall sweep --design sobol:32` does the like
# without Python.

# %%
import numpy as np
from SALib.analyze import morris, sobol
from SALib.sample.morris import sample as trajectories
from SALib.sample.sobol import sample as saltelli

import sim
from sim.connect.parameters import losses, problem_of

FUTURES = range(8)  # the hazards that every point meets; more of them tell more
JAPAN = ("region", "JPN")

study = sim.load("china_ree_embargo")
problem = problem_of(study)
print(f"{problem['num_vars']} uncertain numbers, such as {', '.join(problem['names'][-3:])}")

# %% [markdown]
# ## Screen
#
# Morris's outermost levels are the ends of a law, which many laws do not have: keep within the 5 %
# and 95 % quantiles. `mu_star` is how far the mean shortfall moves, in tonnes, as a number goes
# from the one to the other.

# %%
inner = {**problem, "bounds": [[0.05, 0.95]] * problem["num_vars"]}
points = trajectories(inner, 4, seed=1)
moved = morris.analyze(inner, points, losses(study, points, FUTURES, JAPAN), seed=1)
order = np.argsort(-moved["mu_star"])[:3]
for x in order:
    size, within = moved["mu_star"][x], moved["mu_star_conf"][x]
    print(f"{problem['names'][x]:<30} {size:>8,.1f} t +- {within:,.1f}")

# %% [markdown]
# ## Weigh
#
# The rest stay at their medians. First order: what a number decides alone; total order: with all it
# does together with the other two.

# %%
few = {"num_vars": 3, "names": [problem["names"][x] for x in order], "bounds": [[0.0, 1.0]] * 3}
some = saltelli(few, 64, calc_second_order=False, seed=1)
whole = np.full((some.shape[0], problem["num_vars"]), 0.5)
whole[:, order] = some
y = losses(study, whole, FUTURES, JAPAN)
found = sobol.analyze(few, y, calc_second_order=False, seed=1)
for name, first, total, within in zip(
    few["names"], found["S1"], found["ST"], found["ST_conf"], strict=True
):
    print(f"{name:<30} first order {first:.2f}, total {total:.2f} +- {within:.2f}")

# %% [markdown]
# ## What this does not say
#
# - The variance is that of the network's uncertain numbers. What the hazards do is not in it: all
#   points meet the same few futures. `shortfall drivers` reads both from a run.
# - A few trajectories and 64 points give wide intervals; take ten times as many for a report.
