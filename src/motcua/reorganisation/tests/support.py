"""What the tests of reorganisations share: the eve of the reform with officials, dossiers and signatures."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from unittest import mock

from django.db import connection
from tests import cluster

from motcua.config import database
from motcua.dossiers import api as dossiers
from motcua.dossiers import bulk
from motcua.identity import api as identity
from motcua.kernel.clock import from_local
from motcua.kernel.ids import uuid7
from motcua.procedures import api as procedures
from motcua.reorganisation import actions, drawing, following, plans, queries
from motcua.reorganisation.models import Passed
from motcua.reorganisation.rules import shipped
from motcua.reorganisation.rules.states import Subject
from motcua.reorganisation.rules.text import digest, write
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
WHOLE = ("00001", "00004", "00006", "00008", "00013", "25228")  # each went into one unit as a whole
PHUC_XA = "00001"
XUAN_TAM = "26449"  # the one commune of Đồng Nai that was split


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


def approved(text: str = TEXT, places: Sequence[str] = ("01", "79")) -> None:
    """The plan is kept and signed by two leaders. Whether it is sound is the business of other tests."""
    with mock.patch.object(drawing, "checked", drawing.plan_of):
        actions.register(text=text, now=SIGNED_AT)
    for position in leaders(*places):
        actions.approve(name=NAME, digest=digest(text), position_id=position, now=SIGNED_AT)


@contextmanager
def working_on(address: str) -> Iterator[None]:
    """Work on another database until the end."""
    before = connection.settings_dict["NAME"]
    connection.close()
    database.use(address)
    try:
        units.forget()
        units.refresh()
        procedures.refresh()
        yield
    finally:
        connection.close()
        database.use(cluster.url(before))
        units.forget()


def little_country() -> str:
    """Leaves of the eve's country Hà Nội, Bình Phước and Đồng Nai alone; gives the plan that makes two of three."""
    before = _of_provinces(units.read_rows(), EVE, OLD)
    with connection.cursor() as cursor:
        for table, kept, column in (
            ("identifier", [r[5] for r in before.identifiers if r[5]], "agency_id"),
            ("identifier", [r[4] for r in before.identifiers if r[4]], "unit_id"),
            ("agency", [r[0] for r in before.agencies], "id"),
            ("figures", [r[0] for r in before.units], "unit_id"),
            ("unitperiod", [r[0] for r in before.units], "unit_id"),
            ("unit", [r[0] for r in before.units], "id"),
        ):
            cursor.execute(
                f"DELETE FROM units_{table} WHERE {column} IS NOT NULL AND NOT {column} = ANY(%s::bigint[])", [kept]
            )
    units.publish(now=FILED_AT, note="Hà Nội, Bình Phước, Đồng Nai")
    after = _of_provinces(units.known_on(units.packaged_rows(), ON), ON, OLD | NEW)
    return write(shipped.drafted(NAME, units.read_rows(), after))


OLD, NEW = frozenset({1_200_001, 1_200_070, 1_200_075}), frozenset({2_200_001, 2_200_075})


def _of_provinces(rows: units.Rows, on: date, provinces: frozenset[int]) -> units.Rows:
    """The rows of these provinces and of all below them."""
    directory = units.build(1, rows)
    kept = {unit.id for unit in directory.units() if directory.province_of(unit.id, on).id in provinces}
    agencies = {agency.id for agency in directory.agencies() if agency.unit_id in kept}
    return units.Rows(
        units=[r for r in rows.units if r[0] in kept],
        periods=[r for r in rows.periods if r[0] in kept],
        agencies=[r for r in rows.agencies if r[0] in agencies],
        identifiers=[r for r in rows.identifiers if r[4] in kept or r[5] in agencies],
        successions=[r for r in rows.successions if r[1] in kept],
    )


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
        made += [replace(one, id=uuid7(int(now.timestamp() * 1000)), key=f"{code}:{address}:{n}") for n in range(each)]
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
    while following.carry_on(now=now, name=NAME):
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


def unchecked() -> Any:
    """Whether a plan is sound is not asked."""
    return mock.patch.object(drawing, "checked", drawing.plan_of)


def heir(code: str) -> tuple[units.Agency, units.Agency]:
    """The committee and the centre of the one unit that an old one became."""
    directory = units.directory()
    unit = directory.find_unit(code, EVE)
    assert unit is not None
    [found] = directory.became(unit.id, ON)
    committee = directory.agency_of(found.unit.id, units.AgencyKind.PEOPLES_COMMITTEE, ON)
    centre = directory.agency_of(found.unit.id, units.AgencyKind.SERVICE_CENTRE, ON)
    assert committee is not None
    assert centre is not None
    return committee, centre


def withdrawn(code: str, at: units.Agency) -> None:
    """The applicant takes the dossier back: it is closed."""
    [taken] = dossiers.take_steps(
        [dossiers.StepRequest(code, "withdraw", code, b"d", everything(at), dossiers.Given(SIGNED_AT, "không cần nữa"))]
    )
    assert not isinstance(taken, Exception), taken


def filed_now(centre: units.Agency, now: datetime) -> None:
    """Somebody files at a new centre."""
    unit = units.directory().unit(centre.unit_id)
    application = dossiers.Application(
        procedure=PROCEDURE,
        area=unit.code,
        reception=centre.org(ON),
        channel="counter",
        applicant=dossiers.Applicant(kind="citizen", name="Trần Văn Bình", number="001099999999"),
        content=dict(CONTENT),
    )
    [receipt] = dossiers.file(
        [dossiers.prepare(application, key="new", digest=b"d" * 32, scope=everything(centre), now=now)]
    )
    assert not isinstance(receipt, Exception), receipt


def again(filing: dossiers.Filing) -> dossiers.Filing:
    """The same application once more."""
    return replace(filing, id=uuid7(), key=f"{filing.key}:again")


def listed(office: units.Agency) -> set[str]:
    """The codes in the work list of an agency."""
    [page] = dossiers.work_lists([dossiers.WorkListQuestion(everything(office), office.id, "to_hand_over", LATER)])
    assert isinstance(page, dossiers.WorkList), page
    return {item.code for item in page.items}


def holding(position: int) -> list[int]:
    """The positions in which the official of this one goes on after the plan."""
    found = Passed.objects.filter(subject=Subject.POSITION, number=position)
    return [passed.after["position"] for passed in found]
