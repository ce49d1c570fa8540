"""A plan as text that a jurist reads and signs, and back. docs/plan-format.md says how to write one.

One line says one thing. Its first words say which; what belongs to it stands between bars; "-" is an empty place.
Whatever can't be read is a finding with its line, and then there is no plan.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from motcua.kernel.clock import VIETNAM, local
from motcua.kernel.errors import Permanent
from motcua.reorganisation.rules.plan import (
    Abolition,
    Alter,
    Alteration,
    Closure,
    Decider,
    Finding,
    Formation,
    Inherited,
    Office,
    Origin,
    PartRule,
    Plan,
    Takeover,
    Task,
    Way,
)
from motcua.units.rules.package import CENTRE, COMMITTEE, COUNCIL, TYPES
from motcua.units.rules.values import AgencyKind, Extent, Level

UNITS, OFFICES, INHERITANCE, WORK = "đơn vị hành chính", "cơ quan", "kế thừa", "việc cần làm"
SECTIONS = (UNITS, OFFICES, INHERITANCE, WORK)

LEVELS = {"tỉnh": Level.PROVINCE, "huyện": Level.DISTRICT, "xã": Level.COMMUNE}
EXTENTS = {"toàn bộ": Extent.WHOLE, "một phần": Extent.PART}
KINDS = {
    "ủy ban nhân dân": AgencyKind.PEOPLES_COMMITTEE,
    "hội đồng nhân dân": AgencyKind.PEOPLES_COUNCIL,
    "trung tâm phục vụ hành chính công": AgencyKind.SERVICE_CENTRE,
    "cơ quan chuyên môn": AgencyKind.DEPARTMENT,
}
TITLES = {
    AgencyKind.PEOPLES_COMMITTEE: COMMITTEE,
    AgencyKind.PEOPLES_COUNCIL: COUNCIL,
    AgencyKind.SERVICE_CENTRE: CENTRE,
    AgencyKind.DEPARTMENT: "",
}
WHATS = {
    "thẩm quyền": Inherited.POWERS,
    "hồ sơ đã tiếp nhận": Inherited.RECEPTION,
    "vị trí công tác": Inherited.POSITIONS,
    "giấy tờ, sổ": Inherited.RECORDS,
    "quyết định của tỉnh về thủ tục": Inherited.PROCEDURES,
}
WAYS = {
    "theo nơi cư trú hoặc nơi đặt trụ sở": Way.RESIDENCE,
    "cơ quan cùng loại": Way.SAME_OFFICE,
    "người quyết định từng trường hợp": Way.PERSON,
}
TASKS = {
    "đổi giấy chứng nhận": "certificate",
    "thông báo mã định danh": "identifier_notice",
    "tuyến liên thông": "route",
    "tài khoản họp": "meeting_account",
    "thông báo người dân": "citizen_notice",
    "sổ": "book",
}
PARITIES = {"chẵn": 0, "lẻ": 1}


def _words(table: dict[str, Any]) -> dict[Any, str]:
    return {value: words for words, value in table.items()}


LEVEL_WORDS, EXTENT_WORDS, KIND_WORDS = _words(LEVELS), _words(EXTENTS), _words(KINDS)
WHAT_WORDS, WAY_WORDS, TASK_WORDS, PARITY_WORDS = _words(WHATS), _words(WAYS), _words(TASKS), _words(PARITIES)

# By how many old units and how much of them a new one is made, the verb that says so.
FOUNDED, CONTINUED, SPLIT, MERGED = "thành lập", "kế tục", "chia", "nhập"

_TYPES = sorted({kind for kinds in TYPES.values() for kind in kinds}, key=len, reverse=True)
_ANY_LEVEL = "|".join(LEVELS)
_FORMED = re.compile(rf"({FOUNDED}|{CONTINUED}|{SPLIT}|{MERGED}) cấp ({_ANY_LEVEL}) (\S+) (.+)")
_OLD = rf"cấp ({_ANY_LEVEL}) (\S+)(?: \(([^()]+)\))?"
_FROM = re.compile(rf"từ {_OLD} (toàn bộ|một phần)")
_RENAMED = re.compile(rf"đổi tên {_OLD} thành (.+)")
_RETYPED = re.compile(rf"đổi loại hình {_OLD} thành (.+)")
_MOVED = re.compile(rf"chuyển {_OLD} về (\S+)")
_ENDED = re.compile(rf"giải thể cấp ({_ANY_LEVEL})")
_SET_UP = re.compile(rf"lập ({'|'.join(KINDS)}) cấp ({_ANY_LEVEL}) (\S+) số (\d{{1,4}})")
_CLOSED = re.compile(r"đóng cơ quan (\S+)")
_TAKEN = re.compile(rf"({'|'.join(WHATS)}) của (.+?): (.+)")
_SUBJECT = re.compile(rf"mọi cơ quan|cơ quan (\S+)|(?:({'|'.join(KINDS)}))?(?:(?:^| )cấp ({_ANY_LEVEL}))?")
_RANGE = re.compile(r"(?:số (\d+)[–-](\d+)|số (\d+)|từ số (\d+)|đến số (\d+))?(?:(?:^| )(chẵn|lẻ))?")
_DUE = re.compile(r"trong (\d{1,5}) ngày")
_ACT = re.compile(r"(.+) ngày (\d{4}-\d{2}-\d{2})")


def digest(text: str) -> str:
    """SHA-256 of a plan as it is signed, to the letter."""
    return hashlib.sha256(text.encode()).hexdigest()


# --- writing -------------------------------------------------------------------------------------------------------


def write(plan: Plan) -> str:
    """The plan in its one canonical form."""
    return "\n".join(_lines(plan)) + "\n"


def verb(origins: tuple[Origin, ...]) -> str:
    """The word for making a unit in this way."""
    if len(origins) == 1:
        return CONTINUED if origins[0].extent == Extent.WHOLE else SPLIT
    return MERGED if origins else FOUNDED


def _lines(plan: Plan) -> Iterator[str]:
    yield f"kế hoạch: {_plain(plan.name)}"
    yield f"tên: {_plain(plan.title)}"
    yield f"căn cứ: {_plain(plan.resolution)} ngày {plan.resolved_on.isoformat()}"
    yield f"hiệu lực: {_moment(plan.effective_at)}"
    yield f"hoàn tác đến: {_moment(plan.undo_until)}"
    for note in plan.notes:
        yield f"# {_plain(note)}".rstrip()
    if plan.formations or plan.alterations or plan.abolitions:
        yield from ("", f"[{UNITS}]")
    for abolition in plan.abolitions:
        yield _line(f"giải thể cấp {LEVEL_WORDS[abolition.level]}", abolition.source or "-")
    code_source: str | None = None
    for formation in plan.formations:
        if formation.code_source != code_source:
            code_source = formation.code_source
            yield f"mã theo: {_plain(code_source or '-')}"
        yield _line(
            f"{verb(formation.origins)} cấp {LEVEL_WORDS[formation.level]} {_plain(formation.code)}"
            f" {formation.type} {_plain(formation.name)}",
            formation.name_en or "-",
            f"thuộc {formation.parent}" if formation.parent else "",
            formation.source or "-",
        )
        for origin in formation.origins:
            yield _line(f"  từ {_old(origin)} {EXTENT_WORDS[origin.extent]}", origin.note)
            yield from (f"    {_rule(rule)}" for rule in origin.rules)
    for alteration in plan.alterations:
        unit = _old(alteration)
        value = _plain(alteration.value)
        if alteration.what == Alter.NAME:
            yield _line(f"đổi tên {unit} thành {value}", alteration.name_en or "-", alteration.source or "-")
        elif alteration.what == Alter.TYPE:
            yield _line(f"đổi loại hình {unit} thành {value}", alteration.source or "-")
        else:
            yield _line(f"chuyển {unit} về {value}", alteration.source or "-")
    if plan.offices or plan.closures:
        yield from ("", f"[{OFFICES}]")
    named: tuple[bool, str] | None = None
    for office in plan.offices:
        if (office.made, office.source) != named:
            named = office.made, office.source
            yield f"{'mã tự đặt theo' if office.made else 'mã theo'}: {_plain(office.source or '-')}"
        yield _line(
            f"lập {KIND_WORDS[office.kind]} cấp {LEVEL_WORDS[office.level]} {_plain(office.code)} số {office.slot}",
            f"mã {office.org}" if office.org else "",
            f"mã cũ {office.org102}" if office.org102 else "",
            f"trực thuộc {office.parent}" if office.parent else "",
            f"tên {office.title}" if office.title != TITLES[office.kind] else "",
            f"ngành {office.ministry}" if office.ministry else "",
        )
    for closure in plan.closures:
        yield _line(f"đóng cơ quan {_plain(closure.org)}", closure.source or "-")
    if plan.takeovers:
        yield from ("", f"[{INHERITANCE}]")
    for takeover in plan.takeovers:
        way = f"chuyển về {_plain(takeover.to)}" if takeover.way == Way.NAMED else WAY_WORDS[takeover.way]
        yield _line(f"{WHAT_WORDS[takeover.what]} của {_subject(takeover)}: {way}", takeover.source or "-")
    if plan.tasks:
        yield from ("", f"[{WORK}]")
    for task in plan.tasks:
        due = f"trong {task.due_days} ngày" if task.due_days is not None else ""
        yield _line(f"{TASK_WORDS[task.kind]}: {_plain(task.words)}", due, task.source or "-")


def _line(*fields: str) -> str:
    head, *rest = fields
    return " | ".join((head, *(_plain(value) for value in rest if value)))


def _plain(value: str) -> str:
    """The value, if it can stand in a line and be read back as it is."""
    if value != " ".join(unicodedata.normalize("NFC", value).split()) or "|" in value:
        raise Permanent(
            "plan-unwritable",
            f"{value!r} không viết được vào một dòng của kế hoạch.",
            mend="Bỏ dấu “|”, dấu cách thừa và ký tự xuống dòng; dùng Unicode NFC.",
        )
    return value


def _old(unit: Origin | Alteration) -> str:
    name = f" ({_plain(unit.name)})" if unit.name else ""
    return f"cấp {LEVEL_WORDS[unit.level]} {_plain(unit.code)}{name}"


def _moment(moment: datetime) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}"


def _subject(takeover: Takeover) -> str:
    if takeover.org:
        return f"cơ quan {_plain(takeover.org)}"
    kind = KIND_WORDS[takeover.kind] if takeover.kind else ""
    level = f"cấp {LEVEL_WORDS[takeover.level]}" if takeover.level else ""
    return f"{kind} {level}".strip() or "mọi cơ quan"


def _rule(rule: PartRule) -> str:
    if rule.by == Decider.HAMLET:
        return f"thôn: {_plain(rule.words)}"
    if rule.by == Decider.FORMER:
        return f"đơn vị cũ: {_plain(rule.words)}"
    if rule.by == Decider.POINT:
        return "tọa độ: " + ", ".join(f"{longitude!r} {latitude!r}" for longitude, latitude in rule.ring)
    if rule.first is not None and rule.first == rule.last:
        numbers = f"số {rule.first}"
    elif rule.first is not None:
        numbers = f"từ số {rule.first}" if rule.last is None else f"số {rule.first}–{rule.last}"
    else:
        numbers = f"đến số {rule.last}" if rule.last is not None else ""
    parity = PARITY_WORDS[rule.parity] if rule.parity is not None else ""
    return _line(f"địa chỉ: {_plain(rule.words)}", f"{numbers} {parity}".strip())


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    line: int = 0
    section: str = ""
    findings: list[Finding] = field(default_factory=list)
    head: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    code_source: str = ""
    named: tuple[bool, str] | None = None
    formed: list[tuple[str, Formation, list[tuple[Origin, list[PartRule]]]]] = field(default_factory=list)
    alterations: list[Alteration] = field(default_factory=list)
    abolitions: list[Abolition] = field(default_factory=list)
    offices: list[Office] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    takeovers: list[Takeover] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)

    def fault(self, kind: str, words: str, mend: str) -> None:
        self.findings.append(Finding(self.line, kind, words, mend))


def read(text: str) -> tuple[Plan | None, tuple[Finding, ...]]:
    """The plan that a text says; None with findings where it can't be read."""
    reading = _Reading()
    for number, written in enumerate(text.split("\n"), 1):
        reading.line = number
        line = " ".join(unicodedata.normalize("NFC", written).split())
        if line.startswith("#"):
            if not reading.section:
                reading.notes.append(line[1:].strip())
        elif line.startswith("[") and line.endswith("]"):
            _enter(reading, line[1:-1])
        elif line:
            _take(reading, line)
    _complete(reading)
    if reading.findings:
        return None, tuple(sorted(reading.findings, key=lambda finding: finding.line))
    return (
        Plan(
            **reading.head,
            formations=tuple(_formation(reading)),
            alterations=tuple(reading.alterations),
            abolitions=tuple(reading.abolitions),
            offices=tuple(reading.offices),
            takeovers=tuple(reading.takeovers),
            closures=tuple(reading.closures),
            tasks=tuple(reading.tasks),
            notes=tuple(reading.notes),
            lines=reading.lines,
        ),
        (),
    )


