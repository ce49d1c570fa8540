"""Understanding the sheet: which procedure, which person, which commune, who resolves, and what is still missing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from motcua.desk.counter import areas, declaration, suggestions
from motcua.desk.counter.sheet import PaperLine, Sheet, paper_lines
from motcua.desk.gate import Seat
from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import terms
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Failure, Permanent
from motcua.procedures import api as procedures
from motcua.screens import words
from motcua.units import api as units

SAID = {
    "number-signs": gettext_noop("Số định danh cá nhân chỉ gồm chữ số. Gõ lại 12 chữ số trên thẻ."),
    "number-length": gettext_noop("Số định danh cá nhân có 12 chữ số. Gõ lại 12 chữ số trên thẻ."),
    "number-length-9": gettext_noop(
        "Số định danh cá nhân có 12 chữ số; số chứng minh nhân dân 9 số không còn dùng được."
    ),
    "number-place": gettext_noop("Ba số đầu không phải mã nơi đăng ký khai sinh nào. Gõ lại 12 chữ số trên thẻ."),
    "tax-number-check": gettext_noop("Mã số thuế sai số kiểm tra. Gõ lại mã số trên giấy đăng ký."),
    "organisation-number": gettext_noop(
        "Mã số tổ chức có 10 chữ số (đơn vị phụ thuộc thêm 3 số), 12 chữ số (hộ kinh doanh) hoặc là mã định danh."
    ),
    "card-fields": gettext_noop("Máy quét đưa vào thiếu phần của mã QR. Quét lại, hoặc gõ 12 chữ số trên thẻ."),
    "card-old-number": gettext_noop("Số chứng minh nhân dân cũ trong mã QR không đúng. Quét lại thẻ."),
    "card-birth-date": gettext_noop("Ngày sinh và số định danh trên thẻ không khớp nhau. Quét lại, hoặc gõ tay."),
    "card-sex": gettext_noop("Giới tính và số định danh trên thẻ không khớp nhau. Quét lại, hoặc gõ tay."),
    "not-published": gettext_noop("Thủ tục này chưa được công khai tại nơi giải quyết."),
    "not-boundary-free": gettext_noop("Thủ tục này chỉ được tiếp nhận tại nơi giải quyết."),
    "other-province": gettext_noop(
        "Tiếp nhận không phụ thuộc địa giới chỉ trong phạm vi một tỉnh (Điều 14 Nghị định 118/2025/NĐ-CP). "
        "Có thể chọn “Hỗ trợ nộp trực tuyến”."
    ),
    "not-given-here": gettext_noop("Thủ tục này không thực hiện tại xã, phường của người nộp."),
    "not-settled-here": gettext_noop("Cơ quan giải quyết không dùng hệ thống này; nộp tại hệ thống của cơ quan đó."),
    "data-refused": gettext_noop("Có giá trị quá dài hoặc có ký tự lạ."),
    "key-reused": gettext_noop("Tờ này đã được tiếp nhận trước đó với nội dung khác."),
}
"""What an official is told of a failure; others are told in the failure's own words."""


def said(failure: Failure) -> str:
    return _(SAID[failure.problem]) if failure.problem in SAID else failure.detail


@dataclass(frozen=True, slots=True)
class Place:
    """Nơi giải quyết and what it promises, had the dossier been received now; `trouble` says why it can't be here."""

    area: str
    support: str
    reception: str
    resolving: str
    beyond: bool  # received outside the borders of who resolves
    term: str
    term_source: str
    term_assumed: bool
    due: datetime | None
    basis: str
    trouble: str = ""


@dataclass(slots=True)
class Work:
    """Everything that the page shows. `errors` are by the name of their field."""

    sheet: Sheet
    version: procedures.Version | None = None
    picks: Sequence[procedures.Version] = ()
    cases: list[tuple[str, str]] = field(default_factory=list)
    area: units.Unit | None = None
    communes: Sequence[areas.AreaChoice] = ()
    place: Place | None = None
    reception: units.Agency | None = None
    lines: list[PaperLine] = field(default_factory=list)
    groups: declaration.Groups = field(default_factory=list)
    optional: declaration.Groups = field(default_factory=list)
    woman: bool | None = None
    asked_for_person: bool = False

    @property
    def errors(self) -> dict[str, str]:
        return self.sheet.errors


