"""The verbs of `motcua reorganise` for the life of a plan: register, rehearse, sign, apply, follow, undo, decide."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.command import Arguments
from motcua.kernel.errors import Failure, NotFound, Permanent
from motcua.reorganisation import plans
from motcua.reorganisation.rules.states import PlanState
from motcua.units import api as units

SHOWN = 20


class Verb(NamedTuple):
    """One word after `motcua reorganise`."""

    help: str
    run: Callable[[Arguments], int]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None


def _json(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _n(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _text(named: str) -> str:
    """The text of a registered plan, else of a file or of a plan that comes with motcua."""
    from motcua.reorganisation import queries

    try:
        return queries.plan(named).text
    except NotFound:
        return plans.text_of(named)


def _position(number: int) -> identity.Scope:
    """What an official reaches in a position of today."""
    on = clock.today()
    held = identity.position_of(number, on)
    if held is None:
        raise NotFound("position-unknown", f"Hôm nay không ai giữ vị trí số {number}.")
    below = units.directory().agencies_under(held.agency_id, on) if held.role in identity.REACH_BELOW else frozenset()
    return identity.Scope(
        agencies=frozenset({held.agency_id}) | below,
        roles=frozenset({held.role}),
        position=number,
        name=f"position:{number}",
    )


# --- register and rehearse ----------------------------------------------------------------------------------------


def _named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="NAME", help=f"a registered plan, a file, or one of: {', '.join(plans.NAMES)}")


def _named_json(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument("--json", action="store_true", help="all of it as JSON")


def _register(asked: Arguments) -> int:
    from motcua.reorganisation import actions, queries

    name = actions.register(text=plans.text_of(asked.plan), now=clock.now())
    row = queries.plan(name).row
    print(f"Kế hoạch {name}: {row.title}\nMã băm {row.digest}\n{queries.WORDS[row.state].capitalize()}.")
    return 0


def _rehearse(asked: Arguments) -> int:
    from motcua.reorganisation import queries, rehearsing

    found = rehearsing.rehearse(text=_text(asked.plan), now=clock.now())
    written = msgspec.to_builtins(found)
    if found.plan in {row.name for row in queries.plans()}:
        rehearsing.keep(name=found.plan, found=found, written=written)
    if asked.json:
        _json(written)
    else:
        print("\n".join(_report(written)))
    return 0 if found.balanced else 1


def _report(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"Diễn tập kế hoạch {found['plan']}: {found['title']}"
    if found["note"]:
        yield found["note"]
    for level, (before, after) in found["units"].items():
        yield f"  {LEVELS[level]}: {_n(before)} → {_n(after)}"
    yield f"{'':2}{'':48}{'trước':>12}{'chuyển':>12}{'chờ người':>12}"
    for kind in found["kinds"]:
        yield f"  {kind['words']:<48}{_n(kind['before']):>12}{_n(kind['passed']):>12}{_n(kind['undecided']):>12}"
    yield "Tổng trước và sau bằng nhau." if found["balanced"] else "TỔNG TRƯỚC VÀ SAU KHÔNG BẰNG NHAU."
    moved = [row for row in found["passing"] if row["kind"] == "dossier"]
    if moved:
        yield "Hồ sơ đi từ đâu đến đâu (nhiều nhất trước; đủ trong --json):"
        for row in sorted(moved, key=lambda row: -row["count"])[:SHOWN]:
            yield f"  {row['old']} {row['old_name']} → {row['new']} {row['new_name']}: {_n(row['count'])}"
    if found["waiting"]:
        yield f"Không quy tắc nào quyết định, chờ người ({_n(len(found['waiting']))} nhóm; đủ trong --json):"
        for row in sorted(found["waiting"], key=lambda row: (row["kind"] == "figure", -row["count"]))[:SHOWN]:
            where = ", ".join(row["candidates"][:6]) + (" …" if len(row["candidates"]) > 6 else "")
            what = KINDS.get(row["kind"], row["kind"])
            yield f"  {row['old']} {row['old_name']}: {_n(row['count'])} {what} → {where}"
            yield f"    {row['why']}"
    yield "Việc phải làm:"
    for task in found["to_do"]:
        count = f" ({_n(task['count'])})" if task["count"] > 1 else ""
        yield f"  {task['words']}{count}"
    if found["seconds_to_publish"] is not None:
        yield f"Công bố danh mục mới: {found['seconds_to_publish']:.1f} giây (đo rồi trả lại như cũ)."
    if found["seconds_to_hand_over"] is not None:
        yield f"Chuyển hồ sơ: khoảng {found['seconds_to_hand_over']:.0f} giây (đo trên {found['sample']} hồ sơ)."


LEVELS = {"province": "cấp tỉnh", "district": "cấp huyện", "commune": "cấp xã"}
KINDS = {
    "dossier": "hồ sơ",
    "position": "vị trí",
    "account": "tài khoản",
    "token": "thẻ truy cập",
    "decision": "quyết định",
    "identifier": "mã định danh",
    "number": "dãy số",
    "figure": "đơn vị có số liệu",
}


# --- approve, apply, undo -----------------------------------------------------------------------------------------


def _approve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="NAME", help="a registered plan")
    parser.add_argument("--position", metavar="NUMBER", type=int, required=True, help="the position that signs")
    parser.add_argument("--digest", metavar="SHA256", help="the text that is signed (default: the present one)")


def _approve(asked: Arguments) -> int:
    from motcua.reorganisation import actions, queries

    row = queries.plan(asked.plan).row
    actions.approve(
        name=asked.plan,
        digest=asked.digest or row.digest,
        position_id=asked.position,
        now=clock.now(),
        by=_position(asked.position),
    )
    row = queries.plan(asked.plan).row
    for signature in row.signatures:
        print(f"{clock.local(signature.at):%H:%M %d/%m/%Y}  {signature.name}, {signature.title}")
    print(f"{len(row.signatures)} trên {row.needed} chữ ký; {queries.WORDS[row.state]}.")
    return 0


def _apply(asked: Arguments) -> int:
    from motcua.reorganisation import actions, following

    with _bar() as report:
        progress = actions.apply(name=asked.plan, now=clock.now(), report=report)
        if progress.state == PlanState.APPROVED:
            when = clock.local(progress.scheduled_for) if progress.scheduled_for else None
            print(f"Chưa đến thời điểm có hiệu lực: đã hẹn, worker sẽ áp dụng lúc {when:%H:%M %d/%m/%Y}.")
            return 0
        for _ in following.until_done(name=asked.plan, now=clock.now, report=report):
            pass
    return _status(asked)


def _undo(asked: Arguments) -> int:
    from motcua.reorganisation import actions, following

    try:
        actions.undo(name=asked.plan, now=clock.now())
    except Failure as failure:
        for obstacle in failure.members.get("obstacles", ()):
            examples = ", ".join(map(str, obstacle["examples"]))
            print(f"  {obstacle['words']}{': ' + examples if examples else ''}", file=sys.stderr)
        raise
    with _bar() as report:
        for _ in following.until_done(name=asked.plan, now=clock.now, report=report):
            pass
    return _status(asked)


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    from tqdm import tqdm

    bar = tqdm(leave=True, disable=None, file=sys.stderr, bar_format="{desc:<40} {percentage:3.0f}% {bar} {elapsed}")

    def report(text: str, done: int, total: int) -> None:
        bar.total, bar.n = total, min(done, total)
        bar.set_description_str(text.capitalize())

    with bar:
        yield report


# --- follow and decide --------------------------------------------------------------------------------------------


def _status_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="NAME", nargs="?", help="a registered plan (default: all)")
    parser.add_argument("--json", action="store_true", help="all of it as JSON")


def _status(asked: Arguments) -> int:
    from motcua.reorganisation import queries

    names = [asked.plan] if asked.plan else [row.name for row in queries.plans()]
    found = [queries.progress(name) for name in names]
    if getattr(asked, "json", False):
        _json(found)
        return 0
    for one in found:
        print(f"{one.name}: {one.words}")
        if one.scheduled_for:
            print(f"  hẹn áp dụng lúc {clock.local(one.scheduled_for):%H:%M %d/%m/%Y}")
        if one.state in (PlanState.APPLYING, PlanState.APPLIED, PlanState.UNDOING):
            print(f"  hồ sơ đã chuyển: {_n(one.done)} trên {_n(one.total)} (đếm lúc công bố)")
            for kind, count in one.passed.items():
                print(f"  {KINDS[kind]} đã chuyển: {_n(count)}")
            for kind, count in one.waiting.items():
                if count:
                    print(f"  {KINDS[kind]} chờ người quyết định: {_n(count)}")
    if not found:
        print("Chưa ghi kế hoạch nào.")
    return 0


def _queue_arguments(parser: argparse.ArgumentParser) -> None:
    _status_arguments(parser)
    parser.add_argument("--after", metavar="NUMBER", type=int, default=0, help="those after this one")
    parser.add_argument("--limit", metavar="N", type=int, default=50, help="so many (default: 50)")


def _queue(asked: Arguments) -> int:
    from motcua.reorganisation import queries

    found, total = queries.queue(
        scope=identity.SYSTEM, name=asked.plan or "", after=asked.after, limit=max(1, asked.limit)
    )
    if asked.json:
        _json({"total": total, "questions": found})
        return 0
    print(f"{_n(total)} việc chờ người quyết định.")
    for row in found:
        print(f"{row.id}  {KINDS[row.subject]} {row.key}: {row.reason}")
        for candidate in row.candidates:
            print(f"    {row.id}={candidate.id}  {candidate.words}")
    return 0


def _decide_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("choices", metavar="NUMBER=CANDIDATE", nargs="+", help="as `reorganise queue` shows them")
    parser.add_argument("--position", metavar="NUMBER", type=int, required=True, help="the position that decides")


def _decide(asked: Arguments) -> int:
    from motcua.reorganisation import actions

    done = actions.decide(_choices(asked.choices), now=clock.now(), by=_position(asked.position))
    print(f"Đã quyết định {_n(done)} việc.")
    return 0


def _choices(words: Sequence[str]) -> list[Any]:
    from motcua.reorganisation.actions import Choice

    found = []
    for word in words:
        number, _, candidate = word.partition("=")
        if not number.isdecimal() or not candidate:
            raise Permanent("choice-invalid", f"{word!r} không phải SỐ=PHƯƠNG ÁN.", mend="Ví dụ: 12=00091.")
        found.append(Choice(int(number), candidate))
    return found


LIFE: Mapping[str, Verb] = {
    "register": Verb("Keep a checked plan, to be signed", _register, _named),
    "rehearse": Verb("Carry a plan out where nobody sees it, and tell what would change hands", _rehearse, _named_json),
    "approve": Verb("Sign the plan's text in a position of today", _approve, _approve_arguments),
    "apply": Verb("Put a signed plan in force, or schedule it, and hand everything over", _apply, _named),
    "status": Verb("Say how far plans are", _status, _status_arguments),
    "undo": Verb("Take a plan back, or say what stands on it", _undo, _named),
    "queue": Verb("List what no rule decides, with all candidates", _queue, _queue_arguments),
    "decide": Verb("Decide what no rule decides", _decide, _decide_arguments),
}
