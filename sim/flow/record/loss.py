"""Output lost without input: after the buffer, by a CES whose elasticity grows (docs/model.md, 10).

References
----------
.. [1] Arrow, Chenery, Minhas and Solow (1961), Review of Economics and Statistics 43(3): the CES.
.. [2] Bachmann and others (2022), What if? ECONtribute policy brief 28: one step of it for a short
   input, small share of value, elasticity near 0.
.. [3] Hallegatte (2008), Risk Analysis 28(3): inventories downstream before output.
"""

from __future__ import annotations

from sim.flow.record.state import Site

FIRST_DAYS = 365.0
"""So long from the first shortage on the elasticity is that of the first year."""

RISE_DAYS = 730.0
"""So long it then takes to become the later one, in a straight line."""


def idled(site: Site, k: int, step: float) -> float:
    """Return the use, in tonnes, whose output a short end user loses in period k."""
    if site.value_of_input_share <= 0.0 or site.short <= 0.0:
        return 0.0
    if site.first_short < 0:
        site.first_short = k
        site.left_buffer = site.buffer_days / step
    q = site.short / site.want
    before = site.left_buffer
    site.left_buffer = before - min(before, q)
    age = ((float(k) - site.first_short) * step - FIRST_DAYS) / RISE_DAYS
    early, late = site.elasticity, site.elasticity_later
    sigma = early + (late - early) * min(1.0, max(0.0, age))
    return site.want * lost_share(max(0.0, q - before), site.value_of_input_share, sigma)


def lost_share(lack: float, theta: float, sigma: float) -> float:
    """Return the share of output that is lost where a share of the input lacks.

    Parameters
    ----------
    lack : float
        Share of the input that lacks, 0 to 1.
    theta : float
        The input's share of the value of output, between 0 and 1.
    sigma : float
        Elasticity of substitution, above 0; near 0 it is Leontief: lost as much as lacks.
    """
    if lack <= 0.0:
        return 0.0
    has = 1.0 - lack
    if abs(sigma - 1.0) < 1e-6:
        return 1.0 - float(has**theta)
    rho = (sigma - 1.0) / sigma
    if sigma > 1.0:
        return 1.0 - float((theta * has**rho + (1.0 - theta)) ** (1.0 / rho))
    if lack >= 1.0:
        return 1.0
    # what is left over is taken out of the brackets, so that no power is too large
    left = has * (theta + (1.0 - theta) * has**-rho) ** (1.0 / rho)
    return max(0.0, 1.0 - float(left))
