"""Check an export, bring it in, go on after a break, clear its folder."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection as database
from django.db import transaction

from motcua.conversion import loading, sources, staging
from motcua.conversion.models import Held, Record, Run
from motcua.conversion.rules import mapping
from motcua.conversion.rules.mapping import Finding, Mapped
from motcua.conversion.staging import MEMORY, Progress, room_of, silent
from motcua.identity import api as identity
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotFound, Permanent
from motcua.kernel.journal import api as journal

if TYPE_CHECKING:
    import duckdb


RUNNING = 0x636F6E76  # advisory locks of conversion: "conv", and a number made from the system


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: the faults of mapping and files, and where they are none, how many rows there are."""

    findings: tuple[Finding, ...]
    read: int = 0
    rejected: int = 0
    reasons: tuple[tuple[int, int], ...] = ()  # bits of a row, how many rows have just those


def _read_mapping(path: Path) -> tuple[Mapped | None, str, tuple[Finding, ...]]:
    """The mapping of a file, its text, and what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None, "", (Finding("mapping-unreadable", "Không đọc được tệp khai (UTF-8).", file=str(path)),)
    mapped, findings = mapping.read(text)
    return mapped, text, tuple(Finding(f.kind, f.vi, f.key, f.line, path.name) for f in findings)


def check(*, path: Path, files: Sequence[Path] = (), now: datetime, progress: Progress = silent) -> Checked:
    """Read and check everything as a run would, and keep nothing."""
    mapped, _, findings = _read_mapping(path)
    if mapped is None:
        return Checked(findings)
    room = room_of(f".{mapped.system}.check")
    shutil.rmtree(room, ignore_errors=True)
    try:
        duck, _, faults = _staged(mapped, path, files, room, now, progress, MEMORY, digests=False)
        if faults:
            return Checked(tuple(faults))
        read, rejected = _totals(duck)
        reasons = duck.execute(
            "SELECT mask, count(*) FROM checked WHERE mask <> 0 GROUP BY mask ORDER BY count(*) DESC, mask"
        ).fetchall()
        duck.close()
        return Checked((), read, rejected, tuple(reasons))
    finally:
        shutil.rmtree(room, ignore_errors=True)


def run(
    *,
    path: Path,
    files: Sequence[Path] = (),
    by: identity.Scope = identity.SYSTEM,
    now: datetime,
    progress: Progress = silent,
    memory: str = MEMORY,
) -> str:
    """Bring an export in; gives the run's name. A run of the same files that was broken off goes on where it was."""
    mapped, text, findings = _read_mapping(path)
    if mapped is None:
        raise _refused(findings)
    with _alone(mapped.system):
        unfinished = Run.objects.filter(system=mapped.system, phase="loading").first()
        if unfinished is not None:
            if unfinished.mapping != text:
                raise Conflict(
                    "conversion-unfinished",
                    f"Đợt {unfinished.id} của hệ thống này chưa xong.",
                    mend=f"Chạy “motcua convert resume {unfinished.id}” trước.",
                )
            _load(unfinished, now, progress, memory)
            return unfinished.id
        number = Run.objects.filter(system=mapped.system).count() + 1
        name = f"{mapped.system}-{number}"
        room = room_of(name)
        shutil.rmtree(room, ignore_errors=True)  # of a run that was killed before it was one
        duck, tables, faults = _staged(mapped, path, files, room, now, progress, memory)
        if faults:
            duck.close()
            shutil.rmtree(room, ignore_errors=True)
            raise _refused(faults)
        read, rejected = _totals(duck)
        places = duck.execute("SELECT DISTINCT reception FROM checked ORDER BY reception").fetchall()
        duck.execute("CHECKPOINT")
        made = Run(
            id=name,
            system=mapped.system,
            title=mapped.title,
            mapping=text,
            folder=str(path.resolve().parent),
            files=[{"name": t.name, "path": str(p), "sha256": t.sha256, "size": t.size} for t, p in tables],
            phase="loading",
            by=by.caller,
            started_at=now,
            read=read,
            rejected=rejected,
            agencies=[agency for (agency,) in places],
        )
        with transaction.atomic():
            made.save(force_insert=True)
            loading.keep_rejects(loading.Staged(duck, room, made))
        duck.close()
        _load(made, now, progress, memory)
        return name


