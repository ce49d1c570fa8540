"""`motcua exchange WORD`: look at lines, mend dead letters, look after the directory of nodes, check receipts."""

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import NotFound, Permanent
from motcua.units import api as units

OPERATOR = 0  # who acts on the command line: whoever may log in to the machine


def _arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", metavar="WORD", required=True)
    words.add_parser("lines", help="each partner's line: open, dead letters, oldest, done and errors in an hour")
    words.add_parser("alarms", help="what is wrong with a line at this moment; exits with 1 if anything is")
    dead = words.add_parser("dead", help="what needs a person, with the partner's own words")
    dead.add_argument("--partner", default="")
    show = words.add_parser("show", help="print the body of a parcel, and what people did to it")
    show.add_argument("id", type=UUID)
    for name, help_ in (
        ("replay", "send dead letters again, as they were or with --body FILE, under the same id"),
        ("set-aside", "decide that dead letters are not sent, so that what waits behind them goes"),
    ):
        word = words.add_parser(name, help=help_)
        word.add_argument("id", type=UUID, nargs="+")
        word.add_argument("--reason", required=True)
        if name == "replay":
            word.add_argument("--body", type=Path, help="a file with the corrected content, for one dead letter")
    words.add_parser("nodes", help="print the directory of nodes")
    read = words.add_parser("set-nodes", help="read the directory of nodes from a file (see docs/running-a-country.md)")
    read.add_argument("file", type=Path)
    words.add_parser("publish-directory", help="as the authority, send the directory of nodes to every other node")
    keep = words.add_parser("keep", help="how long the content of what was delivered is kept after its receipt")
    keep.add_argument("--days", type=int, help="without it, print what was decided; nothing is dropped before that")
    keep.add_argument(
        "--from", type=date.fromisoformat, dest="valid_from", help="for what is delivered from that day on"
    )
    keep.add_argument("--source", default="", help="on what ground")
    say = words.add_parser("say", help="send a greeting from an agency here to one anywhere, to try the line")
    say.add_argument("sender", metavar="FROM", help="the identifier of an agency of this node")
    say.add_argument("recipient", metavar="TO", help="the identifier of the agency that it is for")
    say.add_argument("text", nargs="?", default="")
    verify = words.add_parser("verify", help="check that each delivered envelope has its receipt")
    verify.add_argument("--quiet", action="store_true", help="print nothing but faults")


def _run(asked: Arguments) -> int:
    return _WORDS[asked.word](asked)


def _lines(asked: Arguments) -> int:
    from motcua.exchange import queries

    now = clock.now()
    for line in queries.lines(now - timedelta(hours=1)):
        oldest = f"{clock.local(line.oldest_at):%Y-%m-%d %H:%M}" if line.oldest_at else "-"
        shut = f"shut until {clock.local(line.shut_until):%H:%M:%S}" if line.shut_until else "open"
        errors = " ".join(f"{kind} {count}" for kind, count in line.errors_in_hour)
        counts = (f"{line.open} open", f"{line.dead} dead", f"oldest {oldest}", f"{line.done_in_hour} done")
        print(line.partner, *counts, errors, shut, line.said, sep="\t")
    return 0


def _alarms(asked: Arguments) -> int:
    from motcua.exchange import alarms

    now = clock.now()
    alarms.watch(now=now)
    rows = alarms.alarms()
    for row in rows:
        print(f"{row.partner}\t{row.alarm}\tsince {clock.local(row.since):%Y-%m-%d %H:%M}")
    return 1 if rows else 0


def _dead(asked: Arguments) -> int:
    from motcua.exchange import queries

    rows = queries.dead_letters(asked.partner)
    for row in rows:
        print(f"{row.id}\t{row.partner}\t{row.subject}\t{row.kind}\t{row.behind} behind\t{row.said}")
    return 1 if rows else 0


