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
# # What is a project worth if the controller answers?
#
# A ranking of projects takes export controls as given. Here China may choose which controls of the
# scenario `china_ree_controls_2025_10` it uses: the licences of April 2025, the package of October
# 2025, both or none. Each is played against each project on the same futures. The payoff to China
# is the value added that Japan and the United States lose, less what its exporters lose in sales.
# This is research: `docs/game.md` says what is in the payoff and what is not.

# %%
import tempfile
from pathlib import Path

import sim
from sim.advice.game import Wish, play_game
from sim.advice.game_words import sentences

REPLICATIONS = 16  # enough to run in seconds; the interval says how little that is
PROJECTS = "lynas_heavy,mp_heavy,caremag_plant,us_japan_framework,reserve_usa_ndfeb_magnet_90d"


def settings_with(policies):
    """Return the scenario's settings, with policies."""
    policy = "+".join(policies) or "none"
    changes = {"run.replications": REPLICATIONS}
    return sim.load("china_ree_controls_2025_10", changes, policy=policy).settings


def game(own_weight):
    """Play the game with a weight of a dollar of own lost sales."""
    wish = Wish(regions=("USA", "JPN"), portfolios=PROJECTS, own_weight=own_weight)
    policies = {"us_japan_framework": "US-Japan framework"}
    return play_game(settings_with, wish, Path(tempfile.mkdtemp()) / "game", policies=policies)


found = game(own_weight=1.0)
for sentence in sentences(found):
    print(sentence)

# %% [markdown]
# ## The ranking, and what changes in it

# %%
for row in found.rows:
    print(
        f"{row['rank_if_it_answers']} (was {row['rank_if_it_stays']})  {row['portfolio']:<30}"
        f"{row['saves_if_it_answers_usd'] / 1e6:10,.0f} million USD if China answers with "
        f"{row['packet_after']}, {row['saves_if_it_stays_usd'] / 1e6:,.0f} if it stays with "
        f"{row['packet_before']}"
    )

# %% [markdown]
# ## How much does China have to mind its own sales to stop?
#
# The payoff of each packet is linear in the weight, so the same losses give every weight.

# %%
loss, own = found.loss.mean(axis=0)[:, 0], found.own.mean(axis=0)[:, 0]
for weight in (0.0, 1.0, 3.0, 10.0, 30.0, 100.0):
    best = (loss - weight * own).argmax()
    print(f"a dollar of own sales counts {weight:5g}: against nothing done it plays {found.packets[best]}")
