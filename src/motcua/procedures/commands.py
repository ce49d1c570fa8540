"""`motcua procedure CODE|WORDS` and `motcua due PROCEDURE|-`."""

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from motcua.kernel import clock
from motcua.kernel.calendar import national
from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import Permanent
from motcua.kernel.term_text import due_lines, explain
from motcua.kernel.terms import due, walk
from motcua.procedures import queries
from motcua.procedures.rules import answer
from motcua.procedures.rules.decisions import Offer
from motcua.procedures.rules.versions import Version, spell, term_to
from motcua.units import api as units

ONLINE = {"full": "toàn trình", "partial": "một phần", "none": "chưa cung cấp"}
CHANNELS = {"online": "trực tuyến", "direct": "trực tiếp", "post": "bưu chính"}
LEVELS = {"commune": "cấp xã", "province": "cấp tỉnh", "central": "cấp bộ", "other": "cơ quan khác"}


def _procedure_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="CODE|WORDS", help="1.001193, or: khai sinh cho con")
    parser.add_argument("--on", metavar="DATE", help="the day, as 2026-08-21 (default: today in Viet Nam)")
    parser.add_argument("--area", metavar="AREA", help="the area code of a commune or province: who resolves it there")
    parser.add_argument("--limit", type=int, default=10, help="how many to list (default: 10)")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")


def _procedure(asked: Arguments) -> int:
    on, text = _day(asked.on), " ".join(asked.words)
    version = queries.catalogue().version(text, on)
    if version is None:
        hits = queries.search(text, on, asked.limit)
        if asked.json:
            _print_json([answer.brief(hit.version) for hit in hits])
        else:
            for hit in hits:
                print(f"{hit.version.code}  {hit.version.name} – {hit.version.field}")
        if not hits:
            print(f"Không tìm thấy thủ tục nào cho “{text}” ngày {on:%d/%m/%Y}.", file=sys.stderr)
        return 0 if hits else 1
    told = answer.whole(version)
    if asked.area:
        unit = _unit(asked.area, on)
        competence = queries.competent(version.code, unit, on)
        told["here"] = answer.here(_offer(version, asked.area, on), competence, on)
    if asked.json:
        _print_json(told)
    else:
        print("\n".join(_sentences(version, told.get("here"))))
    return 0


def _sentences(version: Version, here: dict[str, Any] | None) -> Iterator[str]:
    """The procedure in plain Vietnamese, line by line."""
    yield f"{version.code} – {version.name}"
    levels = ", ".join(LEVELS[level] for level in sorted(version.levels))
    yield f"Lĩnh vực: {version.field} ({version.ministry}); {levels}"
    yield f"Nộp hồ sơ: {', '.join(CHANNELS[channel] for channel in version.channels) or 'nguồn không nêu'}"
    degree = f"Trực tuyến: {ONLINE[version.online]}"
    yield f"{degree} – {version.partial_reason}" if version.partial_reason else degree
    yield f"Thời hạn: {spell(version.term) if version.term else 'chưa rõ'}"
    for own in version.terms:
        yield f"  {version.cases.get(own.case, own.channel)}: {spell(own.term)}"
    if version.terms_note:
        yield f"  {version.terms_note}"
    for fee in version.fees:
        amount = "theo quy định" if fee.amount is None else f"{fee.amount:,} đồng".replace(",", ".")
        per = f"/{fee.unit}" if fee.unit else ""
        where = f" ({CHANNELS[fee.channel]})" if fee.channel else ""
        yield f"{fee.name}{where}: {amount}{per}{'. ' + fee.note if fee.note else ''}"
    if version.fees_note:
        yield f"  {version.fees_note}"
    if version.components:
        yield "Thành phần hồ sơ:"
        for component in version.components:
            case = f"[{version.cases[component.case]}] " if component.case else ""
            shown = " (xuất trình)" if component.shown else ""
            yield f"  - {case}{component.name}{shown} Bản chính: {component.originals}, bản sao: {component.copies}."
    yield "Quy trình nội bộ:"
    for step in version.steps:
        hours, minutes = divmod(step.minutes, 60)
        spent = " ".join(text for text in (f"{hours} giờ" * (hours > 0), f"{minutes} phút" * (minutes > 0)) if text)
        yield f"  {step.n}. {step.title}" + (f": {spent}" + " (giờ tự đặt)" * step.made if spent else "")
    for result in version.results:
        yield f"Kết quả: {result.name} {result.code}".rstrip()
    if version.legal_bases:
        yield f"Căn cứ: {'; '.join(basis.number for basis in version.legal_bases)}"
    since = " (ngày giả định)" if version.dates_assumed else ""
    yield f"{version.source}; hiệu lực từ {version.valid_from:%d/%m/%Y}{since}. {version.source_url}"
    if here:
        holder = here["resolving"]["name"] if here["resolving"] else here["external"]
        yield f"Giải quyết tại địa bàn này: {holder}. {here['basis']}"
        yield f"Thời hạn tại địa bàn này: {here['term_text']} – {here['term_source']}"