def understand(sheet: Sheet, seat: Seat, now: datetime) -> Work:
    """Fill in whatever follows from what is typed. Errors are only of what is there, not of what is missing."""
    on = day_of(now)
    work = Work(sheet)
    _find_card(sheet)
    _person(work, seat, now)
    _procedure(work, seat, now)
    _area(work, seat, on)
    if work.version is not None:
        _declaration(work)
        work.lines = paper_lines(sheet, work.version, sheet.typed["case"])
        if work.area is not None:
            _place(work, seat, now)
    return work


# --- who ----------------------------------------------------------------------------------------------------------


def _find_card(sheet: Sheet) -> None:
    """A scanner types wherever the cursor stands: the card goes where it belongs."""
    for name in ("procedure", "name", "birth_date", "phone", "email", "address", "area"):
        if identity.looks_like_card(sheet.typed[name]):
            sheet.typed["number"], sheet.typed[name] = sheet.typed[name], ""
            sheet.typed["kind"] = "citizen"


def _person(work: Work, seat: Seat, now: datetime) -> None:
    sheet, typed = work.sheet, work.sheet.typed
    if not typed["number"]:
        return
    card = None
    try:
        if identity.looks_like_card(typed["number"]):
            typed["kind"] = "citizen"
            card = identity.read_card(typed["number"])
            number = card.number
        elif typed["kind"] == "citizen":
            number = identity.read_person_number(typed["number"]).number
        else:
            number = identity.read_organisation_number(typed["number"])
    except Permanent as failure:
        sheet.errors["number"] = said(failure)
        return
    typed["number"] = number
    if typed["kind"] == "citizen":
        work.woman = identity.read_person_number(number).woman
    looked = f"{typed['kind']}:{number}"
    somebody_else = typed["looked"] not in ("", looked)
    if somebody_else:
        sheet.forget_person()
    if card is not None:
        typed["area"] = typed["area_code"] = ""
        born = words.day(card.birth_date) if card.birth_date else ""
        sheet.fill("card", {"name": card.name, "birth_date": born, "address": card.address}, over=True)
        lost = {
            "name": _("Máy quét không đưa được họ tên nguyên vẹn, vui lòng gõ tay."),
            "birth_date": _("Máy quét không đưa được ngày sinh, vui lòng gõ tay."),
            "address": _("Máy quét không đưa được địa chỉ nguyên vẹn, vui lòng gõ tay."),
        }
        sheet.errors |= {name: lost[name] for name in card.lost if not typed[name]}
    if typed["looked"] == looked and card is None:
        return
    typed["looked"] = looked
    work.asked_for_person = True
    known = identity.look_up_party(
        kind=typed["kind"], number=number, agency_id=seat.agency.id, by=seat.scope, now=now
    )  # fmt: skip
    typed["known_name"] = known.name if known else ""
    if known is not None:
        born = words.day(known.birth_date) if known.birth_date else ""
        given = {"name": known.name, "birth_date": born, "phone": known.phone, "email": known.email}
        sheet.fill("register", given | {"address": known.address}, over=False)
    elif typed["kind"] == "organisation" and (agency := units.directory().find_agency(number, day_of(now))):
        sheet.fill("register", {"name": agency.name_at(day_of(now))}, over=False)


# --- what for -----------------------------------------------------------------------------------------------------


def level_of(seat: Seat) -> str:
    level = units.directory().unit(seat.agency.unit_id).level
    return "commune" if level == units.Level.COMMUNE else "province"


def usual(seat: Seat, now: datetime) -> tuple[str, ...]:
    """What this agency receives most often, as codes."""
    return dossiers.most_filed(seat.agency.id, scope=seat.scope, now=now)


def title(version: procedures.Version) -> str:
    """How a chosen procedure stands in the field."""
    return f"{version.code} {version.name}"


