"""What the tests of reorganisations share: the eve of the reform with officials, dossiers and signatures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from motcua.dossiers import api as dossiers
from motcua.dossiers import bulk
from motcua.identity import api as identity
from motcua.kernel.clock import from_local
from motcua.kernel.ids import uuid7
from motcua.reorganisation import actions, plans, queries
from motcua.reorganisation.rules.text import digest
from motcua.units import api as units

NAME = "2025-07-01"
EVE, ON = date(2025, 6, 30), date(2025, 7, 1)
FILED_AT = from_local("2025-06-27T09:00")
SIGNED_AT = from_local("2025-06-30T09:00")
EFFECTIVE = from_local("2025-07-01T00:00")
LATER = from_local("2025-07-02T08:00")
PROCEDURE = "1.000419"
CONTENT: dict[str, object] = {"applicant_name": "Nguyễn Thị Mai", "request": "Đăng ký tại nhà"}
TEXT = plans.shipped(NAME)
WHOLE = ("00001", "00004", "00006", "00007", "00008", "00013")  # wards of Hà Nội; most went into one ward
PHUC_XA = "00001"
LOC_NINH = "25270"  # split


def office(code: str, on: date = EVE, kind: units.AgencyKind = units.AgencyKind.PEOPLES_COMMITTEE) -> units.Agency:
    """The agency of a unit on a day."""
    directory = units.directory()
    unit = directory.find_unit(code, on)
    assert unit is not None, code
    found = directory.agency_of(unit.id, kind, on)
    assert found is not None, code
    return found


def everything(*agencies: units.Agency, position: int | None = None) -> identity.Scope:
    """Everybody in these agencies, in all roles."""
    return identity.Scope(
        caller=-7, agencies=frozenset(a.id for a in agencies), roles=frozenset(identity.Role), position=position,
        name="token:7",
    )  # fmt: skip


def leaders(*places: str) -> list[int]:
    """A leader in the committee of each of these provinces (or communes); gives the positions."""
    officials = identity.enrol(names=[f"Lãnh đạo {n}" for n in range(len(places))])
    return identity.appoint(
        appointments=[
            identity.Appointment(official, office(code).id, identity.Role.LEADER, "Chủ tịch", date(2024, 1, 1))
            for official, code in zip(officials, places, strict=True)
        ],
        now=FILED_AT,
    )


def approved(text: str = TEXT) -> None:
    """The plan is kept and signed by two leaders, of Hà Nội and of Thành phố Hồ Chí Minh."""
    actions.register(text=text, now=SIGNED_AT)
    for position in leaders("01", "79"):
        actions.approve(name=NAME, digest=digest(text), position_id=position, now=SIGNED_AT)


def filings(codes: Sequence[str], each: int = 1, address: str = "", now: datetime = FILED_AT) -> list[dossiers.Filing]:
    """So many applications at the committee of each of these old communes."""
    made = []
    for place, code in enumerate(codes):
        here = office(code)
        one = dossiers.prepare(
            dossiers.Application(
                procedure=PROCEDURE,
                area=code,
                reception=here.org(EVE),
                channel="counter",
                applicant=dossiers.Applicant(
                    kind="citizen", name="Nguyễn Thị Mai", number=f"0010990{place:05d}", address=address
                ),
                content=dict(CONTENT),
            ),
            key="",
            digest=b"d" * 32,
            scope=everything(here),
            now=now,
        )
        made += [replace(one, id=uuid7(int(now.timestamp() * 1000)), key=f"{code}:{n}") for n in range(each)]
    return made


def filed(codes: Sequence[str], each: int = 1, address: str = "") -> list[str]:
    """Dossiers by the bulk path; gives their codes."""
    return bulk.write([bulk.Past(filing) for filing in filings(codes, each, address)])


def applied(now: datetime = LATER) -> queries.Progress:
    """Publish and carry on until nothing is left."""
    actions.apply(name=NAME, now=now)
    finished(now)
    return queries.progress(NAME)


def finished(now: datetime = LATER) -> None:
    """Carry on until nothing is left."""
    while actions.carry_on(now=now, name=NAME):
        pass


def rows(table: str, without: Sequence[str] = (), order: str = "id") -> list[dict[str, Any]]:
    """All rows of a table but for these columns."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY {order}")
        names = [column.name for column in cursor.description]
        return [
            {name: value for name, value in zip(names, row, strict=True) if name not in without}
            for row in cursor.fetchall()
        ]
