"""The words of `motcua convert` for made-up systems, held corrections, the record of hand-over, and people."""

import argparse
import getpass
import sys
from pathlib import Path

import msgspec

from motcua.identity.rules import Scope
from motcua.kernel import clock
from motcua.kernel.command import Arguments
from motcua.kernel.errors import NotAllowed, Permanent


def generate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="a new folder")
    parser.add_argument("--rows", type=int, default=10_000, metavar="N", help="dossiers in all three systems")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same files")


def generate(asked: Arguments) -> int:
    """Make up three old systems; nothing of it is real, and every file says so."""
    from motcua.conversion.made_up import writing

    made = writing.write(
        asked.folder,
        rows=asked.rows,
        seed=asked.seed,
        areas=writing.old_areas(),
        report=lambda text: print(text, file=sys.stderr),
    )
    for path in made.files.values():
        print(f"{path}  ({path.with_suffix('.toml').name})")
    print(f"{made.truth}: sự thật, để đối chiếu")
    return 0


def _named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="RUN", help="as `motcua convert status` calls it")


def settle_arguments(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument("number", metavar="NUMBER", help="the old system's number, as `held` prints it after the code")
    parser.add_argument("verdict", choices=("take", "keep"), help="the old system's value, or ours")
    parser.add_argument("--because", required=True, metavar="TEXT", help="10 to 1,000 signs")
    parser.add_argument("--account", required=True, metavar="NAME", help="who decides; the password is asked for")


def settle(asked: Arguments) -> int:
    """Says first what the old system writes otherwise."""
    from motcua.conversion.corrections import actions, queries
    from motcua.conversion.corrections.rules import Verdict

    scope = _signed_in(asked.account)
    found = queries.correction(asked.id, asked.number, scope=scope, on=clock.today())
    for one in found.differences:
        print(f"  {one.field}: {one.before} → {one.after}")
    verdict = Verdict.TAKEN if asked.verdict == "take" else Verdict.KEPT
    decided = actions.Settled(asked.id, asked.number, verdict, asked.because)
    actions.settle([decided], scope=scope, now=clock.now())
    return 0


def reconcile_arguments(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument("--json", action="store_true", help="everything that was found, as JSON")


def reconcile(asked: Arguments) -> int:
    """Exit status 0: nothing differs, or everything that does is explained."""
    from motcua.conversion.reconciliation import actions, queries

    found = actions.reconcile(run=asked.id, now=clock.now())
    if asked.json:
        print(queries.as_json(asked.id), end="")
        return 1 if found.unexplained else 0
    names = {"source": "tệp nguồn", "staging": "dữ liệu đã kiểm", "target": "hệ thống mới"}
    for side, rows, fee, checksum in found.figures:
        print(f"  {names[side]:<16} {rows:>12,} dòng  {fee:>16,} đồng  {checksum}")
    print(f"{found.differences:,} dòng lệch, {found.unexplained:,} chưa giải trình; {found.rejected:,} dòng bị loại.")
    for row in found.rows[:50]:
        print(f"  {row['key']}  {row['file']}:{row['row']}  {queries.WHATS[row['what']]}  {', '.join(row['fields'])}")
    if found.differences > 50:
        print("  … tất cả: --json")
    return 1 if found.unexplained else 0


def explain_arguments(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument("difference", metavar="KEY", help="as `reconcile` prints it before the row")
    parser.add_argument("--because", required=True, metavar="TEXT", help="10 to 1,000 signs")
    parser.add_argument("--account", required=True, metavar="NAME", help="whose explanation it is")


def explain(asked: Arguments) -> int:
    """Asks for the account's password, as signing does."""
    from motcua.conversion.reconciliation import actions

    scope = _signed_in(asked.account)
    reason = actions.Reason(asked.id, asked.difference, asked.because)
    actions.explain([reason], scope=scope, now=clock.now())
    return 0


def sign_arguments(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument("--account", required=True, metavar="NAME", help="who signs; the password is asked for")


def sign(asked: Arguments) -> int:
    """The password comes from the terminal, or from the input where there is none."""
    from motcua.conversion.reconciliation import actions

    found = actions.sign(run=asked.id, scope=_signed_in(asked.account), now=clock.now())
    for one in found.signatures:
        print(f"{one.name}, {one.title}, {one.agency}")
    print("Biên bản đã đủ chữ ký và niêm phong." if found.sealed else "Còn thiếu một chữ ký.")
    return 0


def _signed_in(name: str) -> Scope:
    from django.contrib.auth import authenticate

    from motcua.identity import api as identity

    password = getpass.getpass("Mật khẩu: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    account = authenticate(username=name, password=password)
    if account is None:
        raise NotAllowed("sign-in-failed", "Tên đăng nhập hoặc mật khẩu không đúng.", mend="Thử lại.", status=401)
    return identity.scope_of_account(account.pk, clock.today())


def write_arguments(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="a .json or .pdf")


def write(asked: Arguments) -> int:
    """Both stay what they are: the PDF is for people, the sealed JSON is what `docs/verify_hand_over.py` checks."""
    from motcua.conversion.reconciliation import actions, queries

    if asked.out.suffix == ".json":
        asked.out.write_text(queries.as_json(asked.id), encoding="utf-8")
    elif asked.out.suffix == ".pdf":
        asked.out.write_bytes(actions.as_pdf(run=asked.id, now=clock.now()))
    else:
        raise Permanent("record-form", "Biên bản ghi ra .json hoặc .pdf.", mend="Đổi đuôi tệp của --out.")
    print(asked.out)
    return 0


def persons(asked: Arguments) -> int:
    """Only suggestions: a clerk decides each at the desk."""
    from motcua.conversion.persons import actions

    print(msgspec.json.encode({"suggested": actions.suggest(now=clock.now())}).decode())
    return 0