def _procedure(work: Work, seat: Seat, now: datetime) -> None:
    sheet, typed, on = work.sheet, work.sheet.typed, day_of(now)
    version = suggestions.of_code(typed["pick"], on) or suggestions.of_code(typed["procedure"], on)
    if version is None:
        work.picks = suggestions.suggest(typed["procedure"], on, often=usual(seat, now), level=level_of(seat))
        if typed["procedure"] and not work.picks:
            sheet.errors["procedure"] = _("Không có thủ tục nào khớp với chữ đã gõ.")
        typed["case"] = ""
        return
    work.version = version
    if typed["of"] not in ("", version.code):
        sheet.forget_papers()
    typed["procedure"], typed["pick"], typed["of"] = title(version), "", version.code
    cases = [case for case in version.cases if case]
    if typed["case"] not in cases:
        typed["case"] = ""
    work.cases = [(case, version.cases[case]) for case in cases]


def known_of(work: Work) -> dict[str, str]:
    """The applicant's data by the names that forms call them."""
    typed = work.sheet.typed
    born = declaration.day(typed["birth_date"])
    return {
        "party.name": typed["name"],
        "party.number": typed["number"] if "number" not in work.errors else "",
        "party.birth_date": born,
        "party.phone": phone_of(typed["phone"]),
        "party.email": typed["email"],
        "party.address": typed["address"],
        "person.gender": declaration.of_gender(work.woman),
    }


def _declaration(work: Work) -> None:
    version, sheet = work.version, work.sheet
    assert version is not None
    if "request" in version.schema["properties"] and not sheet.form.get("c.request"):
        sheet.form["c.request"] = declaration.summed_up(version.name)
    known = dict.fromkeys(known_of(work), "?")  # every such field has a source, typed already or not
    work.groups, work.optional = declaration.fields(version.schema, sheet.form, known)


# --- where --------------------------------------------------------------------------------------------------------


def _area(work: Work, seat: Seat, on: date) -> None:
    sheet, typed, directory = work.sheet, work.sheet.typed, units.directory()
    near = directory.province_of(seat.agency.unit_id, on).id
    picked = typed["area_pick"] and directory.find_unit(typed["area_pick"], on, units.Level.COMMUNE)
    kept = typed["area_code"] and directory.find_unit(typed["area_code"], on, units.Level.COMMUNE)
    if picked:
        work.area = picked
    elif kept and typed["area"] == areas.label(kept, on):
        work.area = kept
    else:
        found: Sequence[areas.AreaChoice] = ()
        if typed["area"]:
            found = areas.choices(typed["area"], on, near=near)
            if not found:
                sheet.errors["area"] = _("Không tìm thấy xã, phường nào tên như vậy, cũ hay mới.")
        elif typed["address"]:
            found = areas.of_address(typed["address"], on, near=near)
        if len(found) == 1:
            work.area = directory.find_unit(found[0].code, on, units.Level.COMMUNE)
        work.communes = found if len(found) > 1 else ()
    typed["area_pick"] = ""
    typed["area_code"] = work.area.code if work.area else ""
    if work.area:
        typed["area"] = areas.label(work.area, on)


def reception_of(work: Work, seat: Seat, on: date) -> units.Agency:
    """Who receives: this agency, but for help with filing online, the centre where the applicant lives."""
    assert work.area is not None
    if work.sheet.typed["channel"] != "assisted":
        return seat.agency
    centre = units.directory().agency_of(work.area.id, units.AgencyKind.SERVICE_CENTRE, on)
    return centre or seat.agency


