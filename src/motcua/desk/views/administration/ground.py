"""On what ground an administrator stands: which agencies are reached, and which unit a page is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest

from motcua.desk.gate import Seat
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import NotAllowed, NotFound
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class Ground:
    """Địa bàn: the unit whose procedures and processes a page shows. `decides`: this seat may decide for it."""

    unit: units.Unit
    name: str
    province_id: int
    on: date
    decides: bool

    @property
    def is_province(self) -> bool:
        return self.unit.id == self.province_id

    @property
    def unit_id(self) -> int | None:
        """What a decision names: None for the whole province."""
        return None if self.is_province else self.unit.id


def agencies_of(seat: Seat, on: date) -> list[units.Agency]:
    """The agencies that the seat reaches on that day, each unit's together, the seat's own unit first."""
    directory = units.directory()
    reached = [directory.agency(number) for number in seat.scope.agencies or ()]
    order = {kind: place for place, kind in enumerate(units.AgencyKind)}

    def place(agency: units.Agency) -> tuple[bool, str, int, str]:
        unit = directory.unit(agency.unit_id)
        return unit.id != seat.agency.unit_id, unit.code, order[agency.kind], agency.name

    return sorted((agency for agency in reached if agency.in_force(on)), key=place)


def agency_of(seat: Seat, agency_id: int) -> units.Agency:
    """An agency that the seat reaches; NotFound for any other, there or not."""
    if not seat.scope.reaches(agency_id):
        raise NotFound("agency-unknown", "Không có cơ quan này trong phạm vi của ông/bà.")
    return units.directory().agency(agency_id)


def ground_of(request: HttpRequest, seat: Seat) -> Ground:
    """The unit named by ?noi=, which has to be in reach; the seat's own without it."""
    on, directory = clock.today(), units.directory()
    code = request.GET.get("noi", "") or request.POST.get("noi", "")
    unit = directory.find_unit(code, on) if code else directory.unit(seat.agency.unit_id)
    committee = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, on) if unit else None
    in_reach = committee is not None and seat.scope.reaches(committee.id)
    if unit is None or (code and unit.id != seat.agency.unit_id and not in_reach):
        raise NotFound("unit-unknown", "Không có đơn vị này trong phạm vi của ông/bà.")
    decides = in_reach and seat.scope.holds(identity.Role.ADMINISTRATOR)
    return Ground(unit, unit.at(on).full_name, directory.province_of(unit.id, on).id, on, decides)


def grounds(seat: Seat, on: date) -> Iterator[tuple[str, str]]:
    """Code and name of each unit that the seat may ask about."""
    directory = units.directory()
    for agency in agencies_of(seat, on):
        if agency.kind is units.AgencyKind.PEOPLES_COMMITTEE:
            unit = directory.unit(agency.unit_id)
            yield unit.code, unit.at(on).full_name


def administers(seat: Seat) -> bool:
    return seat.scope.holds(identity.Role.ADMINISTRATOR)


def changing(seat: Seat) -> None:
    """Raise NotAllowed unless the seat may change what it sees here."""
    if not administers(seat):
        raise NotAllowed(
            "role-missing",
            "Vị trí lãnh đạo xem được trang này; thay đổi do vị trí quản trị thực hiện.",
            mend="Chọn vị trí quản trị, hoặc nhờ người giữ vị trí đó.",
        )
