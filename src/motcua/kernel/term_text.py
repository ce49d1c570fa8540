"""Terms as text: cases as JSON lines in, due moments out, and the walk in plain Vietnamese."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any, TextIO

from motcua.kernel.calendar import Day, WorkingCalendar, national
from motcua.kernel.clock import from_local, local
from motcua.kernel.errors import Failure, Permanent
from motcua.kernel.terms import Pause, Reason, Stretch, Term, TermUnit, WaitingOn, due

FIELDS = {"received", "term", "unit", "cut_off", "pauses"}
PAUSE_FIELDS = {"start", "end", "waiting_on", "why"}

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
REASONS = {
    Reason.COUNTED: "tính",
    Reason.FIRST_DAY: "không tính: ngày đầu tiên của thời hạn",
    Reason.SAME_DAY: "giải quyết trong ngày",
    Reason.AFTER_CUT_OFF: "không tính: nhận sau giờ chốt, tính từ đầu ngày làm việc tiếp theo",
    Reason.OUTSIDE_HOURS: "không tính: ngoài giờ làm việc",
    Reason.WEEKEND: "không tính: ngày nghỉ hằng tuần",
    Reason.HOLIDAY: "không tính: nghỉ lễ, tết",
    Reason.COMPENSATORY_OFF: "không tính: nghỉ bù",
    Reason.PAUSED: "không tính: tạm dừng",
    Reason.MOVED: "không tính: ngày cuối là ngày nghỉ nên hạn chuyển sang ngày làm việc tiếp theo",
}
WAITING = {
    WaitingOn.CITIZEN: "chờ người nộp hồ sơ",
    WaitingOn.OFFICE: "chờ cơ quan giải quyết",
    WaitingOn.OTHER_AGENCY: "chờ cơ quan phối hợp",
    WaitingOn.DUTY: "chờ thực hiện nghĩa vụ tài chính",
    WaitingOn.OUTAGE: "hệ thống gặp sự cố",
}
REASONS_EN = {
    Reason.COUNTED: "counts",
    Reason.FIRST_DAY: "doesn't count: the first day of the term",
    Reason.SAME_DAY: "to be resolved within the day",
    Reason.AFTER_CUT_OFF: "doesn't count: received after the cut-off, counted from the start of the next working day",
    Reason.OUTSIDE_HOURS: "doesn't count: outside working hours",
    Reason.WEEKEND: "doesn't count: weekend",
    Reason.HOLIDAY: "doesn't count: public holiday",
    Reason.COMPENSATORY_OFF: "doesn't count: day off in lieu",
    Reason.PAUSED: "doesn't count: the clock stands still",
    Reason.MOVED: "doesn't count: the last day is a day off, so the term ends on the next working day",
}
WAITING_EN = {
    WaitingOn.CITIZEN: "waiting for the applicant",
    WaitingOn.OFFICE: "waiting for the resolving agency",
    WaitingOn.OTHER_AGENCY: "waiting for another agency",
    WaitingOn.DUTY: "waiting for a financial duty",
    WaitingOn.OUTAGE: "the system is out of order",
}
DAYS_OFF = frozenset({Reason.WEEKEND, Reason.HOLIDAY, Reason.COMPENSATORY_OFF})
"""Why a whole day doesn't count: the hour at which the walk happens to stop on it means nothing."""


def due_lines(lines: Iterable[str | bytes], out: TextIO, calendar: WorkingCalendar | None = None) -> int:
    """Answer each line of cases with a line, and give the exit status: 1 if any line was bad.

    A case is `{"received": "2026-08-21T16:00", "term": 3, "unit": "working_days", "cut_off": "15:00"}`; `cut_off`
    and `pauses` (a list of `{"start", "end", "waiting_on", "why"}`) may be left out. The answer is
    `{"due": "2026-08-25T16:00"}`, or `null` under an open pause; for a bad line it says what to mend.
    """
    calendar = calendar or national()
    status = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            answer: dict[str, Any] = {"due": _answer(line, calendar)}
        except Failure as failure:
            status = 1
            problem = {"line": number, "problem": failure.problem, "detail": failure.detail, "mend": failure.mend}
            answer = {"error": problem}
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return status