def application_of(
    work: Work, seat: Seat, on: date, *, content: dict[str, object], papers: tuple[dossiers.Paper, ...], channel: str
) -> dossiers.Application:
    assert work.version is not None
    assert work.area is not None
    typed = work.sheet.typed
    reception = reception_of(work, seat, on)
    born = parsed_day(typed["birth_date"])
    return dossiers.Application(
        procedure=work.version.code,
        area=work.area.code,
        reception=reception.org(on),
        support=seat.agency.org(on) if channel == "assisted" else "",
        channel=channel,
        case=typed["case"],
        applicant=dossiers.Applicant(
            kind=typed["kind"], name=typed["name"], number=typed["number"], birth_date=born,
            phone=phone_of(typed["phone"]), email=typed["email"], address=typed["address"], proxy=proxy_of(typed),
            delivery=typed["delivery"], delivery_place=typed["delivery_place"] if typed["delivery"] == "post" else "",
        ),
        content=content,
        components=papers,
    )  # fmt: skip


OF_PROXY = ("proxy_number", "proxy_phone", "proxy_address", "proxy_document")


def proxy_of(typed: Mapping[str, str]) -> dossiers.Proxy | None:
    """Who stands at the counter for the applicant; None when the applicant came."""
    if not typed["proxy_name"]:
        return None
    return dossiers.Proxy(
        name=typed["proxy_name"], number=typed["proxy_number"], phone=phone_of(typed["proxy_phone"]),
        address=typed["proxy_address"], document=typed["proxy_document"],
    )  # fmt: skip


def _place(work: Work, seat: Seat, now: datetime) -> None:
    """Tried as an application without content: whatever is wrong before that is wrong with the place."""
    assert work.version is not None
    assert work.area is not None
    on, channel, case = day_of(now), work.sheet.typed["channel"], work.sheet.typed["case"]
    reception = work.reception = reception_of(work, seat, on)
    trial = application_of(work, seat, on, content={"": ""}, papers=(), channel=channel)
    support = seat.agency.name_at(on) if channel == "assisted" else ""
    trouble, resolving, basis, term, source, assumed, due, beyond = "", "", "", "", "", False, None, False
    try:
        here = dossiers.law_here(work.version.id, work.area.id, on, case, channel)
        competence, offer = here.competence, here.offer
        resolving = competence.agency.name_at(on) if competence.agency else competence.external
        basis, source, assumed = competence.basis, str(offer.source), offer.term_assumed
        term = words.term(offer.term)
        due = terms.due(now, offer.term, here.calendar) if channel != "assisted" else None
        own = competence.agency.unit_id if competence.agency else None
        beyond = reception.unit_id not in (own, work.area.id)
        dossiers.prepare(trial, key="trial", digest=b"", scope=seat.scope, now=now)
    except Failure as failure:
        trouble = "" if failure.problem == "content-invalid" else said(failure)
    work.place = Place(
        areas.label(work.area, on), support, reception.name_at(on), resolving, beyond, term, source, assumed, due,
        basis, trouble,
    )  # fmt: skip


# --- what is missing ----------------------------------------------------------------------------------------------


def parsed_day(typed: str) -> date | None:
    """A day as people type it, or None."""
    try:
        return date.fromisoformat(declaration.day(typed))
    except ValueError:
        return None


def phone_of(typed: str) -> str:
    return re.sub(r"[\s.\-()]", "", typed)


