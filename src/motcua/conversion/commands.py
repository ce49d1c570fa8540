"""`motcua convert`: check a mapping, bring an old system's export in, see what became of it."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from tqdm import tqdm

from motcua.conversion import actions, origins, queries
from motcua.conversion.rules.fields import reasons
from motcua.conversion.staging import Progress
from motcua.kernel import clock
from motcua.kernel.command import Arguments, Command


@dataclass(frozen=True, slots=True)
class Verb:
    """One sub-command of `motcua convert`."""

    help: str
    run: Callable[[Arguments], int]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    database: bool = True


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on the error output, gone when it is done."""
    with tqdm(total=100, unit="%", leave=False, bar_format="{desc} {bar} {percentage:3.0f}% {elapsed}") as bar:

        def show(what: str, share: float) -> None:
            bar.set_description_str(what)
            bar.update(round(share * 100) - bar.n)

        yield show


def _mapped(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("mapping", metavar="MAPPING", type=Path, help="the mapping (TOML); the files lie beside it")
    parser.add_argument(
        "--file", metavar="FILE", type=Path, action="append", default=[],
        help="a late or mended file of the same shape, instead of those that the mapping names",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true")


def _named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="RUN", help="as `motcua convert status` calls it")


def _check(asked: Arguments) -> int:
    with _bar() as progress:
        found = actions.check(path=asked.mapping, files=asked.file, now=clock.now(), progress=progress)
    if asked.json:
        print(msgspec.json.encode(found).decode())
    else:
        for finding in found.findings:
            print(finding)
        if not found.findings:
            print(f"{found.read:,} dòng, {found.rejected:,} dòng sẽ bị loại.")
            for mask, count in found.reasons:
                print(f"  {count:>10,}  {' '.join(f'[{r.field}] {r.vi}' for r in reasons(mask))}")
    return 1 if found.findings else 0


def _run(asked: Arguments) -> int:
    with _bar() as progress:
        name = actions.run(path=asked.mapping, files=asked.file, now=clock.now(), progress=progress)
    _tell(queries.one(name), asked.json)
    return 0


def _resume(asked: Arguments) -> int:
    with _bar() as progress:
        actions.resume(run=asked.id, now=clock.now(), progress=progress)
    _tell(queries.one(asked.id), False)
    return 0


def _tell(row: queries.RunRow, json: bool) -> None:
    if json:
        print(msgspec.json.encode(row).decode())
        return
    print(f"{row.id}  {row.phase}  {clock.local(row.started_at):%d/%m/%Y %H:%M}  {row.title}")
    print(
        f"  {row.read:,} dòng = {row.added:,} mới + {row.corrected:,} sửa + {row.unchanged:,} như cũ + "
        f"{row.held:,} chờ người xem + {row.rejected:,} bị loại"
    )


def _status_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="RUN", nargs="?", default="")
    parser.add_argument("--json", action="store_true")


def _status(asked: Arguments) -> int:
    rows = (queries.one(asked.id),) if asked.id else queries.runs()
    for row in rows:
        _tell(row, asked.json)
    return 0


def _rejects_arguments(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="write the rows as .csv or .xlsx, to mend and send again"
    )


def _rejects(asked: Arguments) -> int:
    if asked.out:
        count = queries.write_rejects(asked.id, asked.out)
        print(f"{asked.out}: {count:,} dòng. Sửa rồi chạy “motcua convert run MAPPING --file {asked.out}”.")
        return 0
    for row in queries.reject_figures(asked.id):
        print(f"{row.count:>10,}  {' '.join(f'[{r.field}] {r.vi}' for r in row.reasons)}")
    return 0


def _held(asked: Arguments) -> int:
    for row in queries.held(asked.id):
        told = f"  {row.decision}: {row.named}" if row.decision != "open" else ""
        print(f"{row.code}  {row.number}  {row.file}:{row.row}  {row.why}{told}")
    return 0


def _clear(asked: Arguments) -> int:
    actions.clear(run=asked.id, now=clock.now())
    return 0


VERBS: Mapping[str, Verb] = {
    "generate": Verb(
        "Make up three provinces' old systems, with faults and the truth beside them",
        origins.generate,
        origins.generate_arguments,
        database=False,
    ),
    "check": Verb("Name every fault of a mapping and its files, and keep nothing", _check, _mapped),
    "run": Verb("Bring an export in, or go on with one that was broken off", _run, _mapped),
    "resume": Verb("Go on with a run that was broken off", _resume, _named),
    "status": Verb("What became of the rows of each run", _status, _status_arguments),
    "rejects": Verb("Rows that were refused, with reason and place", _rejects, _rejects_arguments),
    "held": Verb("Corrections of dossiers that have moved on here, for a person to decide", _held, _named),
    "settle": Verb(
        "Take the old system's value of a held correction, or keep ours, with a reason",
        origins.settle,
        origins.settle_arguments,
    ),
    "reconcile": Verb(
        "Set files, checked rows and dossiers of a run side by side; exit status 1 if they differ",
        origins.reconcile,
        origins.reconcile_arguments,
    ),
    "explain": Verb(
        "Say why a row differs, in words that go into the record", origins.explain, origins.explain_arguments
    ),
    "sign": Verb(
        "Sign a run's record of hand-over as an official; two are needed", origins.sign, origins.sign_arguments
    ),
    "record": Verb("Write the record of hand-over as .json or .pdf", origins.write, origins.write_arguments),
    "persons": Verb("Suggest which people of the old systems are one person", origins.persons),
    "clear": Verb("Take a signed run's folder away, with all that it says of people", _clear, _named),
}


def _arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, verb in VERBS.items():
        verb.arguments(verbs.add_parser(name, help=verb.help, description=verb.help))


COMMANDS: tuple[Command, ...] = (
    Command(
        "convert",
        "Bring the exports of old systems in, with a mapping file, and reconcile them",
        lambda asked: VERBS[asked.verb].run(asked),
        _arguments,
        database=lambda asked: VERBS[asked.verb].database,
    ),
)
