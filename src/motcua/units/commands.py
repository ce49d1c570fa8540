"""`motcua unit CODE`: who holds a code on a day, what it was and what it became."""

import argparse
from collections.abc import Iterator
from datetime import date

import msgspec

from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import Permanent
from motcua.units import queries
from motcua.units.rules.answer import DERIVED, Answer, Related, answer
from motcua.units.rules.values import Extent, Scheme

EXTENTS = {Extent.WHOLE: "toàn bộ", Extent.PART: "một phần"}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", help="25270, 001, 79, H29.101, 000.00.00.H29")
    parser.add_argument("--scheme", metavar="area|org|org102", help="the list to look in (default: by the code's form)")
    parser.add_argument("--on", metavar="DATE", help="the day, as 2025-06-30 (default: today in Viet Nam)")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")


def _run(asked: Arguments) -> int:
    today = clock.today()
    try:
        on = date.fromisoformat(asked.on) if asked.on is not None else today
    except ValueError:
        raise Permanent("date-invalid", f"{asked.on!r} không phải là một ngày.", mend="Viết như 2025-06-30.") from None
    found = answer(queries.directory(), asked.code, on=on, today=today, scheme=asked.scheme)
    if asked.json:
        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        print("\n".join(sentences(found)))
    return 0


def sentences(found: Answer) -> Iterator[str]:
    """The answer in plain Vietnamese, line by line."""
    place = "" if found.province == found.unit.code else f", {found.province_name} ({found.province})"
    yield f"{_capital(found.full_name)} – mã {found.code}{place}"
    if found.scheme != Scheme.AREA:
        yield f"Đơn vị hành chính: {found.unit.type} {found.unit.name} ({found.unit.code})"
    if found.made:
        yield "Mã này do phần mềm đặt theo quy tắc, vì chưa có danh mục công khai; sẽ thay khi nạp danh mục thật."
    if found.in_force:
        since = f" từ ngày {found.valid_from:%d/%m/%Y}" if found.valid_from else ""
        yield f"Ngày {found.on:%d/%m/%Y}: đang có hiệu lực{since}."
    elif found.valid_to is not None and found.valid_to < found.on:
        yield f"Mã đã đóng: hết hiệu lực sau ngày {found.valid_to:%d/%m/%Y}; ngày {found.on:%d/%m/%Y} không còn dùng."
    else:
        yield f"Ngày {found.on:%d/%m/%Y}: chưa có hiệu lực, bắt đầu từ ngày {found.valid_from:%d/%m/%Y}."
    if len(found.periods) > 1:
        yield "Tên gọi qua các thời kỳ:"
        for period in found.periods:
            since = f"từ {period.valid_from:%d/%m/%Y}" if period.valid_from else "trước đó"
            until = f" đến {period.valid_to:%d/%m/%Y}" if period.valid_to else ""
            yield f"  {since}{until}: {period.type} {period.name} – {period.source}"
    if found.predecessors:
        yield "Hình thành từ:"
        yield from map(_line, found.predecessors)
    if found.successors:
        if len(found.successors) == 1:
            yield "Trở thành:"
        else:
            yield (
                f"Được chia về {len(found.successors)} đơn vị. Địa chỉ cụ thể quyết định thuộc đơn vị nào; "
                "thứ tự dưới đây chỉ theo mã:"
            )
        derived = any(related.note.endswith(DERIVED) for related in found.successors)
        yield from (_line(related).removesuffix(DERIVED).rstrip(" –;") for related in found.successors)
        if derived:
            yield f"  ({DERIVED})"
    if found.today and {r.code for r in found.today} != {r.code for r in found.successors}:
        yield "Ngày nay thuộc:"
        yield from map(_line, found.today)
    if found.agencies:
        yield "Cơ quan:"
        for agency in found.agencies:
            mark = " (mã tự đặt)" if any(i.made and i.code == agency.code for i in agency.identifiers) else ""
            yield f"  {agency.code}{mark}: {agency.name}"


def _line(related: Related) -> str:
    note = f" – {related.note}" if related.note else ""
    return f"  {related.code} {related.type} {related.name}: {EXTENTS[related.extent]}, {related.on:%d/%m/%Y}{note}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


COMMANDS: tuple[Command, ...] = (
    Command("unit", "Who holds a code on a day, what it was and what it became", _run, _arguments),
)