_PHONE = re.compile(r"(0|\+84)[0-9]{8,10}")
_NUMBER = re.compile(r"[0-9A-Za-z.-]+")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def check(work: Work, now: datetime, *, complete: bool) -> None:
    """Say of everything that keeps the sheet from being filed what it is; `complete`: required papers must be here."""
    errors, typed = work.errors, work.sheet.typed
    missing = {
        "number": _("Cần số định danh, hoặc quét mã QR trên thẻ."),
        "name": _("Cần họ tên, hoặc tên tổ chức."),
    }
    for name, sentence in missing.items():
        if not typed[name]:
            errors.setdefault(name, sentence)
    if work.version is None:
        errors.setdefault("procedure", _("Cần chọn thủ tục."))
    if work.area is None:
        errors.setdefault(
            "area",
            _("Chọn một trong các xã, phường dưới đây.") if work.communes else _("Cần xã, phường của người nộp."),
        )
    elif work.place is not None and work.place.trouble:
        errors.setdefault("area", work.place.trouble)
    if typed["birth_date"]:
        _check_birth(work, now)
    if typed["phone"] and not _PHONE.fullmatch(phone_of(typed["phone"])):
        errors.setdefault("phone", _("Số điện thoại bắt đầu bằng 0 hoặc +84, có 8 đến 10 số sau đó."))
    if typed["email"] and not (_MAIL.fullmatch(typed["email"]) and len(typed["email"]) <= 200):
        errors.setdefault("email", _("Thư điện tử chưa đúng, ví dụ: ten@noi.vn."))
    if not typed["proxy_name"] and any(typed[name] for name in OF_PROXY):
        errors.setdefault("proxy_name", _("Cần họ tên người nộp thay."))
    if typed["proxy_number"] and not _NUMBER.fullmatch(typed["proxy_number"]):
        errors.setdefault("proxy_number", _("Số định danh chỉ gồm chữ số và chữ cái không dấu."))
    if typed["delivery"] == "post" and not (typed["delivery_place"] or typed["address"]):
        errors.setdefault("delivery_place", _("Cần địa chỉ để gửi kết quả qua bưu chính."))
    for name, longest in (("name", 200), ("address", 300)):
        if len(typed[name]) > longest:
            errors.setdefault(name, _("Dài quá %(n)s chữ.") % {"n": longest})
    _check_papers(work, complete=complete)


def _check_birth(work: Work, now: datetime) -> None:
    typed, born = work.sheet.typed, parsed_day(work.sheet.typed["birth_date"])
    if born is None or not born.year >= 1880 or born > day_of(now):
        work.errors.setdefault("birth_date", _("Ngày sinh phải là một ngày đã qua, ví dụ 17/05/1990."))
    elif typed["kind"] == "citizen" and "number" not in work.errors and typed["number"]:
        year = identity.read_person_number(typed["number"]).birth_year
        if born.year != year:
            work.errors.setdefault(
                "birth_date", _("Số định danh này của người sinh năm %(year)s.") % {"year": year}
            )  # fmt: skip


def _check_papers(work: Work, *, complete: bool) -> None:
    for line in work.lines:
        if line.required and not line.here and complete:
            work.errors.setdefault(line.id, _("Thiếu giấy tờ bắt buộc: %(paper)s") % {"paper": _short(line.name)})
        if line.here and not (line.quantity.isdecimal() and 1 <= int(line.quantity) <= 999):
            work.errors.setdefault(f"{line.id}.quantity", _("Số lượng từ 1 đến 999."))
        if line.here and not line.key and not line.name:
            work.errors.setdefault(f"{line.id}.name", _("Giấy tờ này cần một tên."))


def _short(name: str) -> str:
    """The beginning of a paper's long name, to its first clause."""
    clause = re.split(r"[;,(]", name, maxsplit=1)[0].strip()
    return clause if len(clause) <= 80 else clause[:79].rsplit(" ", 1)[0] + "…"


def papers_of(lines: Sequence[PaperLine]) -> tuple[dossiers.Paper, ...]:
    """What is handed in; papers that are only shown are given back and stay out of the dossier."""
    return tuple(
        dossiers.Paper(
            component=line.key,
            form=line.form,
            quantity=int(line.quantity),
            files=tuple(kept.sha256 for kept in line.files),
            name="" if line.key else line.name[:300],
        )
        for line in lines
        if line.here and not line.shown
    )


def content_of(work: Work) -> dict[str, object]:
    """The declaration as the procedure wants it; errors go to their fields.

    What the applicant's own data gave and the form does not take is left out, if the form can do without it.
    """
    assert work.version is not None
    schema = work.version.schema
    made, taken = declaration.content(schema, work.sheet.form, known_of(work))
    wrong = procedures.validate(work.version, made)
    unfit = {error.path for error in wrong} & taken - set(schema.get("required", ()))
    if unfit:
        made = {name: value for name, value in made.items() if name not in unfit}
        wrong = procedures.validate(work.version, made)
    for error in wrong:
        work.errors.setdefault(declaration.PREFIX + error.path.replace("/", "."), error.message_vi)
    return made
