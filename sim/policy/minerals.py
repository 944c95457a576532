"""Which products belong to which mineral, so that a rule can say ``mineral: lithium``.

A network of somebody's own may call its products otherwise; its rules then name products.
"""

from __future__ import annotations

from sim.network.dictionary import Site

MINERALS: dict[str, frozenset[str]] = {
    "lithium": frozenset({"lithium_concentrate", "lithium_brine", "lithium_chemical"}),
    "cobalt": frozenset({"cobalt_intermediate", "cobalt_refined", "cobalt_sulphate"}),
    "nickel": frozenset(
        {
            "nickel_laterite",
            "nickel_sulphide",
            "nickel_class1",
            "nickel_class2",
            "nickel_matte",
            "nickel_sulphate",
        }
    ),
    "graphite": frozenset(
        {"graphite_flake", "graphite_spherical", "graphite_anode", "needle_coke"}
    ),
    "rare_earths": frozenset(
        {
            "light_concentrate",
            "heavy_concentrate",
            "ndpr_oxide",
            "dytb_oxide",
            "ndpr_metal",
            "dytb_metal",
            "ndfeb_magnet",
        }
    ),
    "gallium": frozenset({"gallium_crude", "gallium_refined"}),
    "germanium": frozenset({"germanium_concentrate", "germanium_refined"}),
    "antimony": frozenset({"antimony_ore", "antimony_refined"}),
    "tungsten": frozenset({"tungsten_concentrate", "tungsten_apt"}),
    "battery_cells": frozenset({"cell_nickel", "cell_lfp"}),
    "yttrium": frozenset({"yttrium_concentrate", "yttrium_oxide"}),
    "scandium": frozenset({"scandium_feed", "scandium_oxide"}),
    "samarium": frozenset(
        {"samarium_concentrate", "samarium_oxide", "samarium_metal", "smco_magnet"}
    ),
}


def minerals_of(site: Site) -> set[str]:
    """Return the minerals of a site: of its product, or of what an end user buys."""
    products = {site.product} if site.kind != "end_user" else set(site.feeds)
    return {name for name, own in MINERALS.items() if own & products}
