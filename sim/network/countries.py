"""Country codes (ISO 3166-1 alpha-3) and the regions that the model knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.network.dictionary import Site

# fmt: off
_ISO = """
ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR
BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL
COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK
FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV
HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO
LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG
MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN
PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE
SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO
TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE
"""
_EU = "AUT BEL BGR HRV CYP CZE DNK EST FIN FRA DEU GRC HUN IRL ITA LVA LTU LUX MLT NLD POL PRT ROU"
# fmt: on

_NAMES = """
china CHN, japan JPN, usa USA, us USA, united states USA, south korea KOR, korea KOR,
germany DEU, france FRA, italy ITA, spain ESP, poland POL, portugal PRT, netherlands NLD,
belgium BEL, sweden SWE, finland FIN, estonia EST, norway NOR, united kingdom GBR, uk GBR,
russia RUS, ukraine UKR, turkey TUR, kazakhstan KAZ, india IND, indonesia IDN, malaysia MYS,
thailand THA, vietnam VNM, myanmar MMR, philippines PHL, taiwan TWN, singapore SGP,
australia AUS, canada CAN, mexico MEX, brazil BRA, chile CHL, argentina ARG, bolivia BOL,
peru PER, south africa ZAF, drc COD, congo COD, dr congo COD, zambia ZMB, zimbabwe ZWE,
madagascar MDG, mozambique MOZ, tanzania TZA, namibia NAM, gabon GAB, guinea GIN, morocco MAR,
saudi arabia SAU, laos LAO, tajikistan TJK, new caledonia NCL, cuba CUB, austria AUT,
hungary HUN, czechia CZE, greece GRC, ireland IRL
"""
CODES = {" ".join(words[:-1]): words[-1] for words in (pair.split() for pair in _NAMES.split(","))}
"""Code of a country by its name, for hints."""

OTHERS = ("OTH", "ROW", "EU")
"""Codes for what is no single country: others, the rest of the world, the European Union."""

RESTS = ("OTH", "ROW")
"""Those of them that are no market of their own: nobody is at home there."""

COUNTRIES = frozenset(_ISO.split()) | set(OTHERS)
EU_MEMBERS = frozenset(_EU.split()) | {"SVK", "SVN", "ESP", "SWE", "EU"}
REGIONS = ("CHN", "JPN", "USA", "EU", "KOR", "ROW")


def region_by_country(country: str) -> str:
    """Return the region of a country; ROW for the rest of the world.

    Examples
    --------
    >>> region_by_country("DEU"), region_by_country("AUS")
    ('EU', 'ROW')
    """
    if country in REGIONS:
        return country
    return "EU" if country in EU_MEMBERS else "ROW"


def region_of(site: Site) -> str:
    """Return a site's region: as given, else by country; ROW for the rest of the world."""
    return site.region or region_by_country(site.country)