def _formation(reading: _Reading) -> Iterator[Formation]:
    for _said, formation, origins in reading.formed:
        yield (
            replace(formation, origins=tuple(replace(origin, rules=tuple(rules)) for origin, rules in origins))
            if origins
            else formation
        )


def _enter(reading: _Reading, section: str) -> None:
    if section not in SECTIONS:
        reading.fault(
            "section-unknown",
            f"Không có phần [{section}].",
            f"Các phần là {', '.join(f'[{known}]' for known in SECTIONS)}.",
        )
    reading.section = section


def _take(reading: _Reading, line: str) -> None:
    head, *fields = [part.strip() for part in line.split("|")]
    fields = ["" if value == "-" else value for value in fields]
    if not reading.section:
        _take_head(reading, line)
        return
    for pattern, most, take in _FORMS.get(reading.section, ()):
        if found := pattern.fullmatch(head):
            if len(fields) <= most:
                take(reading, found, fields)
            else:
                reading.fault(
                    "fields-many",
                    f"Dòng này có {len(fields)} ô sau dấu “|”; nhiều nhất là {most}.",
                    "Bỏ các ô thừa; xem docs/plan-format.md.",
                )
            return
    if reading.section not in SECTIONS:
        return  # said where the section begins
    elsewhere = [section for section, forms in _FORMS.items() if any(form[0].fullmatch(head) for form in forms)]
    if elsewhere:
        reading.fault(
            "section-wrong",
            f"Dòng “{head}” thuộc phần [{elsewhere[0]}], không thuộc phần [{reading.section}].",
            f"Chuyển dòng này vào phần [{elsewhere[0]}].",
        )
    else:
        reading.fault(
            "words-unknown",
            f"Không hiểu “{head}” trong phần [{reading.section}].",
            "Viết theo một mẫu câu trong docs/plan-format.md.",
        )