def _bad(detail: str, mend: str) -> Permanent:
    return Permanent("case-invalid", detail, mend=mend)


def _answer(line: str | bytes, calendar: WorkingCalendar) -> str | None:
    try:
        case = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _bad(f"This line isn't JSON: {error}.", "Give one JSON object on each line, in UTF-8.") from None
    if not isinstance(case, dict):
        raise _bad("This line isn't a JSON object.", 'Give {"received": ..., "term": ..., "unit": ...}.')
    _known(case, FIELDS)
    given = _required(case, "received")
    received = _moment(given, "received")
    moment = due(received, _term(case), calendar, [_pause(entry) for entry in _list(case.get("pauses"))])
    return None if moment is None else _as_given(moment, str(given))


def _as_given(moment: datetime, given: str) -> str:
    """The moment on Vietnamese clocks, with seconds and offset only where they were given or matter."""
    asked = datetime.fromisoformat(given)
    clock = given.upper().replace("T", " ").partition(" ")[2]
    digits = sum(c.isdigit() for c in clock.partition("+")[0].partition("-")[0].partition("Z")[0])
    shown = local(moment) if asked.tzinfo else local(moment).replace(tzinfo=None)
    if shown.microsecond:
        return shown.isoformat()
    return shown.isoformat(timespec="seconds" if shown.second or digits > 4 else "minutes")


def _known(given: Mapping[str, Any], fields: set[str]) -> None:
    if strange := sorted(given.keys() - fields):
        raise _bad(f"Nobody knows the field {strange[0]!r}.", f"The fields are {', '.join(sorted(fields))}.")


def _required(given: Mapping[str, Any], field: str) -> Any:
    if given.get(field) is None:
        raise _bad(f"The field {field!r} is missing.", f"Give {field}.")
    return given[field]


def _list(given: Any) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise _bad("The pauses aren't a list.", 'Give "pauses": [{"start": ..., "end": ..., "waiting_on": ...}].')
    return given


def _moment(given: Any, field: str) -> datetime:
    mend = f'Give {field} as local date and time, such as "2026-08-21T16:00".'
    if not isinstance(given, str) or ":" not in given:
        raise _bad(f"{field} isn't a moment: {given!r}.", mend)
    try:
        return from_local(given)
    except (ValueError, OverflowError):
        raise _bad(f"{field} isn't a moment: {given!r}.", mend) from None


def _term(case: Mapping[str, Any]) -> Term:
    value, unit, cut_off = _required(case, "term"), _required(case, "unit"), case.get("cut_off")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad(f"The term isn't a number: {value!r}.", "Give a number of 0 or more.")
    if unit not in list(TermUnit):
        raise _bad(f"Nobody knows the unit {unit!r}.", f"The units are {', '.join(TermUnit)}.")
    if cut_off is None:
        return Term(value, TermUnit(unit))
    mend = 'Give cut_off as a time of day, such as "15:00".'
    if not isinstance(cut_off, str):
        raise _bad(f"The cut-off isn't a time of day: {cut_off!r}.", mend)
    try:
        clock = time.fromisoformat(cut_off)
    except ValueError:
        raise _bad(f"The cut-off isn't a time of day: {cut_off!r}.", mend) from None
    if clock.tzinfo is not None:
        raise _bad("The cut-off has an offset.", mend)
    return Term(value, TermUnit(unit), clock)


