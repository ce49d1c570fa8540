"""`motcua signing list | make | accept | withdraw`: the keys of agencies."""

import argparse
import base64
from datetime import timedelta

from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import NotFound, Permanent
from motcua.units import api as units


def _arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", metavar="list|make|accept|withdraw", required=True)
    words.add_parser("list", help="print every key: name, agency, from when to when, its public half")
    make = words.add_parser("make", help="make a key whose private half stays in this node's files")
    make.add_argument("agency", metavar="ORG", nargs="+", help="whose, such as H29.101")
    make.add_argument("--opens", action="store_true", help="a key that opens what is sealed for it, not one that signs")
    make.add_argument("--days", type=int, default=730, help="how long it is in force (default: 730)")
    accept = words.add_parser("accept", help="take in the public half of another node's agency")
    accept.add_argument("agency", metavar="ORG")
    accept.add_argument("public", metavar="KEY", help="the public half (SPKI DER, base64), as `list` prints it there")
    accept.add_argument("--source", required=True, help="who vouched for it, and how")
    accept.add_argument("--days", type=int, default=730, help="how long it is in force (default: 730)")
    withdraw = words.add_parser("withdraw", help="let a key count no more from now on")
    withdraw.add_argument("kid", metavar="NAME")
    withdraw.add_argument("--reason", required=True)


def _run(asked: Arguments) -> int:
    from motcua.signing import actions, keys, queries
    from motcua.signing.rules import Algorithm

    now = clock.now()
    if asked.word == "make":
        ids = {_agency(code): code for code in asked.agency}
        until, kind = now + timedelta(days=asked.days), Algorithm.ECDH if asked.opens else Algorithm.EDDSA
        for agency, kid in actions.make_keys(list(ids), valid_to=until, now=now, algorithm=kind).items():
            print(f"{ids[agency]}\t{kid}")
    elif asked.word == "accept":
        try:
            public = base64.b64decode(asked.public, validate=True)
        except ValueError:
            raise Permanent("key-unreadable", "Không đọc được khóa công khai.", mend="Chép lại cả dòng.") from None
        until = now + timedelta(days=asked.days)
        actions.accept_keys([actions.NewKey(_agency(asked.agency), public, now, until, asked.source)])
    elif asked.word == "withdraw":
        actions.withdraw([asked.kid], reason=asked.reason, now=now)
    else:
        for key in queries.all_keys():
            org = units.directory().agency(key.agency).org(clock.today())
            state = "withdrawn" if key.withdrawn_at else f"to {key.valid_to:%Y-%m-%d}" if key.valid_to else "open"
            here = "private half here" if keys.is_here(key.kid) else ""
            print(f"{key.kid}\t{org}\t{key.algorithm}\t{state}\t{base64.b64encode(key.public).decode()}\t{here}")
    return 0


def _agency(code: str) -> int:
    found = units.directory().find_agency(code, clock.today())
    if found is None:
        raise NotFound("agency-unknown", f"Hôm nay không cơ quan nào mang mã {code}.", mend=f"Xem: motcua unit {code}")
    return found.id


COMMANDS: tuple[Command, ...] = (
    Command("signing", "Make, list, take in and withdraw the keys of agencies", _run, _arguments),
)
