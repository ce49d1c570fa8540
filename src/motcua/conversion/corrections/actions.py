"""A held correction is decided: the old system's value is taken into the dossier, or ours is kept; with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from motcua.conversion import loading, queries
from motcua.conversion.corrections import rules
from motcua.conversion.corrections.queries import beside, differences
from motcua.conversion.corrections.rules import Verdict
from motcua.conversion.models import Held, Run
from motcua.conversion.rules import target
from motcua.conversion.rules.expressions import quoted
from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent
from motcua.kernel.journal import api as journal

MAY_SETTLE = frozenset({identity.Role.LEADER, identity.Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Settled:
    """What a person decides of one held correction, and why."""

    run: str
    number: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class _By:
    """Who decides, as the log has it."""

    scope: identity.Scope
    agency: int
    named: str


def settle(settled: Sequence[Settled], *, scope: identity.Scope, now: datetime) -> int:
    """Take the old system's value, or keep ours; how many.

    Taken: the dossier's log gets a row `correct` with who decided and why. What the applicant told is written over;
    state, offices and days are only if the old system changed those too, else the dossier goes on from where it is.
    Kept: the same value in a later export is not asked again. A decision stands; the whole batch is done or none.
    """
    by = _entitled(scope, now)
    for one in settled:
        if not rules.SHORTEST <= len(one.reason.strip()) <= rules.LONGEST:
            raise Permanent(
                "reason-length",
                f"Lý do dài từ {rules.SHORTEST} đến {rules.LONGEST:,} ký tự.".replace(",", "."),
                mend="Viết lý do rồi gửi lại.",
            )
        if one.verdict is Verdict.OPEN:
            raise Permanent("verdict-unknown", "Chưa chọn lấy hay giữ.", mend="Chọn một trong hai.")
        queries.one(one.run, scope=scope, on=day_of(now))
    with transaction.atomic():
        for one in settled:
            _settle(one, by, now)
    return len(settled)


def _entitled(scope: identity.Scope, now: datetime) -> _By:
    held = identity.position_of(scope.position, day_of(now)) if scope.position is not None else None
    if scope.roles.isdisjoint(MAY_SETTLE) or held is None:
        raise NotAllowed("role-missing", f"Việc này cần vai trò {' hoặc '.join(sorted(MAY_SETTLE))}.")
    return _By(scope, held.agency_id, f"{held.official}, {held.title}")


def _settle(one: Settled, by: _By, now: datetime) -> None:
    held = Held.objects.select_for_update().filter(run=one.run, number=one.number).first()
    if held is None:
        raise NotFound("correction-unknown", f"Đợt {one.run} không có sửa đổi nào chờ của hồ sơ {one.number}.")
    if held.decision != Verdict.OPEN:
        raise Conflict("correction-decided", f"Sửa đổi của hồ sơ {one.number} đã có người quyết định.")
    run = Run.objects.select_for_update().get(id=one.run)
    if run.phase == "loading":
        raise Conflict("run-unfinished", f"Đợt {run.id} chưa nạp xong.", mend="Đợi nạp xong rồi quyết định.")
    if one.verdict is Verdict.TAKEN:
        _refuse_superseded(run, held)
        _take(run, held, one.reason.strip(), by, now)
        Run.objects.filter(id=run.id).update(held=F("held") - 1, corrected=F("corrected") + 1)
    held.decision, held.reason, held.named = one.verdict, one.reason.strip(), by.named
    held.decided_at, held.decided_by, held.position = now, by.scope.caller, by.scope.position
    held.save()
    body = {"run": run.id, "dossier": str(held.dossier), "digest": bytes(held.digest).hex()}
    journal.record([journal.Entry(loading.subject(run.id), f"conversion_{one.verdict}", now, by.scope.name, body)])


def _refuse_superseded(run: Run, held: Held) -> None:
    """What a later export writes of the same dossier is decided there, never by an older value."""
    later = Run.objects.filter(system=run.system, started_at__gt=run.started_at).values_list("id", flat=True)
    newest = Held.objects.filter(number=held.number, run__in=later).order_by("-run").first()
    if newest is not None:
        raise Conflict(
            "correction-superseded",
            f"Đợt {newest.run} sau đó cũng giữ lại một sửa đổi của hồ sơ này.",
            mend=f"Quyết định ở đợt {newest.run}; ở đợt này chọn giữ bản ở đây.",
        )


KNOWN = """
SELECT r.number, r.dossier, encode(r.digest, 'hex'), d.n, d.n, d.code FROM conversion_record r
JOIN dossiers_dossier d ON d.id = r.dossier WHERE r.system = {system} AND r.number = {number}
"""


def _take(run: Run, held: Held, reason: str, by: _By, now: datetime) -> None:
    with beside(run, held) as staged:
        found = differences(staged)
        moves = rules.moves(found)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT state, due_at, act_by, waiting_on FROM dossiers_dossier WHERE id = %s FOR UPDATE",
                [held.dossier],
            )
            state, *rest = cursor.fetchone()
        asked = KNOWN.format(system=quoted(run.system), number=quoted(held.number))
        loading.fetch(
            staged, asked, "known",
            "number VARCHAR, dossier UUID, digest VARCHAR, n INTEGER, now_n INTEGER, code VARCHAR",
        )  # fmt: skip
        chunk = held.row // loading.CHUNK
        staged.duck.execute(f"CREATE TABLE plan AS SELECT file, row, {chunk} AS chunk, 'correct' AS what FROM checked")
        loading.name_files(staged)
        loading.choose(staged, held.file, chunk, "correct")
        at = now.isoformat()
        said = [f"{quoted(reason)} AS reason", f"{by.agency} AS agency", f"{int(by.scope.position or 0)} AS position"]
        if not moves:  # the log tells where it stands here, and beside it what the old system says
            due_at, act_by, waiting_on = (
                "NULL" if value is None else quoted(value if isinstance(value, str) else value.isoformat())
                for value in rest
            )
            said += [
                "json_merge_patch(detail, json_object('state', state))::VARCHAR AS detail", f"{int(state)} AS state",
                f"{due_at} AS due_at", f"{act_by} AS act_by", f"{waiting_on} AS waiting_on",
            ]  # fmt: skip
        log = target.log(run.system, run.id, at, by.scope.caller)
        identity.record_copied(staged.written(target.parties(at), "parties"))
        moved = dossiers.convert_again(
            births=staged.written(f"SELECT {target.births(loading.closing(now))} FROM chunk", "births"),
            log=staged.written(f"SELECT * REPLACE ({', '.join(said)}) FROM (SELECT {log} FROM chunk)", "log"),
            papers=staged.written(target.PAPERS, "papers"),
            where_it_stands=moves,
        )
        if moved:
            raise Conflict("dossier-moved", "Hồ sơ vừa được xử lý tiếp.", mend="Xem lại rồi quyết định.")
        loading.keep(
            staged, "conversion_record", loading.RECORD, target.records(run.system, run.id),
            "(system, number) DO UPDATE SET digest = excluded.digest, n = excluded.n, run = excluded.run, "
            "file = excluded.file, row = excluded.row",
        )  # fmt: skip