def _pause(entry: Any) -> Pause:
    if not isinstance(entry, dict):
        raise _bad("A pause isn't a JSON object.", 'Give {"start": ..., "end": ..., "waiting_on": "citizen"}.')
    _known(entry, PAUSE_FIELDS)
    start = _moment(_required(entry, "start"), "start")
    end = None if entry.get("end") is None else _moment(entry["end"], "end")
    waiting_on = entry.get("waiting_on", WaitingOn.CITIZEN)
    if waiting_on not in list(WaitingOn):
        raise _bad(f"Nobody knows the party {waiting_on!r}.", f"waiting_on is one of {', '.join(WaitingOn)}.")
    return Pause(start, end, WaitingOn(waiting_on), str(entry.get("why", "")))


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the walk: what of it counted, the sentence that says why, and the law in one line."""

    day: Day
    counted: timedelta
    sentence: str
    source: str


def days(stretches: Iterable[Stretch], language: str = "vi") -> Iterator[DayRow]:
    """The walk, a row for each day, in Vietnamese or English ("en")."""
    sentence = _sentence_en if language == "en" else _sentence
    total = timedelta()
    for day, group in groupby(stretches, key=lambda stretch: stretch.day):
        pieces = list(group)
        # A night or a lunch break is worth a word only where nothing else is to be said of the day.
        told = [piece for piece in pieces if piece.reason is not Reason.OUTSIDE_HOURS] or pieces[:1]
        said = []
        for piece in told:
            total += piece.counted
            said.append(sentence(piece, total))
        sources = dict.fromkeys(_law(piece) for piece in told)
        yield DayRow(day, sum((p.counted for p in told), timedelta()), "; ".join(said), "; ".join(sources))


def explain(stretches: Iterable[Stretch]) -> Iterator[str]:
    """The walk in plain Vietnamese, one row a day: what counts, what doesn't, and by which act."""
    for row in days(stretches):
        day = row.day
        name = f" ({day.name_vi})" if day.kind not in ("working", "weekend") else ""
        yield f"{WEEKDAYS[day.date.weekday()]} {day.date:%d/%m/%Y}{name}: {row.sentence} [{row.source}]" + (
            "" if day.announced else " (lịch năm này chưa công bố)"
        )


def _law(piece: Stretch) -> str:
    special = piece.day.kind not in ("working", "weekend")
    return f"{piece.source}; {piece.day.source}" if special else str(piece.source)


def _sentence(piece: Stretch, total: timedelta) -> str:
    hours = "" if piece.reason in DAYS_OFF else _hours(local(piece.start), local(piece.end))
    if piece.reason is Reason.COUNTED:
        if piece.counted == timedelta(days=1):  # a calendar term: no sessions fill a whole day
            return f"tính 1 ngày{hours}, cộng dồn {total.days} ngày"
        return f"tính {_length(piece.counted)}{hours}, cộng dồn {_length(total)}"
    who = f", {WAITING[piece.waiting_on]}" if piece.waiting_on else ""
    return f"{REASONS[piece.reason]}{who}{hours}"


def _sentence_en(piece: Stretch, total: timedelta) -> str:
    hours = "" if piece.reason in DAYS_OFF else _hours(local(piece.start), local(piece.end), "from", "to")
    if piece.reason is Reason.COUNTED:
        if piece.counted == timedelta(days=1):
            return f"1 day counts{hours}, {total.days} in all"
        return f"{_length(piece.counted, UNITS_EN)} count{hours}, {_length(total, UNITS_EN)} in all"
    who = f", {WAITING_EN[piece.waiting_on]}" if piece.waiting_on else ""
    return f"{REASONS_EN[piece.reason]}{who}{hours}"


def _hours(start: datetime, end: datetime, since: str = "từ", until: str = "đến") -> str:
    """From which clock to which; a midnight goes without saying."""
    begins = f" {since} {start:%H:%M}" if start.time() != time() else ""
    return begins + (f" {until} {end:%H:%M}" if end.time() != time() else "")


UNITS = ("giờ", "phút", "giây")
UNITS_EN = ("h", "min", "s")


def _length(span: timedelta, units: tuple[str, str, str] = UNITS) -> str:
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{n} {unit}" for n, unit in zip((hours, minutes, seconds), units, strict=True) if n]
    return " ".join(parts) or f"0 {units[0]}"
