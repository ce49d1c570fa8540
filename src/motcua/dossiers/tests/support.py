"""What the tests of dossiers share: a commune with its centre, scopes, applications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from motcua.dossiers import actions
from motcua.dossiers.intake import Applicant, Application, Filing, Paper, prepare
from motcua.dossiers.receipts import Receipt
from motcua.identity import api as identity
from motcua.kernel.clock import from_local
from motcua.units import api as units

ON = date(2026, 8, 17)
NOW = from_local("2026-08-17T08:00")
COMMUNE = "00004"  # phường Ba Đình, Hà Nội
NEIGHBOUR = "00008"  # phường Ngọc Hà, Hà Nội
ELSEWHERE = "26740"  # phường Sài Gòn, Thành phố Hồ Chí Minh
# A commune's procedure with the general form, so that its content is one line.
PROCEDURE = "1.000419"


@dataclass(frozen=True)
class Place:
    """A commune of the real country with the agencies that matter at its counter."""

    unit: units.Unit
    committee: units.Agency
    centre: units.Agency

    @property
    def org(self) -> str:
        return self.centre.org(ON)


def place(code: str = COMMUNE, on: date = ON) -> Place:
    directory = units.directory()
    unit = directory.find_unit(code, on)
    assert unit is not None, code
    committee = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, on)
    centre = directory.agency_of(unit.id, units.AgencyKind.SERVICE_CENTRE, on)
    assert committee is not None
    assert centre is not None
    return Place(unit, committee, centre)


def scope(
    *agencies: units.Agency, roles: Sequence[identity.Role] = tuple(identity.Role), caller: int = -1
) -> identity.Scope:
    return identity.Scope(
        caller=caller, agencies=frozenset(a.id for a in agencies), roles=frozenset(roles), name=f"token:{-caller}"
    )


def office(code: str = COMMUNE) -> identity.Scope:
    """Everybody at one commune: its centre and its committee, in all roles."""
    here = place(code)
    return scope(here.committee, here.centre)


CONTENT: dict[str, object] = {"applicant_name": "Nguyễn Thị Mai", "request": "Đăng ký tại nhà"}


def application(
    *,
    channel: str = "counter",
    procedure: str = PROCEDURE,
    area: str = COMMUNE,
    reception: str | None = None,
    number: str = "001099000001",
    name: str = "Nguyễn Thị Mai",
    content: dict[str, object] | None = None,
    components: tuple[Paper, ...] = (),
) -> Application:
    return Application(
        procedure=procedure,
        area=area,
        reception=reception or place(area).org,
        channel=channel,
        applicant=Applicant(kind="citizen", name=name, number=number, phone="0900000000"),
        content=dict(content if content is not None else CONTENT),
        components=components,
    )


def filing(
    made: Application | None = None,
    *,
    key: str | None = None,
    digest: bytes = b"d" * 32,
    by: identity.Scope | None = None,
    now: datetime = NOW,
) -> Filing:
    return prepare(made or application(), key=key or uuid4().hex, digest=digest, scope=by or office(), now=now)


def filed(count: int = 1, **options: object) -> list[Receipt]:
    """So many dossiers, written."""
    receipts = actions.file([filing(**options) for _ in range(count)])  # type: ignore[arg-type]
    assert all(isinstance(r, Receipt) for r in receipts), receipts
    return receipts  # type: ignore[return-value]
