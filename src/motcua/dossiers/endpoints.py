"""The API of dossiers: what systems send, turned into one action or query."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO, Annotated, Any, TypeVar

import msgspec
from django.conf import settings
from msgspec import Meta

from motcua.dossiers import actions, queries
from motcua.dossiers.intake import Application, Filing, Line, Paper, Slug, agency_meant, digest_of, prepare
from motcua.dossiers.receipts import Receipt, StepReceipt
from motcua.dossiers.rules.life import Given
from motcua.kernel import storage
from motcua.kernel.clock import day_of
from motcua.kernel.endpoints import Call, Endpoint, LaneOf, problem_of
from motcua.kernel.errors import Failure, Permanent
from motcua.units import api as units

Key = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
T = TypeVar("T")


class KeyedApplication(Application, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of many applications: its own key, and the moment is the server's."""

    key: Key


class Applications(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dossiers: Annotated[tuple[KeyedApplication, ...], Meta(min_length=1, max_length=1000)]


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one of many: its receipt, or the problem that kept it out."""

    key: str
    status: int
    receipt: Receipt | None = None
    step: StepReceipt | None = None
    problem: dict[str, Any] | None = None


class Outcomes(msgspec.Struct, frozen=True):
    """In the order sent."""

    outcomes: list[Outcome]


class StepToTake(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step: its name from the table of steps, a reason where the table asks for one."""

    step: Slug
    reason: Annotated[str, Meta(max_length=4000, pattern=r"^[^\x00]*$")] = ""
    agency: Slug = ""
    new_due: datetime | None = None
    answer_by: datetime | None = None
    position: Annotated[int, Meta(ge=1, le=2**62)] | None = None
    papers: Annotated[tuple[Paper, ...], Meta(max_length=100)] = ()


class KeyedStep(StepToTake, frozen=True, forbid_unknown_fields=True, kw_only=True):
    dossier: Slug
    key: Key


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    steps: Annotated[tuple[KeyedStep, ...], Meta(min_length=1, max_length=1000)]


class WithSecret(msgspec.Struct, frozen=True):
    """The secret printed on the slip."""

    secret: Line


class WhichWork(msgspec.Struct, frozen=True):
    """Which work list, of which agency, after which place."""

    agency: Line
    list: Slug = "all"
    after: Line = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class StoredFile(msgspec.Struct, frozen=True):
    """A file kept: a paper refers to it by its digest."""

    sha256: str
    size: int
    content_type: str


# --- preparing, on the loop ---------------------------------------------------------------------------------------


def _filing(call: Call) -> list[Filing]:
    return [prepare(call.body, key=call.key, digest=digest_of(call.raw), scope=call.scope, now=call.now)]


def _filings(call: Call) -> list[tuple[str, Filing | Failure]]:
    return [
        (application.key, _or_failure(lambda a=application: prepare(  # type: ignore[misc]
            a, key=a.key, digest=digest_of(msgspec.json.encode(a)), scope=call.scope, now=call.now)))
        for application in call.body.dossiers
    ]  # fmt: skip


def _step(call: Call) -> actions.StepRequest:
    return _request(call.body, call.path["code"], call.key, digest_of(call.path["code"].encode() + call.raw), call)


def _steps(call: Call) -> list[tuple[str, actions.StepRequest | Failure]]:
    return [
        (step.key, _or_failure(lambda s=step: _request(  # type: ignore[misc]
            s, s.dossier, s.key, digest_of(msgspec.json.encode(s)), call)))
        for step in call.body.steps
    ]  # fmt: skip


def _request(step: StepToTake, code: str, key: str, digest: bytes, call: Call) -> actions.StepRequest:
    agency = None
    if step.agency:
        agency = agency_meant(units.directory(), step.agency, day_of(call.now), "agency").id
    for moment in (step.new_due, step.answer_by):
        if moment is not None and moment.tzinfo is None:
            raise Permanent(
                "moment-without-offset", "Thời điểm phải có múi giờ.", mend="Viết như 2026-08-25T16:00+07:00."
            )
    given = Given(call.now, step.reason, step.new_due, agency, step.answer_by)
    return actions.StepRequest(code, step.step, key, digest, call.scope, given, step.position, step.papers)


def _or_failure(act: Callable[[], T]) -> T | Failure:
    try:
        return act()
    except Failure as failure:
        return failure


def _where(call: Call) -> queries.WhereQuestion:
    return queries.WhereQuestion(call.path["code"], call.now, scope=call.scope)


def _where_by_secret(call: Call) -> queries.WhereQuestion:
    return queries.WhereQuestion(call.path["code"], call.now, secret=call.query.secret)


def _pair(call: Call) -> str:
    return f"{call.path['code']} {call.query.secret}"


def _work_list(call: Call) -> queries.WorkListQuestion:
    wanted: WhichWork = call.query
    agency = agency_meant(units.directory(), wanted.agency, day_of(call.now), "agency")
    if wanted.list not in queries.LISTS:
        raise Permanent("list-unknown", f"Không có danh sách “{wanted.list}”.", lists=list(queries.LISTS))
    queries.read_cursor(wanted.after)
    return queries.WorkListQuestion(call.scope, agency.id, wanted.list, call.now, wanted.after, wanted.limit)


def _upload(call: Call) -> StoredFile:
    upload: IO[bytes] = call.body
    with upload:
        chunks = iter(lambda: upload.read(65536), b"")
        kept = storage.files().put(chunks, settings.UPLOAD_LIMIT, storage.PAPERS)
    return StoredFile(kept.sha256, kept.size, kept.content_type)


# --- gathered work, in the lanes ----------------------------------------------------------------------------------


def _file(items: Sequence[list[Filing]]) -> Sequence[Any]:
    return actions.file([filing for item in items for filing in item])


def _file_many(items: Sequence[list[tuple[str, Filing | Failure]]]) -> list[Outcomes]:
    good = [made for item in items for _, made in item if isinstance(made, Filing)]
    return _outcomes(items, iter(actions.file(good) if good else []), 201)


def _take(items: Sequence[actions.StepRequest]) -> Sequence[Any]:
    return actions.take_steps(items)


def _take_many(items: Sequence[list[tuple[str, actions.StepRequest | Failure]]]) -> list[Outcomes]:
    good = [made for item in items for _, made in item if isinstance(made, actions.StepRequest)]
    return _outcomes(items, iter(actions.take_steps(good) if good else []), 201)


def _outcomes(items: Sequence[list[tuple[str, Any]]], answers: Any, status: int) -> list[Outcomes]:
    def outcome(key: str, made: Any) -> Outcome:
        answer = made if isinstance(made, Failure) else next(answers)
        if isinstance(answer, Failure):
            return Outcome(key, answer.status, problem=problem_of(answer))
        if isinstance(answer, Receipt):
            return Outcome(key, status, receipt=answer)
        return Outcome(key, status, step=answer)

    return [Outcomes([outcome(key, made) for key, made in item]) for item in items]


LANES = {
    "file": LaneOf(_file),
    "file_many": LaneOf(_file_many, limit=4),
    "step": LaneOf(_take),
    "step_many": LaneOf(_take_many, limit=4),
    "where": LaneOf(queries.where, limit=64),
    "work_list": LaneOf(queries.work_lists, limit=16),
}

_MANY = 16 * 1024 * 1024

ENDPOINTS = (
    Endpoint("POST", "/dossiers", "File one dossier", Receipt, _filing, "file", Application, status=201, keyed=True),
    Endpoint("POST", "/dossiers/batch", "File up to 1,000 dossiers, each with its own key", Outcomes, _filings,
             "file_many", Applications, limit=_MANY),
    Endpoint("GET", "/dossiers/{code}", "Where is it, for an office that it concerns", queries.Where, _where, "where"),
    Endpoint("POST", "/dossiers/{code}/steps", "Take one step", StepReceipt, _step, "step", StepToTake, status=201,
             keyed=True),
    Endpoint("POST", "/steps/batch", "Take up to 1,000 steps, each with its own key", Outcomes, _steps, "step_many",
             Steps, limit=_MANY),
    Endpoint("GET", "/where/{code}", "Where is it, for whoever holds the slip", queries.Where, _where_by_secret,
             "where", query=WithSecret, public=True, guess=_pair),
    Endpoint("GET", "/work-list", "What an agency has to do, most pressing first", queries.WorkList, _work_list,
             "work_list", query=WhichWork),
    Endpoint("POST", "/files", "Keep a file; papers refer to it by its digest", StoredFile, _upload, body=bytes,
             status=201, limit=settings.UPLOAD_LIMIT),
)  # fmt: skip
