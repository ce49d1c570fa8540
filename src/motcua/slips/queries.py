"""What stands on each slip: a dossier's record with the names that directory and catalogue give it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import clock
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


@dataclass(frozen=True, slots=True)
class Numbered:
    """A slip that has a number, or is to get one: its dossier, form and row of the log, in an agency's year."""

    dossier: str
    form: str
    n: int
    agency: int
    year: int

    @property
    def key(self) -> tuple[str, str, int]:
        return self.dossier, self.form, self.n


def numbers(slips: Sequence[Numbered]) -> dict[tuple[str, str, int], int]:
    """The numbers that these slips have been given, by their keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slip.dossier, slip.form, slip.n, slip.number FROM slips_slip AS slip "
            "JOIN unnest(%s::text[], %s::text[], %s::int[]) AS asked (dossier, form, n) "
            "ON slip.dossier = asked.dossier AND slip.form = asked.form AND slip.n = asked.n",
            [list(column) for column in zip(*(slip.key for slip in slips), strict=True)],
        )
        return {(dossier, form, n): number for dossier, form, n, number in cursor.fetchall()}


def issuer_of(record: dossiers.Record, due: Due) -> int:
    """The agency under whose head the form goes out."""
    return record.resolving if due.issuer is Issuer.RESOLVING else record.reception


@dataclass(frozen=True, slots=True)
class Ground:
    """What every form of a dossier is made from. `row` is the one that it is about."""

    record: dossiers.Record
    due: Due
    row: dossiers.RecordRow
    before: dossiers.RecordRow | None
    agency: units.Agency
    on: date
    version: procedures.Version
    holders: Mapping[int, identity.Holding]

    @property
    def signer(self) -> str:
        """The name of the official who took the step; "" where nobody says who it was."""
        return self.name_of(self.row.position)

    def name_of(self, position: int | None) -> str:
        held = self.holders.get(position) if position is not None else None
        return held.official if held else ""

    def named(self, agency_id: int) -> str:
        """An agency by its name on the day of the form."""
        return units.directory().agency(agency_id).name_at(self.on)


def contents(
    wanted: Sequence[tuple[dossiers.Record, Due, str]], given: Mapping[tuple[str, str, int], int]
) -> list[dict[str, Any]]:
    """Everything that the templates show, for each slip on its paper. One statement asks for all names."""
    named = {row.position for record, _, _ in wanted for row in record.log if row.position is not None}
    holders = identity.holders(named) if named else {}
    made = []
    for record, due, paper in wanted:
        i = next((i for i, row in enumerate(record.log) if row.n == due.n), 0)
        agency = units.directory().agency(issuer_of(record, due))
        ground = Ground(
            record=record,
            due=due,
            row=record.log[i],
            before=record.log[i - 1] if i else None,
            agency=agency,
            on=day_of(due.at),
            version=procedures.catalogue().by_id(record.version),
            holders=holders,
        )
        number = given.get((record.code, due.form, due.n))
        made.append({**_common(ground, number), "paper": paper.lower(), **MAKERS[due.form](ground)})
    return made


def _common(ground: Ground, number: int | None) -> dict[str, Any]:
    record, version, form = ground.record, ground.version, FORM[ground.due.form]
    case = version.cases.get(record.case, "")
    centre = ground.agency.kind is units.AgencyKind.SERVICE_CENTRE
    held = ground.holders.get(ground.row.position or 0)
    return {
        "form": form.number,
        "title": form.title,
        "issuer": ground.agency.name_at(ground.on),
        "head": head(ground.agency, ground.on),
        "number": rules.number_line(form, number, centre=centre) if number is not None else "",
        "foot": f"{form.source} · {record.code}",
        "code": record.code,
        "name": rules.known(record.applicant, "name"),
        "identity": rules.known(record.applicant, "number"),
        "address": rules.known(record.applicant, "address"),
        "phone": rules.known(record.applicant, "phone"),
        "email": rules.known(record.applicant, "email"),
        "procedure": version.name,
        "request": f"{version.name}{f' – {case}' if case else ''} (mã thủ tục {version.code})",
        "reception": ground.named(record.reception),
        "resolving": ground.named(record.resolving),
        "signer": ground.signer,
        "head_title": held.title if held else "Thủ trưởng cơ quan",
        "reason": ground.row.reason.strip(),
    }


def head(agency: units.Agency, on: date) -> dict[str, Any]:
    """The head of an agency's paper (Nghị định 30/2020/NĐ-CP): a committee stands alone, a centre under one."""
    directory = units.directory()
    unit = directory.unit(agency.unit_id).at(on)
    above: list[str] = []
    name = [agency.name_at(on)]
    if agency.kind in (units.AgencyKind.PEOPLES_COMMITTEE, units.AgencyKind.PEOPLES_COUNCIL):
        name = _two_lines(name[0], unit)
    elif agency.parent_id:
        above = _two_lines(directory.agency(agency.parent_id).name_at(on), unit)
        name = [name[0].removesuffix(unit.full_name).strip() or name[0]]
        if agency.kind is units.AgencyKind.SERVICE_CENTRE:
            name = name[0].replace("Phục vụ ", "Phục vụ\n").split("\n")  # where the head's line has to break
    return {"above": above, "agency": name, "place": place_name(unit), "day": rules.long_day(on)}


