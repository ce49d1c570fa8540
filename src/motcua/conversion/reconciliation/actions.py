"""Reconciles a run, explains what differs, and lets two officials sign the record of hand-over."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import transaction

from motcua.conversion import loading
from motcua.conversion import queries as runs
from motcua.conversion.models import Explained, HandOver, HandOverSignature, Held, Run
from motcua.conversion.reconciliation import queries
from motcua.conversion.reconciliation.rules import (
    MOST_DIFFERENCES,
    SIGNATORIES,
    Explanation,
    Group,
    Signature,
    body,
    canonical,
    digest,
    may_sign,
    record,
)
from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent
from motcua.kernel.journal import api as journal
from motcua.kernel.journal import key as keys
from motcua.slips import api as slips
from motcua.units import api as units

if TYPE_CHECKING:
    from motcua.conversion.reconciliation.comparing import Compared

MAY_SIGN = frozenset({identity.Role.LEADER, identity.Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a difference stands: by its key."""

    run: str
    key: str
    text: str


def reconcile(*, run: str, now: datetime) -> queries.HandOverRow:
    """Set the three sides of a run side by side and keep what came out; what was signed of an earlier state is void."""
    from motcua.conversion.reconciliation.comparing import compare  # a process that never compares has no DuckDB

    found = _run(run)
    if found.phase not in ("loaded", "signed"):
        raise Conflict("run-unfinished", f"Đợt {run} chưa nạp xong hoặc đã dọn.", mend="Xem “motcua convert status”.")
    if found.phase == "signed":
        raise Conflict("run-signed", f"Biên bản của đợt {run} đã ký: không đối chiếu lại được.")
    sides = runs.sides(run)
    try:
        compared = compare(
            sides,
            run=run,
            files=[file["name"] for file in found.files],
            set_aside=set(Held.objects.filter(run=run).exclude(decision="taken").values_list("number", flat=True)),
            later=set(
                Run.objects.filter(system=found.system, started_at__gt=found.started_at).values_list("id", flat=True)
            ),
            most=MOST_DIFFERENCES,
        )
    finally:
        sides.close()
    with transaction.atomic():
        content = _content(found, compared, now)
        text = canonical(content)
        made, _new = HandOver.objects.select_for_update().update_or_create(
            run=run, defaults={"content": text, "digest": digest(text), "made_at": now}
        )
        journal.record([_entry(run, "conversion_reconciled", now, "worker", made.digest)])
    return queries.hand_over(run)


def explain(reasons_given: Sequence[Reason], *, scope: identity.Scope, now: datetime) -> int:
    """Say why differences stand, in words that go into the record; how many. Who signed before has to sign again."""
    if scope.roles.isdisjoint(MAY_SIGN):
        raise NotAllowed("role-missing", f"Giải trình cần vai trò {' hoặc '.join(sorted(MAY_SIGN))}.")
    for reason in reasons_given:
        if not 10 <= len(reason.text.strip()) <= 1_000:
            raise Permanent("explanation-length", "Lời giải trình dài từ 10 đến 1.000 ký tự.", mend="Viết lại.")
        content = queries.content(reason.run)
        if not queries.concerns(content, scope, clock.day_of(now)):
            raise NotFound("hand-over-unknown", f"Đợt {reason.run} không thuộc phạm vi của ông/bà.")
        if reason.key not in {row["key"] for row in content["differences"]["rows"]}:
            raise NotFound("difference-unknown", f"Đợt {reason.run} không có dòng lệch {reason.key}.")
    with transaction.atomic():
        for reason in reasons_given:
            Explained.objects.update_or_create(
                run=reason.run, key=reason.key, defaults={"text": reason.text.strip(), "by": scope.name, "at": now}
            )
        for run in sorted({reason.run for reason in reasons_given}):
            row = HandOver.objects.select_for_update().get(run=run)
            if row.signed:
                raise Conflict("run-signed", f"Biên bản của đợt {run} đã ký.")
            content = {**msgspec.json.decode(row.content), "explanations": _explanations(run)}
            row.content = canonical(content)
            row.digest = digest(row.content)
            row.save()
            journal.record([_entry(run, "conversion_explained", now, scope.name, row.digest)])
    return len(reasons_given)


