"""What stands on each slip: a dossier's record with the names that directory and catalogue give it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.clock import day_of
from motcua.procedures import api as procedures
from motcua.slips import printing, rules
from motcua.slips.rules import FORM, Due, Issuer
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class Available:
    """A form that can be made for a dossier, from row `n` of its log; provisional ones have no number."""

    form: str
    title: str
    n: int
    at: datetime
    provisional: bool
    source: str


def available(code: str, *, scope: identity.Scope) -> tuple[Available, ...]:
    """The forms of a dossier that its reader may have, by number; NotFound if it does not concern the reader."""
    record = dossiers.records([code], scope=scope)[code]
    return tuple(
        Available(due.form, FORM[due.form].title, due.n, due.at, due.provisional, str(FORM[due.form].source))
        for due in rules.forms_of(record.log, own=record.own)
    )


def numbers(slips: Iterable[tuple[str, str, int, int, int]]) -> dict[tuple[str, str, int], int]:
    """The numbers that these slips (dossier, form, row of the log) have been given."""
    asked = [slip[:3] for slip in slips]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slip.dossier, slip.form, slip.n, slip.number FROM slips_slip AS slip "
            "JOIN unnest(%s::text[], %s::text[], %s::int[]) AS asked (dossier, form, n) "
            "ON slip.dossier = asked.dossier AND slip.form = asked.form AND slip.n = asked.n",
            [list(column) for column in zip(*asked, strict=True)],
        )
        return {(dossier, form, n): number for dossier, form, n, number in cursor.fetchall()}


class Facts:
    """What many slips need to know of positions, asked for once."""

    def __init__(self, records: Sequence[dossiers.Record]) -> None:
        named = {row.position for record in records for row in record.log if row.position is not None}
        self.holders = identity.holders(named) if named else {}

    def of(self, record: dossiers.Record, due: Due, *, number: int | None, paper: str) -> dict[str, Any]:
        """Everything that the template of the form shows."""
        form = FORM[due.form]
        on = day_of(due.at)
        agency = units.directory().agency(record.resolving if form.issuer is Issuer.RESOLVING else record.reception)
        version = procedures.catalogue().by_id(record.version)
        centre = agency.kind is units.AgencyKind.SERVICE_CENTRE
        who = record.applicant
        case = version.cases.get(record.case, "")
        common = {
            "form": due.form,
            "paper": paper.lower(),
            "title": form.title,
            "issuer": agency.name_at(on),
            "head": head(agency, on),
            "number": rules.number_line(form, number, centre=centre) if number is not None else "",
            "foot": f"{form.source}. Mã hồ sơ {record.code}",
            "code": record.code,
            "name": rules.known(who, "name"),
            "identity": rules.known(who, "number"),
            "address": rules.known(who, "address"),
            "phone": rules.known(who, "phone"),
            "email": rules.known(who, "email"),
            "request": f"{version.name}{f' – {case}' if case else ''} (mã thủ tục {version.code})",
            "resolving": units.directory().agency(record.resolving).name_at(on),
        }
        own: dict[str, Any] = MAKERS[due.form](self, record, due, version, agency)
        return common | own

    def signer(self, record: dossiers.Record, n: int) -> identity.Holding | None:
        """Who took the step of this row, where an official did."""
        position = next((row.position for row in record.log if row.n == n), None)
        return self.holders.get(position) if position is not None else None


def head(agency: units.Agency, on: date) -> dict[str, Any]:
    """The head of an agency's paper (Nghị định 30/2020/NĐ-CP): a committee stands alone, a centre under one."""
    directory = units.directory()
    unit = directory.unit(agency.unit_id).at(on)
    above: list[str] = []
    name = [agency.name_at(on)]
    if agency.kind in (units.AgencyKind.PEOPLES_COMMITTEE, units.AgencyKind.PEOPLES_COUNCIL):
        name = _two_lines(name[0], unit)
    else:
        parent = directory.agency(agency.parent_id) if agency.parent_id else None
        above = _two_lines(parent.name_at(on), unit) if parent else []
        name = [name[0].removesuffix(unit.full_name).strip() or name[0]] if parent else name
    return {"above": above, "agency": name, "place": place_name(unit), "day": rules.long_day(on)}


def _two_lines(name: str, unit: units.UnitPeriod) -> list[str]:
    """ "Ủy ban nhân dân phường Ba Đình" as it stands in a head: what it is, and below it of where."""
    kind = name.removesuffix(unit.full_name).strip()
    return [kind, unit.full_name] if kind and kind != name else [name]


def place_name(unit: units.UnitPeriod) -> str:
    """The place before the day: the name alone, with its type where the name is a number or a person's."""
    return unit.full_name.capitalize() if unit.name.isdigit() or unit.name == "Hồ Chí Minh" else unit.name


def _receipt(
    facts: Facts, record: dossiers.Record, due: Due, version: procedures.Version, agency: units.Agency
) -> dict[str, Any]:
    on = day_of(due.at)
    row = next(row for row in record.log if row.n == due.n)
    law = dossiers.law_here(record.version, record.area, day_of(record.filed_at), record.case, record.channel)
    known = {component.key: component.name for component in version.components}
    papers = [
        rules.paper_line(paper.name or known.get(paper.key, paper.key), paper.form, paper.quantity)
        for paper in record.papers
        if paper.kind == "paper" and paper.step <= due.n
    ]
    signer = facts.signer(record, due.n)
    electronic = record.channel == "online"
    support = units.directory().agency(record.support).name_at(on) if record.support else ""
    notes = []
    if due.provisional:
        notes.append(
            "Hồ sơ đã được gửi và chưa được tiếp nhận. "
            + (f"Cơ quan trả lời chậm nhất lúc {rules.long_moment(row.act_by)}. " if row.act_by else "")
            + "Giấy này chưa phải là giấy tiếp nhận hồ sơ và hẹn trả kết quả."
        )
    if record.reception != record.resolving and agency.unit_id != units.directory().agency(record.resolving).unit_id:
        notes.append("Hồ sơ được tiếp nhận không phụ thuộc địa giới hành chính (Điều 14 Nghị định 118/2025/NĐ-CP).")
    return {
        "title": "Giấy xác nhận đã nộp hồ sơ" if due.provisional else FORM["01"].title,
        "secret": rules.spaced(record.secret),
        "square": printing.square(f"{settings.SITE}/ho-so/{record.code}?bm={record.secret}"),
        "provisional": due.provisional,
        "papers": papers,
        "sets": "01",
        "term": procedures.spell(law.offer.term),
        "received": rules.long_moment(row.at),
        "due": rules.long_moment(row.due_at) if row.due_at else "",
        "place": agency.name_at(on),
        "support": support,
        "book": f"Sổ điện tử năm {on.year}, lĩnh vực {version.field}" if version.field else "",
        "notes": notes,
        "counter": record.channel == "counter",
        "signs": {
            "left": rules.known(record.applicant, "name"),
            "right": signer.official if signer else "",
            "left_note": "(Đã nộp trực tuyến)" if electronic else "(Ký và ghi rõ họ tên)",
            "right_note": "(Ký số)" if electronic else "(Ký và ghi rõ họ tên)",
        },
    }


MAKERS: Mapping[str, Any] = {"01": _receipt}
