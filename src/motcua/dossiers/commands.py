"""`motcua where`: where is a dossier, for whoever runs this installation."""

from argparse import ArgumentParser

import msgspec

from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command


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


COMMANDS = (Command("where", "Where is a dossier, since when, due when, waiting for whom", where, _arguments),)
