"""Forms of codes, and the identifiers that a rule makes where no open list gives them.

Quyết định 20/2020/QĐ-TTg art. 4: groups of letters and digits between dots, level 1 leftmost. QCVN 102:2016
writes the same right to left in four groups, V1V2V3.Z1Z2.Y1Y2.MX1X2.
"""

import re

from motcua.units.rules.values import Level, Scheme

_AREA = re.compile(r"\d{2}|\d{3}|\d{5}", re.ASCII)
_ORG = re.compile(r"[A-Y]\d{2}(\.[A-Z0-9]+)*", re.ASCII)
_ORG102 = re.compile(r"[A-Z0-9]+(\.[A-Z0-9]+)*\.[A-Y]\d{2}", re.ASCII)

LEVELS = {2: Level.PROVINCE, 3: Level.DISTRICT, 5: Level.COMMUNE}
WIDTHS = {level: width for width, level in LEVELS.items()}

PROVINCE_CENTRE = "099"
FIRST_COMMUNE = 101
FIRST_OLD_DISTRICT = 301  # beyond every commune of today, so that no made identifier is given out twice
FIRST_OLD_DISTRICT_102 = 21
MADE = "motcua: made by rule (docs/decisions/units.md)"


def scheme_of(code: str) -> Scheme | None:
    """In which list a code of this form would stand; None when no list has such codes."""
    if _AREA.fullmatch(code):
        return Scheme.AREA
    if _ORG.fullmatch(code):
        return Scheme.ORG
    if len(code) <= 64 and _ORG102.fullmatch(code):
        return Scheme.ORG102
    return None


def level_of(code: str) -> Level:
    """The level of a well-formed area code: 2 digits province, 3 district, 5 commune."""
    return LEVELS[len(code)]


def province_102(org: str) -> str:
    return f"000.00.00.{org}"


def department(org: str, number: str) -> tuple[str, str]:
    """Both identifiers of a department, or of the provincial centre with number 099, of the province `org`."""
    return f"{org}.{number}", f"000.00.{number[1:]}.{org}"


def commune(org: str, place: int) -> tuple[str, str]:
    """Both identifiers of the committee of the commune in this place (0, 1, ...) of its province by area code."""
    number = FIRST_COMMUNE + place
    return f"{org}.{number}", f"{number}.00.{PROVINCE_CENTRE[1:]}.{org}"


def commune_centre(org: str, place: int) -> tuple[str, str]:
    """Both identifiers of that commune's service centre."""
    number = FIRST_COMMUNE + place
    return f"{org}.{number}.01", f"{number}.01.{PROVINCE_CENTRE[1:]}.{org}"


def old_district(org: str, place: int) -> tuple[str, str]:
    """Both identifiers of the committee of the district in this place of its province, until 2025-06-30."""
    return f"{org}.{FIRST_OLD_DISTRICT + place}", f"000.00.{FIRST_OLD_DISTRICT_102 + place}.{org}"


def old_commune(org: str, district: int, place: int) -> tuple[str, str]:
    """Both identifiers of the committee of the commune in this place of that district, until 2025-06-30."""
    above, above_102 = FIRST_OLD_DISTRICT + district, FIRST_OLD_DISTRICT_102 + district
    return f"{org}.{above}.{place + 1:02}", f"000.{place + 1:02}.{above_102}.{org}"