def resume(*, run: str, now: datetime, progress: Progress = silent, memory: str = MEMORY) -> None:
    """Go on with a run that was broken off."""
    found = Run.objects.filter(id=run).first()
    if found is None:
        raise NotFound("run-unknown", f"Không có đợt chuyển đổi {run}.")
    with _alone(found.system):
        found.refresh_from_db()
        if found.phase == "loading":
            _load(found, now, progress, memory)


def clear(*, run: str, now: datetime) -> None:
    """Take a signed run's folder away, with all that it says of people. What was loaded and its origin stay."""
    found = Run.objects.filter(id=run).first()
    if found is None:
        raise NotFound("run-unknown", f"Không có đợt chuyển đổi {run}.")
    if found.phase not in ("signed", "cleared"):
        raise Conflict(
            "run-not-signed",
            f"Đợt {run} chưa ký biên bản bàn giao: dữ liệu trung gian còn cần để đối chiếu.",
            mend=f"Chạy “motcua convert reconcile {run}” và ký trước.",
        )
    with transaction.atomic():
        Run.objects.filter(id=run).update(phase="cleared")
        journal.record(
            [
                journal.Entry(
                    subject=loading.subject(run), act="conversion_cleared", at=now, actor="worker", body={"run": run}
                )
            ]
        )
    shutil.rmtree(room_of(run), ignore_errors=True)


def _staged(
    mapped: Mapped,
    path: Path,
    files: Sequence[Path],
    room: Path,
    now: datetime,
    progress: Progress,
    memory: str,
    *,
    digests: bool = True,
) -> tuple["duckdb.DuckDBPyConnection", list[tuple[sources.Table, Path]], list[Finding]]:
    duck = staging.opened(room, fresh=True, memory=memory)
    paths, faults = sources.files_of(mapped, path.resolve().parent, files)
    tables, more = sources.prepare(mapped, paths, room)
    faults += more
    if not faults:
        faults = staging.stage(duck, mapped, tables, day_of(now), digests=digests, progress=progress)
    if not faults and not _totals(duck)[0]:
        faults = [Finding("no-rows", "Các tệp không có dòng dữ liệu nào.", file=paths[0].name)]
    return duck, list(zip(tables, paths, strict=False)), faults


def _totals(duck: "duckdb.DuckDBPyConnection") -> tuple[int, int]:
    found = duck.execute("SELECT count(*), count(*) FILTER (WHERE mask <> 0) FROM checked").fetchone()
    return found or (0, 0)


def _refused(findings: Sequence[Finding]) -> Permanent:
    return Permanent(
        "conversion-findings",
        f"Chưa chuyển đổi gì: có {len(findings)} lỗi.\n" + "\n".join(f"  {finding}" for finding in findings),
        mend="Sửa tệp khai hoặc kết xuất lại, rồi chạy “motcua convert check”.",
        findings=[str(finding) for finding in findings],
    )


def _load(run: Run, now: datetime, progress: Progress, memory: str) -> None:
    room = room_of(run.id)
    if not (room / staging.FILE).exists():
        raise Conflict(
            "staging-gone", f"Thư mục của đợt {run.id} không còn.", mend="Khôi phục thư mục đó từ bản sao lưu."
        )
    duck = staging.opened(room, memory=memory)
    try:
        loading.load(loading.Staged(duck, room, run), progress=progress)
        _, rejected = _totals(duck)
    finally:
        duck.close()
    mine = Record.objects.filter(run=run.id)
    run.added = mine.filter(n=1).count()
    run.corrected = mine.filter(n__gt=1).count()
    run.held = Held.objects.filter(run=run.id).count()
    run.rejected = rejected
    run.unchanged = run.read - run.rejected - run.added - run.corrected - run.held
    run.phase = "loaded"
    run.finished_at = now
    counts = {name: getattr(run, name) for name in ("read", "rejected", "added", "corrected", "unchanged", "held")}
    with transaction.atomic():
        run.save()
        journal.record(
            [
                journal.Entry(
                    subject=loading.subject(run.id),
                    act="conversion_loaded",
                    at=run.started_at,
                    actor=loading.actor(run.by),
                    body={"run": run.id, "system": run.system, "files": run.files, **counts},
                )
            ]
        )


@contextmanager
def _alone(system: str) -> Iterator[None]:
    """One run of a system at a time."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [RUNNING, system])
        (mine,) = cursor.fetchone()
        if not mine:
            raise Conflict("conversion-running", f"Hệ thống {system} đang được chuyển đổi ở nơi khác.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [RUNNING, system])
