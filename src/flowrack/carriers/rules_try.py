"""Whether a question about prices makes sense: a place that exists, a hazard that exists, sides all or none. Pure."""

from __future__ import annotations

from flowrack.shared.errors import BadLine

# ISO 3166-1, the codes of two letters.
_COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
    IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE
    YT ZA ZM ZW
"""
# Classes and divisions of the UN model regulations.
_HAZARDS = "1 1.1 1.2 1.3 1.4 1.5 1.6 2 2.1 2.2 2.3 3 4 4.1 4.2 4.3 5 5.1 5.2 6 6.1 6.2 7 8 9"
COUNTRIES, HAZARDS = frozenset(_COUNTRIES.split()), frozenset(_HAZARDS.split())


def faults(country: str, hazard: str, sides: tuple[int, int, int]) -> list[BadLine]:
    """What is wrong with the question, by field."""
    bad: list[BadLine] = []
    place, danger = country.strip()[:40], hazard.strip()[:40]
    if place.upper() not in COUNTRIES:
        bad.append(BadLine(0, "country", f"“{place}” is no country code.", "Use two letters, such as GB."))
    if danger and danger not in HAZARDS:
        bad.append(BadLine(0, "hazard", f"“{danger}” is no hazard class.", "Write 2, or a division: 2.1."))
    if any(sides) and not all(sides):
        said = "One side alone does not say how large a parcel is."
        bad.append(BadLine(0, "length_mm", said, "Give length, width and height, or none of them."))
    return bad