def _show(asked: Arguments) -> int:
    from motcua.exchange import queries

    rows = queries.parcels([asked.id])
    if not rows:
        raise NotFound("parcel-unknown", f"Không có bưu kiện {asked.id}.")
    [row] = rows
    story = (row.state, row.partner, row.subject, row.kind, f"{row.attempts} attempts", row.said)
    print(*story, sep="\t", file=sys.stderr)
    for done in queries.corrections(row.id):
        print(f"{done.act}\t{clock.local(done.at):%Y-%m-%d %H:%M}\t{done.reason}\t{done.said}", file=sys.stderr)
    sys.stdout.buffer.write(row.body + b"\n")
    return 0


def _replay(asked: Arguments) -> int:
    from motcua.exchange import mending

    if asked.body and len(asked.id) != 1:
        raise Permanent("one-body-one-letter", "Mỗi lần chỉ sửa một bưu kiện.", mend="Nêu một mã với --body.")
    contents = {asked.id[0]: asked.body.read_bytes()} if asked.body else {}
    mending.again(asked.id, contents=contents, caller=OPERATOR, reason=asked.reason, now=clock.now())
    return 0


def _set_aside(asked: Arguments) -> int:
    from motcua.exchange import mending

    mending.leave(asked.id, caller=OPERATOR, reason=asked.reason, now=clock.now())
    return 0


def _nodes(asked: Arguments) -> int:
    from motcua.exchange import directory

    sys.stdout.buffer.write(directory.written(clock.today()) + b"\n")
    return 0


def _set_nodes(asked: Arguments) -> int:
    from motcua.exchange import directory

    units.refresh()
    directory.take(asked.file.read_bytes(), source=f"file {asked.file.name}", today=clock.today())
    return 0


def _publish_directory(asked: Arguments) -> int:
    from motcua.exchange import directory

    units.refresh()
    print(f"{directory.publish(now=clock.now())} nodes")
    return 0


def _keep(asked: Arguments) -> int:
    from motcua.exchange import keeping

    if asked.days is not None:
        keeping.set_keeping(valid_from=asked.valid_from or clock.today(), days=asked.days, source=asked.source)
    for row in keeping.keepings():
        swept = f"{clock.local(row.swept_to):%Y-%m-%d}" if row.swept_to else "-"
        print(f"{row.valid_from}\t{row.days} days\tdropped to {swept}\t{row.source}")
    return 0


def _say(asked: Arguments) -> int:
    import msgspec
    from django.db import transaction

    from motcua.exchange import posting
    from motcua.exchange.rules.envelope import GREETING

    units.refresh()
    sender, recipient = _agency(asked.sender), _agency(asked.recipient)
    content = msgspec.json.encode({"text": asked.text})
    with transaction.atomic():
        [one] = posting.post([posting.Message(sender, recipient, GREETING, GREETING, content)], now=clock.now())
    print(one)
    return 0


def _agency(org: str) -> int:
    found = units.directory().find_agency(org, clock.today())
    if found is None:
        raise NotFound("agency-unknown", f"Hôm nay không cơ quan nào mang mã {org}.", mend=f"Xem: motcua unit {org}")
    return found.id


def _verify(asked: Arguments) -> int:
    from motcua.exchange import verifying

    count = found = 0
    for seen, fault in verifying.receipts():
        count = seen
        if fault:
            found += 1
            print(fault)
    if found or not asked.quiet:
        print(f"{count:,} delivered envelopes: {f'{found:,} faults' if found else 'each has a receipt that verifies'}")
    return 1 if found else 0


_WORDS: Mapping[str, Callable[[Arguments], int]] = {
    "lines": _lines,
    "alarms": _alarms,
    "dead": _dead,
    "show": _show,
    "replay": _replay,
    "set-aside": _set_aside,
    "nodes": _nodes,
    "set-nodes": _set_nodes,
    "publish-directory": _publish_directory,
    "keep": _keep,
    "say": _say,
    "verify": _verify,
}

COMMANDS: tuple[Command, ...] = (
    Command("exchange", "Look at the lines to partners, mend dead letters, check receipts", _run, _arguments),
)
