"""`motcua where` and `motcua figures`: where a dossier is, and how many there were, for whoever runs this."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command

if TYPE_CHECKING:
    from motcua.units import api as units


def where(arguments: Arguments) -> int:
    """Print where the dossier is; with a secret, what its holder would see."""
    from motcua.dossiers import queries
    from motcua.identity import api as identity
    from motcua.kernel.errors import Failure

    now = clock.now()
    code = arguments.code.strip().upper()
    asked = (
        queries.WhereQuestion(code, now, secret=arguments.secret)
        if arguments.secret
        else queries.WhereQuestion(code, now, scope=identity.SYSTEM)
    )
    [answer] = queries.where([asked])
    if isinstance(answer, Failure):
        raise answer
    if arguments.json:
        print(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
        return 0
    print("\n".join(_lines(answer)))
    if arguments.log and not arguments.secret:
        for row in queries.log_of(code):
            print(f"  {row.n:>3}  {clock.local(row.at):%d/%m/%Y %H:%M}  {row.step:<22} {row.state:<20} {row.reason}")
    return 0


def _lines(answer: object) -> list[str]:
    from motcua.dossiers.queries import Where

    assert isinstance(answer, Where)

    def shown(moment: object) -> str:
        from datetime import datetime

        return f"{clock.local(moment):%H:%M %d/%m/%Y}" if isinstance(moment, datetime) else "–"

    lines = [
        f"{answer.code}  {answer.procedure_name}",
        f"  Trạng thái:   {answer.state_name} (mã quốc gia {answer.national_status})",
        f"  Đang ở:       {answer.holder.name + ' (' + answer.holder.org + ')' if answer.holder else '–'}"
        f" từ {shown(answer.since)}",
        f"  Hẹn trả:      {shown(answer.due_at)}{'  QUÁ HẠN' if answer.overdue else ''}",
        f"  Đang chờ:     {answer.waiting_on or '–'}",
        f"  Việc tiếp:    {answer.next_step or '–'}",
        f"  Ai làm:       {answer.next_actor or '–'}, trước {shown(answer.act_by)}",
        f"  Tiếp nhận:    {answer.reception.name}",
        f"  Giải quyết:   {answer.resolving.name}",
        f"  Người nộp:    {answer.applicant}",
    ]
    if answer.working_minutes_left is not None:
        days, minutes = divmod(abs(answer.working_minutes_left), 480)
        word = "Còn" if answer.working_minutes_left >= 0 else "Quá"
        lines.insert(
            4, f"  {word}:{' ' * (12 - len(word))} {days} ngày {minutes // 60} giờ {minutes % 60} phút làm việc"
        )
    return lines


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("code", help="mã hồ sơ, such as H26.101.01-260817-0001")
    parser.add_argument("--secret", help="the secret on the slip: shows what its holder may see")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    parser.add_argument("--log", action="store_true", help="every row of the dossier's log")


FIGURE_WORDS = {
    "carried": "kỳ trước chuyển sang",
    "received": "tiếp nhận",
    "on_time": "xong trong hạn",
    "late": "xong quá hạn",
    "ended": "từ chối, rút, dừng",
    "open_in_time": "đang xử lý trong hạn",
    "open_late": "đang xử lý quá hạn",
    "returned": "đã trả kết quả",
}


def figures(arguments: Arguments) -> int:
    """Print the figures of a period in the borders of a day, and by name what can't be divided between its units."""
    from motcua.dossiers import queries
    from motcua.identity import api as identity
    from motcua.kernel.errors import NotFound
    from motcua.units import api as units

    today, directory = clock.today(), units.directory()
    borders_on: date = arguments.borders or today
    level = units.Level(arguments.level)
    rows = queries.count_by_area(
        queries.FiguresQuestion(identity.SYSTEM, arguments.first, arguments.last or today, today)
    )
    divisions = divisions_of(directory, Path(arguments.shares)) if arguments.shares else {}
    made = units.regrouped(directory, rows, borders_on=borders_on, level=level, divisions=divisions)
    if arguments.within:
        within = directory.find_unit(arguments.within, borders_on)
        if within is None:
            raise NotFound(
                "unit-unknown",
                f"Ngày {borders_on:%d/%m/%Y} không đơn vị nào mang mã {arguments.within}.",
                mend="Dùng mã có hiệu lực vào ngày của địa giới; `motcua unit MÃ` cho biết mã đã thành gì.",
            )
        made = units.inside(directory, made, within.id, borders_on)
    if arguments.json:
        print(msgspec.json.format(msgspec.json.encode(_as_data(directory, made, borders_on)), indent=2).decode())
    else:
        print("\n".join(_table(directory, made, borders_on)))
    return 0


SHARE_COLUMNS = ("counted", "counted_on", "into", "into_on", "weight", "source")