def _two_lines(name: str, unit: units.UnitPeriod) -> list[str]:
    """ "Ủy ban nhân dân phường Ba Đình" as it stands in a head: what it is, and below it of where."""
    kind = name.removesuffix(unit.full_name).strip()
    return [kind, unit.full_name] if kind and kind != name else [name]


def place_name(unit: units.UnitPeriod) -> str:
    """The place before the day: the name alone, with its type where the name is a number or a person's."""
    whole = unit.full_name
    return whole[:1].upper() + whole[1:] if unit.name.isdigit() or unit.name == "Hồ Chí Minh" else unit.name


def _receipt(ground: Ground) -> dict[str, Any]:
    record, due, row = ground.record, ground.due, ground.row
    law = dossiers.law_kept(
        record.version, record.area, record.resolving, day_of(record.filed_at), record.case, record.channel
    )
    known = {component.key: component.name for component in ground.version.components}
    papers = [
        rules.paper_line(paper.name or known.get(paper.key, paper.key), paper.form, paper.quantity)
        for paper in record.papers
        if paper.kind == dossiers.Brings.PAPERS.value and paper.step <= due.n
    ]
    notes = []
    if due.provisional:
        by = f" Cơ quan trả lời chậm nhất lúc {rules.long_moment(row.act_by)}." if row.act_by else ""
        notes.append(
            f"Hồ sơ đã được gửi đến và chưa được tiếp nhận.{by} Giấy này chưa phải là giấy tiếp nhận hồ sơ và hẹn trả "
            "kết quả."
        )
    if ground.agency.unit_id != units.directory().agency(record.resolving).unit_id:
        notes.append("Hồ sơ được tiếp nhận không phụ thuộc địa giới hành chính (Điều 14 Nghị định 118/2025/NĐ-CP).")
    online = record.channel == "online"
    return {
        "title": "Giấy xác nhận đã nộp hồ sơ" if due.provisional else FORM["01"].title,
        "provisional": due.provisional,
        "secret": rules.spaced(record.secret),
        "square": printing.square(f"{settings.SITE}/ho-so/{record.code}?bm={record.secret}"),
        "site": settings.SITE.removeprefix("https://").removeprefix("http://"),
        "papers": papers,
        "sets": "01",
        "proxy": rules.proxy_line(record.applicant),
        "delivery": rules.delivery_line(record.applicant, ground.agency.name_at(ground.on)),
        "term": procedures.spell(law.offer.term),
        "received": rules.long_moment(row.at),
        "due_at": rules.long_moment(row.due_at) if row.due_at else "",
        "support": ground.named(record.support) if record.support else "",
        "book": f"sổ điện tử năm {ground.on.year}, lĩnh vực {ground.version.field}" if ground.version.field else "",
        "notes": notes,
        "left_note": "(Đã gửi bằng tài khoản định danh điện tử)" if online else "(Ký và ghi rõ họ tên)",
        "right_note": "(Ký số)" if online else "(Ký và ghi rõ họ tên)",
        "left_name": rules.known(record.applicant, "name"),
    }


def _completion(ground: Ground) -> dict[str, Any]:
    points, why = rules.points(ground.row.reason)
    return {
        "points": points,
        "why": why,
        "until": rules.long_moment(ground.row.act_by) if ground.row.act_by else "",
    }


def _refusal(ground: Ground) -> dict[str, Any]:
    return {"left_name": rules.known(ground.record.applicant, "name")}


def _apology(ground: Ground) -> dict[str, Any]:
    old = ground.before.due_at if ground.before else None
    new = ground.row.due_at
    return {
        "received": rules.long_day(day_of(ground.record.accepted_at or ground.record.filed_at)),
        "old_due": rules.long_moment(old) if old else "",
        "new_due": rules.long_moment(new) if new else "",
    }


def _stopping(ground: Ground) -> dict[str, Any]:
    return {
        "asked": ground.row.step == "withdraw",
        "received": rules.long_day(day_of(ground.record.accepted_at or ground.record.filed_at)),
        "from": rules.long_moment(ground.row.at),
    }


PASSING = frozenset(
    {step.name for step in (*dossiers.FILINGS, *dossiers.STEPS) if step.to is not None}
    | {"process"}
    | {move.name for move in dossiers.MOVES}
)
AWAITING = frozenset(row.state for row in dossiers.STATES if row.next is dossiers.Actor.APPLICANT)
STEP_NAMES = {step.name: step.vi for step in (*dossiers.FILINGS, *dossiers.ARRIVALS, *dossiers.STEPS, *dossiers.MOVES)}


