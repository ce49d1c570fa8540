"""Command of this module: how we stand with the national portal, and what a person can do about it."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from uuid import UUID

from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command
from motcua.kernel.errors import Permanent
from motcua.nationalportal import actions, queries
from motcua.units import api as units


def _status(arguments: Arguments) -> int:
    step = queries.in_step(scope=identity.SYSTEM)
    print(f"{step.told:>9,} dossiers that the portal should hold")
    print(f"{step.waiting:>9,} of them with something on its way")
    print(f"{step.refused:>9,} of them refused: motcua portal refused")
    print(f"{step.arrived:>9,} filed there and taken in here")
    print(f"{step.not_taken:>9,} filed there and not taken: motcua portal refused")
    print(f"last contact {step.contact_at or 'never'}, log followed {step.followed_at or 'never'}")
    if step.said:
        print(f"it says: {step.said}")
    return 1 if step.refused or step.not_taken else 0


def _refused(arguments: Arguments) -> int:
    for row in queries.refusals(scope=identity.SYSTEM):
        print(f"{row.id}  {row.code}  {row.kind}  {row.said}  -> {row.mend}")
    for one in queries.not_taken(scope=identity.SYSTEM):
        print(f"{one.portal_code}  {one.procedure}  {one.reason}  -> {one.mend}")
    return 0


def _send(arguments: Arguments) -> int:
    """Send refused parcels again, each under its own id."""
    try:
        wanted = [UUID(one) for one in arguments.what]
    except ValueError:
        raise Permanent("not-an-id", "Không phải mã bưu kiện.", mend="Lấy mã từ `motcua portal refused`.") from None
    for one in wanted:
        actions.correct(refusal=one, changes={}, scope=identity.SYSTEM, reason="command line", now=clock.now())
    print(f"{len(wanted)} to be sent again.")
    return 0


def _take(arguments: Arguments) -> int:
    """Try again to take in what citizens filed on the portal."""
    units.refresh()
    taken = actions.take_again(arguments.what, scope=identity.SYSTEM, now=clock.now())
    print(f"{taken} taken in.")
    return 0 if taken == len(arguments.what) else 1


def _reconcile(arguments: Arguments) -> int:
    """Compare both books now."""
    report = actions.reconcile(now=clock.now())
    print(f"{report.compared:,} compared, {report.equal:,} equal, {report.on_the_way:,} still on their way")
    for row in report.differences:
        print(f"{row.code}  {row.kind}  here {row.ours or '-'}  there {row.theirs or '-'}  {_WHAT[row.repaired]}")
    return 1 if report.for_people else 0


_WHAT = {True: "sent again", False: "needs a person"}
ACTS: Mapping[str, Callable[[Arguments], int]] = {
    "status": _status,
    "refused": _refused,
    "send": _send,
    "take": _take,
    "reconcile": _reconcile,
}


def _run(arguments: Arguments) -> int:
    if not queries.configured():
        raise Permanent("no-portal", "No national portal is configured.", mend="Set MOTCUA_PORTAL_URL.")
    return ACTS[arguments.act](arguments)


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("act", choices=ACTS, help="status, refused, send ID..., take CODE..., reconcile")
    parser.add_argument("what", nargs="*", help="ids of refused parcels to send again, or the portal's codes to take")


COMMANDS: tuple[Command, ...] = (
    Command("portal", "See whether the national portal is in step, mend, compare both books", _run, _arguments),
)
