"""`motcua token issue|list|revoke`: what systems sign in with."""

import argparse
from datetime import timedelta

from motcua.identity import queries
from motcua.identity.rules import Role
from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import NotFound, Permanent
from motcua.units import api as units

LONGEST = 400  # days; a token is renewed at least yearly


def _arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", metavar="issue|list|revoke", required=True)
    issue = words.add_parser("issue", help="make a token and print its secret, which is shown this once")
    issue.add_argument("name", metavar="NAME", help="the system that will use it")
    whose = issue.add_mutually_exclusive_group(required=True)
    whose.add_argument("--agency", metavar="ORG", action="append", help="an agency that it acts for, such as H29.101")
    whose.add_argument("--all-agencies", action="store_true", help="it acts for every agency")
    issue.add_argument("--role", metavar="ROLE", action="append", required=True, help=", ".join(Role))
    issue.add_argument("--days", metavar="N", type=int, default=90, help="how long it is valid (default: 90)")
    words.add_parser("list", help="print all tokens, without their secrets")
    revoke = words.add_parser("revoke", help="refuse a token from now on")
    revoke.add_argument("number", metavar="NUMBER", type=int)


def _run(asked: Arguments) -> int:
    if asked.word == "issue":
        return _issue(asked)
    if asked.word == "revoke":
        from motcua.identity import actions  # brings tables, which need Django to be up

        actions.revoke_token(token_id=asked.number, now=clock.now())
        return 0
    for token in queries.tokens():
        state = "revoked" if token.revoked_at else f"until {clock.local(token.expires_at):%Y-%m-%d %H:%M}"
        reach = "all agencies" if token.agencies is None else f"{len(token.agencies)} agencies"
        print(f"{token.id}\t{token.name}\t{', '.join(token.roles)}\t{reach}\t{state}")
    return 0


def _issue(asked: Arguments) -> int:
    from motcua.identity import actions

    now = clock.now()
    if not 0 < asked.days <= LONGEST:
        raise Permanent("days-invalid", f"Thẻ truy cập có hạn từ 1 đến {LONGEST} ngày, không phải {asked.days}.")
    unknown = [role for role in asked.role if role not in set(Role)]
    if unknown:
        raise Permanent("role-unknown", f"Không có vai trò {unknown[0]!r}.", mend=f"Vai trò: {', '.join(Role)}.")
    secret = actions.issue_token(
        name=asked.name,
        agencies=None if asked.all_agencies else [_agency(code) for code in asked.agency],
        roles=[Role(role) for role in asked.role],
        expires_at=now + timedelta(days=asked.days),
        now=now,
    )
    print(secret)
    return 0


def _agency(code: str) -> int:
    found = units.directory().find_agency(code, clock.today())
    if found is None:
        raise NotFound("agency-unknown", f"Hôm nay không cơ quan nào mang mã {code}.", mend=f"Xem: motcua unit {code}")
    return found.id


COMMANDS: tuple[Command, ...] = (
    Command("token", "Issue, list and revoke the tokens that systems sign in with", _run, _arguments),
)