def sign(*, run: str, scope: identity.Scope, now: datetime) -> queries.HandOverRow:
    """An official signs the record as it stands; with the second one it is sealed with the installation's key.

    Refused while a difference stands unexplained, for who signed already, and for who doesn't lead or administer all
    units that the data is of.
    """
    if scope.roles.isdisjoint(MAY_SIGN) or scope.position is None:
        raise NotAllowed("role-missing", f"Ký bàn giao cần vai trò {' hoặc '.join(sorted(MAY_SIGN))}.")
    held = identity.position_of(scope.position, clock.day_of(now))
    if held is None:
        raise NotAllowed("no-position", "Vị trí này hôm nay không còn giữ.")
    with transaction.atomic():
        row = HandOver.objects.select_for_update().filter(run=run).first()
        if row is None:
            raise NotFound("hand-over-unknown", f"Đợt {run} chưa đối chiếu.", mend=f"“motcua convert reconcile {run}”.")
        if row.signed:
            raise Conflict("run-signed", f"Biên bản của đợt {run} đã ký.")
        content = msgspec.json.decode(row.content)
        if not queries.concerns(content, scope, clock.day_of(now)):
            raise NotFound("hand-over-unknown", f"Đợt {run} không thuộc phạm vi của ông/bà.")
        if Held.objects.filter(run=run, decision="taken", decided_at__gt=row.made_at).exists():
            raise Conflict(
                "record-stale",
                "Đã lấy sửa đổi của hệ thống cũ sau lần đối chiếu này.",
                mend=f"Chạy “motcua convert reconcile {run}” rồi ký.",
            )
        signed = queries.signatures(run, row.digest)
        may_sign(content, signed, held.official_id, held.official)
        agency = units.directory().agency(held.agency_id)
        mine = Signature(
            account=held.official_id,
            name=held.official,
            title=held.title,
            agency=agency.name_at(clock.day_of(now)),
            at=now.isoformat(),
            digest=row.digest,
        )
        HandOverSignature.objects.update_or_create(
            run=run, official=mine.account,
            defaults={"name": mine.name, "title": mine.title, "agency": mine.agency, "at": now, "digest": mine.digest},
        )  # fmt: skip
        journal.record([_entry(run, "conversion_signed", now, scope.name, row.digest)])
        if len(signed) + 1 == SIGNATORIES:
            _seal(row, record(content, [*signed, mine]), now, scope.name)
    return queries.hand_over(run)


def _seal(row: HandOver, whole: Mapping[str, Any], now: datetime, by: str) -> None:
    key = keys.private()
    row.signed = canonical(whole)
    row.signature = key.sign(row.signed.encode()).hex()
    row.key = base64.b64encode(keys.public_bytes(key)).decode()
    row.save()
    Run.objects.filter(id=row.run).update(phase="signed")
    journal.record([_entry(row.run, "conversion_handed_over", now, by, digest(row.signed))])


def as_pdf(*, run: str, now: datetime) -> bytes:
    """The record on paper: the figures of the three sides, what was refused, what differs and why, and who signed."""
    return slips.typeset(
        form="hand_over", content=queries.printed(run), title=f"Biên bản bàn giao dữ liệu {run}", now=now
    )


def _entry(run: str, act: str, now: datetime, by: str, what: str) -> journal.Entry:
    return journal.Entry(loading.subject(run), act, now, by, {"run": run, "digest": what})


def _run(run: str) -> Run:
    found = Run.objects.filter(id=run).first()
    if found is None:
        raise NotFound("run-unknown", f"Không có đợt chuyển đổi {run}.", mend="Xem “motcua convert status”.")
    return found


def _content(run: Run, compared: "Compared", now: datetime) -> dict[str, Any]:
    today = clock.day_of(now)
    explanations = [Explanation(**one) for one in _explanations(run.id)]
    return body(
        run={
            "id": run.id,
            "system": run.system,
            "title": run.title,
            "reconciled_at": now.isoformat(),
            "started_at": run.started_at.isoformat(),
            "files": [{"name": file["name"], "sha256": file["sha256"], "bytes": file["size"]} for file in run.files],
            "mapping": digest(run.mapping),
            "read": run.read,
            "rejected": run.rejected,
            "held": run.held,
            "superseded": compared.superseded,
        },
        groups=[_group(dimension, key, figures, today) for (dimension, key), figures in compared.figures.items()],
        differences=compared.differences,
        found=compared.found,
        rejects=_rejects(run.id),
        explanations=explanations,
    )


def _explanations(run: str) -> list[dict[str, str]]:
    return [
        {"key": row.key, "text": row.text, "by": row.by} for row in Explained.objects.filter(run=run).order_by("key")
    ]


def _rejects(run: str) -> list[tuple[str, int]]:
    """How many rows were refused for which reasons."""
    return [
        ("; ".join(f"{fault.field}: {fault.vi}" for fault in figure.reasons), figure.count)
        for figure in runs.reject_figures(run)
    ]


def _group(dimension: str, key: str, figures: Any, today: Any) -> Group:
    name = key
    heirs: tuple[str, ...] = ()
    if dimension == "unit":
        name, heirs = _unit(int(key), today)
    elif dimension == "state":
        name = next((row.vi for row in dossiers.STATES if str(row.number) == key), key)
    return Group(dimension, key, name, heirs, figures)


def _unit(agency_id: int, today: Any) -> tuple[str, tuple[str, ...]]:
    """The agency of then with its unit's code, and whose the unit's area is today."""
    directory = units.directory()
    if not agency_id:
        return "", ()
    agency = directory.agency(agency_id)
    unit = directory.unit(agency.unit_id)
    last = unit.valid_to or today
    heirs = tuple(f"{one.unit.code} {one.unit.at(today).full_name}" for one in directory.became(unit.id, today))
    return f"{unit.code} {agency.name_at(last)}", heirs
