"""`motcua transfers`: the dossiers that two nodes hold, and where each is."""

import sys
from argparse import ArgumentParser

import msgspec

from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command

ENDED = {"": "chưa trả lời", "answered": "đã trả lời", "over": "không cần trả lời nữa"}


def _transfers(asked: Arguments) -> int:
    from motcua.dossiers import api as dossiers
    from motcua.identity import api as identity
    from motcua.kernel.errors import Failure
    from motcua.transfers import queries

    now = clock.now()
    if not asked.code:
        for row in queries.transfers(scope=identity.SYSTEM):
            way = "→" if row.out else "←"
            print(f"{row.code}  {way} {row.node}  {'' if row.is_open else 'đã kết thúc  '}{row.problem}".rstrip())
        return 0
    code = asked.code.strip().upper()
    [answer] = queries.across([dossiers.WhereQuestion(code, now, scope=identity.SYSTEM)])
    if isinstance(answer, Failure):
        raise answer
    if asked.json:
        print(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
        return 0
    here, there, asked_of = answer.here, answer.elsewhere, answer.consulted
    print(f"{here.code}  {here.procedure_name}")
    print(f"  Ở đây:        {here.state_name}, {here.holder.name if here.holder else '–'}")
    if asked_of:
        print(f"  Lấy ý kiến:   {asked_of.agency} ({asked_of.node}), {ENDED[asked_of.ended]}")
    if there is None:
        print("  Nút khác:     không giữ hồ sơ này")
        return 0
    print(f"  Nút {there.node}: {there.state_name or 'chưa có lời nào'}, {there.holder or '–'}")
    if there.at and there.received_at:
        print(f"  Ký bởi:       {there.signed_by}, bước “{there.step_name}” {clock.local(there.at):%H:%M %d/%m/%Y}")
    heard = f"{clock.local(there.heard_at):%H:%M %d/%m/%Y}" if there.heard_at else "chưa bao giờ"
    print(f"  Liên lạc:     {heard}{'  MẤT LIÊN LẠC: có thể đã cũ' if there.silent else ''}")
    if there.problem:
        print(f"  Chưa báo được: {there.problem}", file=sys.stderr)
    return 1 if there.silent else 0


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", default="", help="mã hồ sơ; without it, all that are shared")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")


COMMANDS = (
    Command("transfers", "Dossiers that two nodes hold, and the other node's last signed word", _transfers, _arguments),
)