HEAD = {
    "kế hoạch": "name",
    "tên": "title",
    "căn cứ": "resolution",
    "hiệu lực": "effective_at",
    "hoàn tác đến": "undo_until",
}


def _take_head(reading: _Reading, line: str) -> None:
    key, colon, value = line.partition(":")
    name, value = HEAD.get(key.strip(), ""), value.strip()
    if not colon or not name:
        reading.fault("words-unknown", f"Không hiểu “{line}” ở đầu kế hoạch.", f"Đầu kế hoạch gồm: {', '.join(HEAD)}.")
    elif name in reading.lines:
        reading.fault("head-twice", f"Dòng “{key}:” có hai lần.", "Giữ một dòng.")
    elif not value:
        reading.fault("head-missing", f"Dòng “{key}:” chưa có nội dung.", "Điền nội dung.")
    elif name in ("effective_at", "undo_until"):
        try:
            moment = datetime.strptime(value, "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM)
        except ValueError:
            reading.fault("date-form", f"“{value}” không phải là một thời điểm.", "Viết như 2025-07-01 00:00.")
        else:
            reading.head[name] = moment.astimezone(UTC)
    elif name == "resolution":
        found = _ACT.fullmatch(value)
        day = _day(found[2]) if found else None
        if found is None or day is None:
            reading.fault(
                "date-form",
                f"“{value}” không nêu văn bản và ngày.",
                "Viết như: căn cứ: Nghị quyết 202/2025/QH15 ngày 2025-06-12.",
            )
        else:
            reading.head[name], reading.head["resolved_on"] = found[1], day
    else:
        reading.head[name] = value
    reading.lines.setdefault(name, reading.line)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _complete(reading: _Reading) -> None:
    reading.line = 0
    for words, name in HEAD.items():
        if name not in reading.lines:
            reading.fault("head-missing", f"Thiếu dòng “{words}:” ở đầu kế hoạch.", f"Thêm dòng “{words}: …”.")
    # A line that can't be read may be one of those that the verb counts.
    for said, formation, origins in reading.formed if not reading.findings else ():
        meant = verb(tuple(origin for origin, _ in origins))
        if said != meant:
            reading.line = formation.line
            reading.fault(
                "verb-wrong",
                f"Từ “{said}” không khớp với {len(origins)} dòng “từ …” bên dưới.",
                f"Viết “{meant}”, hoặc sửa các dòng “từ …”.",
            )


_Take = Callable[[_Reading, re.Match[str], list[str]], None]


def _take_code_source(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    reading.code_source = "" if found[1] == "-" else found[1]


def _take_formation(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    said, level, code, called = found.groups()
    kind = next((kind for kind in _TYPES if called.startswith(f"{kind} ")), None)
    if kind is None:
        reading.fault(
            "type-unknown",
            f"“{called}” không bắt đầu bằng một loại hình đơn vị.",
            f"Viết loại hình trước tên: {', '.join(sorted(_TYPES))}.",
        )
        kind = ""
    parent = ""
    if len(fields) == 3 and fields[1].startswith("thuộc "):
        parent = fields.pop(1).removeprefix("thuộc ")
    if len(fields) != 2:
        reading.fault(
            "fields-missing",
            "Dòng lập đơn vị cần: tên tiếng Anh | thuộc mã (trừ cấp tỉnh) | nghị quyết.",
            "Viết như: nhập cấp xã 26734 phường Sài Gòn | Sai Gon | thuộc 79 | Nghị quyết 1685/NQ-UBTVQH15.",
        )
        fields = ["", ""]
    formation = Formation(
        reading.line,
        LEVELS[level],
        code,
        called.removeprefix(f"{kind} "),
        kind,
        fields[0],
        parent,
        fields[1],
        reading.code_source,
    )
    reading.formed.append((said, formation, []))


def _take_origin(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    if not reading.formed:
        reading.fault("origin-alone", "Dòng “từ …” không có đơn vị mới ở trên.", "Đặt dưới dòng lập đơn vị.")
        return
    level, code, name, extent = found.groups()
    note = fields[0] if fields else ""
    origin = Origin(reading.line, LEVELS[level], code, EXTENTS[extent], note, name=name or "")
    reading.formed[-1][2].append((origin, []))


def _rules(reading: _Reading) -> list[PartRule] | None:
    if reading.formed and reading.formed[-1][2]:
        return reading.formed[-1][2][-1][1]
    reading.fault("rule-alone", "Quy tắc chia không có dòng “từ …” ở trên.", "Đặt dưới dòng “từ … một phần”.")
    return None


def _take_hamlet(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    if (rules := _rules(reading)) is not None:
        rules.append(PartRule(reading.line, Decider.HAMLET, found[1]))


def _take_former(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    if (rules := _rules(reading)) is not None:
        rules.append(PartRule(reading.line, Decider.FORMER, found[1]))


def _take_address(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    rules = _rules(reading)
    numbers = _RANGE.fullmatch(fields[0]) if fields else _RANGE.fullmatch("")
    if numbers is None:
        reading.fault(
            "numbers-form",
            f"Không hiểu số nhà “{fields[0]}”.",
            "Viết như: số 1–99 lẻ, số 7, từ số 100 chẵn, đến số 50.",
        )
    elif rules is not None:
        first, last, only, since, until, parity = numbers.groups()
        low, high = first or only or since, last or only or until
        rules.append(
            PartRule(
                reading.line,
                Decider.ADDRESS,
                found[1],
                int(low) if low else None,
                int(high) if high else None,
                PARITIES[parity] if parity else None,
            )
        )


def _take_point(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    rules = _rules(reading)
    ring = []
    for corner in found[1].split(","):
        try:
            longitude, latitude = map(float, corner.split())
        except ValueError:
            longitude = latitude = float("nan")
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            reading.fault(
                "point-form", f"“{corner.strip()}” không phải là một tọa độ.", "Viết kinh độ rồi vĩ độ: 106.70 10.77."
            )
            return
        ring.append((longitude, latitude))
    if rules is not None:
        rules.append(PartRule(reading.line, Decider.POINT, ring=tuple(ring)))


def _source(reading: _Reading, fields: list[str]) -> str:
    if not fields:
        reading.fault("source-missing", "Dòng này chưa nêu căn cứ.", "Thêm “| văn bản” ở cuối dòng.")
        return ""
    return fields[-1]


def _take_alteration(what: Alter) -> _Take:
    def take(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
        level, code, name, value = found.groups()
        english = fields[0] if what == Alter.NAME and fields[1:] else ""
        source = _source(reading, fields)
        reading.alterations.append(
            Alteration(reading.line, what, LEVELS[level], code, value, source, english, name or "")
        )

    return take


def _take_abolition(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    reading.abolitions.append(Abolition(reading.line, LEVELS[found[1]], _source(reading, fields)))


def _take_naming(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    reading.named = bool(found[1]), "" if found[2] == "-" else found[2]


_OFFICE = {"mã cũ ": "org102", "mã ": "org", "trực thuộc ": "parent", "tên ": "title", "ngành ": "ministry"}


def _take_office(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    kind = KINDS[found[1]]
    said = {"org": "", "org102": "", "parent": "", "title": TITLES[kind], "ministry": ""}
    for value in fields:
        key = next((key for key in _OFFICE if value.startswith(key)), None)
        if key is None:
            reading.fault("words-unknown", f"Không hiểu “{value}”.", f"Các ô của cơ quan: {', '.join(_OFFICE)}.")
            return
        said[_OFFICE[key]] = value.removeprefix(key)
    if reading.named is None:
        reading.fault(
            "source-missing",
            "Chưa nêu danh mục mã định danh của cơ quan.",
            "Thêm dòng “mã theo: …” hoặc “mã tự đặt theo: …” ở trên.",
        )
        return
    made, source = reading.named
    reading.offices.append(
        Office(
            reading.line,
            said["org"],
            said["org102"],
            kind,
            said["title"],
            said["ministry"],
            LEVELS[found[2]],
            found[3],
            int(found[4]),
            said["parent"],
            made,
            source,
        )
    )


def _take_closure(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    reading.closures.append(Closure(reading.line, found[1], _source(reading, fields)))


def _take_takeover(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    what, whose, how = found.groups()
    subject = _SUBJECT.fullmatch(whose)
    to = how.removeprefix("chuyển về ") if how.startswith("chuyển về ") else ""
    if subject is None:
        reading.fault(
            "words-unknown",
            f"Không hiểu “của {whose}”.",
            "Viết: của ủy ban nhân dân cấp huyện; của cơ quan H05.003; của mọi cơ quan.",
        )
    elif not to and how not in WAYS:
        reading.fault(
            "words-unknown", f"Không hiểu “{how}”.", f"Viết một trong: {'; '.join(WAYS)}; chuyển về mã định danh."
        )
    else:
        org, kind, level = subject.groups()
        reading.takeovers.append(
            Takeover(
                reading.line,
                WHATS[what],
                Way.NAMED if to else WAYS[how],
                _source(reading, fields),
                KINDS[kind] if kind else None,
                LEVELS[level] if level else None,
                org or "",
                to,
            )
        )


def _take_task(reading: _Reading, found: re.Match[str], fields: list[str]) -> None:
    source = _source(reading, fields)
    due = _DUE.fullmatch(fields[0]) if len(fields) == 2 else None
    if len(fields) == 2 and due is None:
        reading.fault("due-form", f"Không hiểu thời hạn “{fields[0]}”.", "Viết như: trong 15 ngày.")
    reading.tasks.append(Task(reading.line, TASKS[found[1]], found[2], int(due[1]) if due else None, source))


# By section: the form of a line before its first bar, how many places may follow, who takes it.
_FORMS: dict[str, tuple[tuple[re.Pattern[str], int, _Take], ...]] = {
    UNITS: (
        (_FROM, 1, _take_origin),
        (_FORMED, 3, _take_formation),
        (re.compile(r"thôn: (.+)"), 0, _take_hamlet),
        (re.compile(r"địa chỉ: (.+)"), 1, _take_address),
        (re.compile(r"tọa độ: (.+)"), 0, _take_point),
        (re.compile(r"đơn vị cũ: (\S+)"), 0, _take_former),
        (_RENAMED, 2, _take_alteration(Alter.NAME)),
        (_RETYPED, 1, _take_alteration(Alter.TYPE)),
        (_MOVED, 1, _take_alteration(Alter.PARENT)),
        (_ENDED, 1, _take_abolition),
        (re.compile(r"mã theo: (.+)"), 0, _take_code_source),
    ),
    OFFICES: (
        (_SET_UP, 5, _take_office),
        (_CLOSED, 1, _take_closure),
        (re.compile(r"mã (tự đặt )?theo: (.+)"), 0, _take_naming),
    ),
    INHERITANCE: ((_TAKEN, 1, _take_takeover),),
    WORK: ((re.compile(rf"({'|'.join(TASKS)}): (.+)"), 2, _take_task),),
}