def _control(ground: Ground) -> dict[str, Any]:
    record = ground.record
    hops = rules.hops(record.log, passing=PASSING, awaiting=AWAITING)
    mine = (record.reception, record.resolving)
    others = dict.fromkeys(hop.receiver for hop in hops if hop.receiver is not None and hop.receiver not in mine)

    def side(agency: int | None, position: int | None) -> dict[str, str]:
        who = ground.named(agency) if agency is not None else "Người nộp hồ sơ"
        held = ground.holders.get(position or 0)
        return {"agency": who, "name": f"{held.official} ({held.title})" if held else ""}

    return {
        "others": "; ".join(ground.named(agency) for agency in others),
        "received": rules.long_moment(record.accepted_at) if record.accepted_at else "chưa tiếp nhận",
        "due_at": rules.long_moment(record.due_at) if record.due_at else "",
        "hops": [
            {
                "giver": side(hop.giver, hop.giver_position)
                | ({"name": rules.known(record.applicant, "name")} if hop.giver is None else {}),
                "receiver": side(hop.receiver, hop.receiver_position),
                "at": rules.long_moment(hop.at),
                "kept": hop.kept.value,
                "late": hop.kept is rules.Kept.LATE,
                "note": STEP_NAMES[hop.step],
            }
            for hop in hops
        ],
    }


MAKERS: Mapping[str, Callable[[Ground], dict[str, Any]]] = {
    "01": _receipt,
    "02": _completion,
    "03": _refusal,
    "04": _apology,
    "05": _stopping,
    "06": _control,
}


@dataclass(frozen=True, slots=True)
class BookLine:
    """One line of form 07, with its names; moments as they are."""

    code: str
    procedure: str
    applicant: str
    address: str
    phone: str
    delivery: str
    resolving: str
    received_at: datetime
    due_at: datetime | None
    returned_at: datetime | None
    state: dossiers.State


def book(question: dossiers.BookQuestion) -> tuple[tuple[BookLine, ...], str]:
    """A page of the book of an agency, and the code to go on after, "" on the last page."""
    rows, following = dossiers.book(question)
    catalogue, directory = procedures.catalogue(), units.directory()
    lines = tuple(
        BookLine(
            code=row.code,
            procedure=catalogue.by_id(row.version).name,
            applicant=row.applicant,
            address=row.address,
            phone=row.phone,
            delivery=rules.DELIVERIES.get(row.delivery, ""),
            resolving=directory.agency(row.resolving).name_at(day_of(row.filed_at)),
            received_at=row.accepted_at or row.filed_at,
            due_at=row.due_at,
            returned_at=row.returned_at,
            state=row.state,
        )
        for row in rows
    )
    return lines, following


def book_content(
    question: dossiers.BookQuestion, lines: Sequence[BookLine], *, field: str, number: int | None, on: date
) -> dict[str, Any]:
    """Everything that form 07 shows on paper; `on` is the day on which it is printed."""
    agency = units.directory().agency(question.agency)
    centre = agency.kind is units.AgencyKind.SERVICE_CENTRE
    return {
        "form": "07",
        "paper": "a4",
        "title": rules.BOOK.title,
        "issuer": agency.name_at(on),
        "head": head(agency, on),
        "number": rules.number_line(rules.BOOK, number, centre=centre) if number is not None else "",
        "foot": str(rules.BOOK.source),
        "field": field,
        "first": f"{question.first:%d/%m/%Y}",
        "last": f"{question.last:%d/%m/%Y}",
        "rows": [
            [
                str(n),
                line.code,
                line.procedure,
                line.applicant,
                ", ".join(filter(None, (line.address, line.phone))),
                line.resolving,
                rules.short_moment(line.received_at),
                rules.short_moment(line.due_at),
                rules.short_moment(line.returned_at),
                line.delivery,
            ]
            for n, line in enumerate(lines, 1)
        ],
    }


def book_rows(lines: Sequence[BookLine]) -> Iterator[tuple[str | int | datetime | None, ...]]:
    """The lines as cells; moments as the clocks in Viet Nam show them, because a workbook knows no other."""
    for n, line in enumerate(lines, 1):
        moments = (line.received_at, line.due_at, line.returned_at)
        yield (
            n, line.code, line.procedure, line.applicant, line.address, line.phone, line.resolving,
            *(clock.local(moment).replace(tzinfo=None) if moment else None for moment in moments), line.delivery,
        )  # fmt: skip


def numbers_given(agencies: Sequence[int]) -> dict[int, int]:
    """How many numbers these agencies have given to slips; those that gave any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT agency, sum(last) FROM slips_counter WHERE agency = ANY(%s) GROUP BY agency", [list(agencies)]
        )
        return {agency: int(count) for agency, count in cursor.fetchall()}
