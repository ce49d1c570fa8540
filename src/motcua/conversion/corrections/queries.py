"""A held correction opened: what was brought in before, and what the old system writes now."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import connection

from motcua.conversion import loading, queries, staging
from motcua.conversion.corrections import rules
from motcua.conversion.models import Held, Run
from motcua.conversion.queries import HeldRow
from motcua.conversion.rules.expressions import COMPARED, quoted
from motcua.identity import api as identity
from motcua.kernel.errors import Conflict, NotFound, Transient


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that waits, or was decided: what differs, and where its dossier stands here."""

    row: HeldRow
    differences: tuple[rules.Difference, ...]  # empty once the run's folder is cleared
    moves: bool
    state: int
    readable: bool  # the run's folder is still there


def correction(run: str, number: str, *, scope: identity.Scope, on: date) -> Correction:
    """One held correction of a run; NotFound for a caller whose area doesn't hold the run."""
    queries.one(run, scope=scope, on=on)
    row = next(iter(queries.held(run, number=number)), None)
    held = Held.objects.filter(run=run, number=number).first()
    if row is None or held is None:
        raise NotFound("correction-unknown", f"Đợt {run} không có sửa đổi nào chờ của hồ sơ {number}.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM dossiers_dossier WHERE id = %s", [held.dossier])
        (state,) = cursor.fetchone()
    found: tuple[rules.Difference, ...] = ()
    readable = (staging.room_of(run) / staging.FILE).exists()
    if readable:
        with beside(Run.objects.get(id=run), held) as staged:
            found = differences(staged)
    return Correction(row, found, rules.moves(found), state, readable)


@contextmanager
def beside(run: Run, held: Held) -> Iterator[loading.Staged]:
    """One checked row and what was brought in before, in a DuckDB of its own; the run's file is only read."""
    import duckdb  # only who opens a correction waits for it

    path = staging.room_of(run.id) / staging.FILE
    if not path.exists():
        raise Conflict(
            "run-cleared",
            f"Thư mục của đợt {run.id} đã dọn: không còn giá trị của hệ thống cũ.",
            mend="Nạp lại kết xuất của hệ thống cũ, hoặc giữ bản ở đây.",
        )
    with (
        tempfile.TemporaryDirectory(prefix="correction-", dir=settings.CONVERSION) as room,
        duckdb.connect(config={"memory_limit": "256MB", "threads": "1"}) as duck,
    ):
        duck.execute("SET autoinstall_known_extensions = false")
        duck.execute("SET autoload_known_extensions = false")
        try:
            duck.execute(f"ATTACH {quoted(str(path))} AS theirs (READ_ONLY)")
        except duckdb.Error:
            raise Transient(
                "run-busy", f"Đợt {run.id} đang được nạp hoặc đối chiếu.", mend="Thử lại sau ít phút."
            ) from None
        staged = loading.Staged(duck, Path(room), run)
        duck.execute(
            "CREATE TABLE checked AS SELECT * FROM theirs.checked WHERE file = ? AND row = ? AND mask = 0",
            [held.file, held.row],
        )
        for name in ("l_version", "l_office"):
            duck.execute(f"CREATE VIEW {name} AS SELECT * FROM theirs.{name}")
        only = f" AND r.number = {quoted(held.number)}"
        loading.fetch(staged, queries.TARGET.format(system=quoted(run.system)) + only, "arrived", queries.ARRIVED)
        yield staged


def differences(staged: loading.Staged) -> tuple[rules.Difference, ...]:
    """What the old system now writes otherwise."""
    sides = []
    for table in ("arrived", "checked"):
        found = staged.duck.execute(f"SELECT {', '.join(COMPARED)} FROM {table}").fetchone()
        if found is None:
            raise Conflict("correction-gone", "Dòng này không còn trong dữ liệu đã kiểm.", mend="Nạp lại kết xuất.")
        sides.append(dict(zip(COMPARED, found, strict=True)))
    return rules.differences(*sides)