def _due_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("procedure", metavar="PROCEDURE|-", help="1.004222; or - to read cases as JSON lines")
    parser.add_argument("--received", metavar="MOMENT", help="local date and time, as 2026-08-21T16:00")
    parser.add_argument("--province", "--area", metavar="AREA", help="an area code: apply the province's decisions")
    parser.add_argument("--case", default="", help="the case, where the procedure has terms by case")
    parser.add_argument("--channel", default="", help="online, direct or post, where terms differ by channel")
    parser.add_argument("--explain", action="store_true", help="each day, whether it counts, and by which act")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")


def _due(asked: Arguments) -> int:
    if asked.procedure == "-":
        return due_lines(sys.stdin.buffer, sys.stdout)
    if not asked.received:
        raise Permanent("received-missing", "Chưa nêu lúc nhận hồ sơ.", mend="Thêm --received 2026-08-21T16:00.")
    try:
        received = clock.from_local(asked.received)
    except ValueError:
        mend = "Viết như 2026-08-21T16:00."
        raise Permanent("moment-invalid", f"{asked.received!r} không phải ngày giờ.", mend=mend) from None
    on = clock.day_of(received)
    version = queries.catalogue().version(asked.procedure, on)
    if version is None:
        raise Permanent(
            "procedure-unknown",
            f"Không có thủ tục {asked.procedure} có hiệu lực ngày {on:%d/%m/%Y}.",
            mend="Tìm mã thủ tục: motcua procedure khai sinh.",
        )
    offer = _offer(version, asked.province, on, case=asked.case, channel=asked.channel)
    moment = due(received, offer.term, national())
    assert moment is not None  # only an open pause gives none
    days = list(explain(walk(received, offer.term, national()))) if asked.explain else []
    shown = f"{clock.local(moment):%Y-%m-%dT%H:%M}"
    if asked.json:
        told: dict[str, Any] = {
            "due": shown,
            "procedure": version.code,
            "received": f"{clock.local(received):%Y-%m-%dT%H:%M}",
            "term": term_to(offer.term),
            "source": str(offer.source),
            "assumed": offer.term_assumed,
            "demonstration": offer.demonstration,
        }
        _print_json({**told, "explanation": days} if asked.explain else told)
        return 0
    if asked.explain:
        assumed = ", tạm tính vì nguồn không nêu" if offer.term_assumed else ""
        print(f"{version.code} – {version.name}")
        print(f"Thời hạn: {spell(offer.term)} ({offer.source}{assumed})")
        print("\n".join(days))
    print(shown)
    return 0


def _offer(version: Version, area: str | None, on: date, *, case: str = "", channel: str = "") -> Offer:
    """The offer in the area's province (and commune), or the national one where no area is named."""
    if not area:
        return queries.offered(version, 0, None, on, case=case, channel=channel)
    unit = _unit(area, on)
    commune = unit.id if unit.level == units.Level.COMMUNE else None
    province = units.directory().province_of(unit.id, on)
    return queries.offered(version, province.id, commune, on, case=case, channel=channel)


def _unit(area: str, on: date) -> units.Unit:
    unit = units.directory().find_unit(area, on)
    if unit is None:
        raise Permanent(
            "area-unknown",
            f"Không có đơn vị hành chính mang mã {area} ngày {on:%d/%m/%Y}.",
            mend="Tra mã bằng: motcua unit MÃ.",
        )
    return unit


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else clock.today()
    except ValueError:
        raise Permanent("date-invalid", f"{text!r} không phải là một ngày.", mend="Viết như 2026-08-21.") from None


def _print_json(told: Any) -> None:
    print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())


COMMANDS: tuple[Command, ...] = (
    Command("procedure", "Find a procedure by words, or show one by its code", _procedure, _procedure_arguments),
    Command(
        "due",
        "When a dossier is due, and why",
        _due,
        _due_arguments,
        database=lambda asked: bool(asked.procedure != "-"),
    ),
)