def divisions_of(directory: "units.Directory", path: Path) -> "dict[tuple[int, str], units.Division]":
    """The rules of a CSV file by which split units are divided. Each line names its source; nothing is guessed."""
    from motcua.kernel.errors import Permanent
    from motcua.units import api as units

    found: dict[tuple[int, str], units.Division] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, line in enumerate(csv.DictReader(file), 2):
            try:
                old = directory.find_unit(line["counted"], date.fromisoformat(line["counted_on"]))
                new = directory.find_unit(line["into"], date.fromisoformat(line["into_on"]))
                weight, source = int(line["weight"]), line["source"].strip()
            except (KeyError, ValueError, TypeError):
                old = new = None
                weight, source = 0, ""
            if old is None or new is None or not source:
                raise Permanent(
                    "share-unreadable",
                    f"Dòng {number} của {path.name} không đọc được.",
                    mend=f"Các cột là {', '.join(SHARE_COLUMNS)}: mã và ngày có hiệu lực, số nguyên, căn cứ.",
                )
            known = found.get((old.id, ""))
            found[old.id, ""] = units.Division(source, {**(known.weights if known else {}), new.id: weight})
    return found


def _as_data(directory: "units.Directory", made: "units.Regrouped", on: date) -> dict[str, Any]:
    from motcua.dossiers.queries import RATES

    def unit(unit_id: int) -> dict[str, str]:
        found = directory.unit(unit_id)
        return {"code": found.code, "name": found.at(on).full_name}

    def rates(sums: Mapping[str, int]) -> dict[str, float | None]:
        return {rate.name: None if (value := rate.of(sums)) is None else round(float(value), 6) for rate in RATES}

    return {
        "borders": on.isoformat(),
        "units": [
            {
                **unit(row.unit_id),
                "sums": row.sums,
                "rates": rates(row.sums),
                "divided": [{"by": words, "sums": sums} for words, sums in row.divided],
            }
            for row in made.placed
        ],
        "undivided": [
            {
                "shared_by": [unit(number) for number in row.units],
                "counted_in": [unit(number) for number in row.counted],
                "sums": row.sums,
                "rates": rates(row.sums),
            }
            for row in made.undivided
        ],
        "total": {"sums": made.total, "rates": rates(made.total)},
    }


def _table(directory: "units.Directory", made: "units.Regrouped", on: date) -> Iterator[str]:
    from motcua.dossiers.queries import ON_TIME, SUMS

    def line(name: str, sums: Mapping[str, int]) -> str:
        rate = ON_TIME.of(sums)
        shown = "–" if rate is None else f"{float(rate) * 100:.1f} %".replace(".", ",")
        return f"{name:<44}" + "".join(f"{sums.get(key, 0):>9}" for key in SUMS) + f"{shown:>9}"

    def name(unit_id: int) -> str:
        return f"{directory.unit(unit_id).code} {directory.unit(unit_id).at(on).full_name}"

    yield f"Số liệu hồ sơ theo địa giới ngày {on:%d/%m/%Y}"
    yield "  ".join(f"{n}: {FIGURE_WORDS[key]}" for n, key in enumerate(SUMS, 1)) + "  9: tỷ lệ đúng hạn"
    yield f"{'':<44}" + "".join(f"{n:>9}" for n in range(1, len(SUMS) + 2))
    for row in made.placed:
        yield line(name(row.unit_id)[:43], row.sums)
        for words, sums in row.divided:
            yield line(f"  trong đó chia theo {words}"[:43], sums)
    if made.undivided:
        yield "Chưa chia được, vì không có quy tắc nào chia:"
        for shared in made.undivided:
            yield line(f"  chung của {len(shared.units)} đơn vị", shared.sums)
            yield "    " + ("; ".join(map(name, shared.units)) or "không rõ thuộc đơn vị nào")
    yield line("Tổng số", made.total)


def _figures_arguments(parser: ArgumentParser) -> None:
    day = date.fromisoformat
    parser.add_argument("--from", dest="first", type=day, required=True, metavar="DATE", help="such as 2025-01-01")
    parser.add_argument("--to", dest="last", type=day, metavar="DATE", help="the last day (default: today)")
    parser.add_argument("--borders", type=day, metavar="DATE", help="the borders of this day (default: today)")
    parser.add_argument("--level", choices=("commune", "district", "province"), default="commune")
    parser.add_argument("--in", dest="within", metavar="CODE", help="only inside the unit with this code on that day")
    parser.add_argument("--shares", metavar="FILE", help=f"a CSV that divides split units: {', '.join(SHARE_COLUMNS)}")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")


COMMANDS = (
    Command("where", "Where is a dossier, since when, due when, waiting for whom", where, _arguments),
    Command("figures", "Dossiers of a period in the borders of any day", figures, _figures_arguments),
)
