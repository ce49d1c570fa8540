"""A dossier that two installations hold, because one took it in and the other resolves it.

Both keep it under one id and code, and each writes what the other did into its own log: what follows is what the other
said, life and all, as long as the table of steps allows it from here. Who says so, and whether it may, is asked by
whoever calls. Rows of the log that came from elsewhere name the node in their detail, so that nobody tells them back.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from motcua.dossiers import actions, rows, traces
from motcua.dossiers.intake import Paper
from motcua.dossiers.queries.where import concerns
from motcua.dossiers.rules.life import Life
from motcua.dossiers.rules.steps import STATE, STATE_BY_NUMBER, STEP, Brings, Place, State
from motcua.identity import api as identity
from motcua.kernel.arrays import text_array
from motcua.kernel.clock import day_of, today
from motcua.kernel.errors import Conflict, Failure, NotFound, Permanent
from motcua.kernel.inserts import write
from motcua.kernel.journal import api as journal
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class CopyStep:
    """One row of the log. `foreign`: it was taken at another installation."""

    n: int
    name: str
    at: datetime
    agency: int | None
    state: State
    due_at: datetime | None
    act_by: datetime | None
    waiting_on: str | None
    reason: str
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class CopyPaper:
    """A paper or a result, and the row of the log that brought it."""

    kind: str
    step: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Copy:
    """Everything about one dossier, as another installation needs it."""

    id: UUID
    code: str
    procedure: str
    version: int
    case: str
    area: int
    support: int | None
    reception: int
    resolving: int
    channel: str
    applicant: dict[str, Any]
    content: dict[str, Any]
    filed_at: datetime
    life: Life
    steps: tuple[CopyStep, ...]
    papers: tuple[CopyPaper, ...]


@dataclass(frozen=True, slots=True)
class News:
    """What another installation did with a dossier: its steps, the life after the last of them, what they brought."""

    code: str
    key: str
    digest: bytes
    node: str
    steps: tuple[CopyStep, ...]
    life: Life
    papers: tuple[CopyPaper, ...]


def copies(codes: Collection[str], *, scope: identity.Scope) -> dict[str, Copy]:
    """These dossiers in four statements, each as of one moment; those that concern the caller."""
    cursor = rows.cursor()
    cursor.execute(rows.BY_CODE, [text_array(set(codes))], binary=True)
    found = {row.id: row for row in (rows.Row(*values) for values in cursor) if concerns(row, scope, today())}
    ids = [list(found)]
    cursor.execute("SELECT id, applicant::text, content::text FROM dossiers_dossier WHERE id = ANY(%s)", ids)
    written = {number: (msgspec.json.decode(who), msgspec.json.decode(what)) for number, who, what in cursor}
    cursor.execute(
        "SELECT dossier, n, name, at, agency, state, due_at, act_by, waiting_on, reason, detail ? 'node' "
        "FROM dossiers_steprow WHERE dossier = ANY(%s) ORDER BY dossier, n",
        ids,
    )
    steps: dict[UUID, list[CopyStep]] = defaultdict(list)
    for number, n, name, at, agency, state, *values in cursor:
        if n <= found[number].n:  # what came after the dossier was read belongs to the next time
            steps[number].append(CopyStep(n, name, at, agency, STATE_BY_NUMBER[state].state, *values))
    cursor.execute(
        "SELECT dossier, kind, step, key, form, quantity, files, name FROM dossiers_component "
        "WHERE dossier = ANY(%s) ORDER BY dossier, n",
        ids,
    )
    papers: dict[UUID, list[CopyPaper]] = defaultdict(list)
    for number, kind, step, key, form, quantity, files, name in cursor:
        if step <= found[number].n:
            papers[number].append(CopyPaper(kind, step, Paper(key, form, quantity, tuple(files), name)))
    return {
        row.code: Copy(
            *(row.id, row.code, row.procedure, row.version, row.case, row.area, row.support),
            *(row.reception, row.resolving, row.channel, *written[row.id], row.filed_at, row.life()),
            *(tuple(steps[row.id]), tuple(papers[row.id])),
        )
        for row in found.values()
    }


def bring_in(given: Sequence[tuple[Copy, str, str, bytes]], *, now: datetime) -> list[bool]:
    """Write dossiers that another installation took in: (dossier, node, key, digest). Whether each was new here.

    The log begins with the row that says from where it came. Conflict where the code is another dossier's.
    """
    cursor = rows.cursor()
    cursor.execute(
        "SELECT code, id FROM dossiers_dossier WHERE code = ANY(%s::text[])",
        [text_array(copy.code for copy, *_ in given)],
    )
    known = dict(cursor.fetchall())
    for copy, *_ in given:
        if known.get(copy.code, copy.id) != copy.id:
            raise Conflict("code-taken", f"Mã {copy.code} ở đây là của một hồ sơ khác.", mend="Báo người quản trị.")
    fresh = [one for one in given if one[0].code not in known]
    if fresh:
        _write_births(fresh, now)
    return [copy.code not in known for copy, *_ in given]


def _write_births(given: Sequence[tuple[Copy, str, str, bytes]], now: datetime) -> None:
    directory = units.directory()
    parties, inserted = identity.party_insertion([_party(copy) for copy, *_ in given], now=now)
    births: list[dict[str, Any]] = []
    papers: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    entries: list[journal.Entry] = []
    for (copy, node, key, digest), party in zip(given, parties, strict=True):
        life = replace(copy.life, n=1)
        scope = identity.Scope(name=f"node:{node}")
        births.append(
            {
                **{name: getattr(copy, name) for name in _SAME},
                "party": party,
                "elsewhere": directory.agency(copy.reception).unit_id != directory.agency(copy.resolving).unit_id,
                **rows.life_row(life, reception=copy.reception, resolving=copy.resolving),
            }
        )
        papers += _paper_rows(copy.id, copy.papers, {}, 1)
        detail = {"node": node, "org": directory.agency(copy.reception).org(day_of(copy.filed_at))}
        said = directory.agency(copy.reception).name_at(day_of(copy.filed_at))
        steps.append(
            traces.step_row(
                copy.id, life, "transfer_in", now, copy.reception, scope, None, key, digest, f"{said}, {node}", detail
            )
        )
        entries.append(traces.step_entry(copy.id, copy.code, life, "transfer_in", now, scope, digest))
    actions.write_births(
        cursor=rows.cursor(), parties=inserted, papers=papers, steps=steps, births=births, entries=entries
    )


_SAME = (
    *("id", "code", "procedure", "version", "case", "area", "support", "reception", "resolving", "channel"),
    *("applicant", "content", "filed_at"),
)


def _party(copy: Copy) -> identity.Party:
    who = copy.applicant
    return identity.Party(
        kind=who.get("kind", "citizen"),
        number=who.get("number", ""),
        name=who.get("name", ""),
        birth_date=who.get("birth_date"),
        phone=who.get("phone", ""),
        email=who.get("email", ""),
        address=who.get("address", ""),
    )


def take_news(given: Sequence[News], *, now: datetime) -> list[bool]:
    """Write what another installation did into these dossiers' logs, each dossier once in a list; whether it counted.

    What is said of a dossier whose life is over here came too late: it changes nothing. Conflict where the table of
    steps does not lead from here to there.
    """
    cursor = rows.cursor()
    cursor.execute(rows.LOCK, [sorted({news.code for news in given})], binary=True)
    found = {row.code: row for row in (rows.Row(*values) for values in cursor)}
    steps: list[dict[str, Any]] = []
    papers: list[dict[str, Any]] = []
    entries: list[journal.Entry] = []
    lives: list[dict[str, Any]] = []
    counted = []
    for news in given:
        row = found.get(news.code)
        if row is None:
            raise NotFound("dossier-unknown", f"Không có hồ sơ mang mã {news.code}.", mend="Chuyển hồ sơ trước.")
        before = row.life()
        counted.append(STATE[before.state].holder is not Place.NOBODY)
        if not counted[-1]:
            continue
        refused = refusal(before.state, news.steps)
        if refused:
            raise refused
        scope = identity.Scope(name=f"node:{news.node}")
        number: dict[int, int] = {}
        for at, step in enumerate(news.steps, before.n + 1):
            number[step.n] = at
            life = replace(
                news.life, state=step.state, n=at, due_at=step.due_at, act_by=step.act_by,
                waiting_on=news.life.waiting_on if step is news.steps[-1] else step.waiting_on,  # type: ignore[arg-type]
            )  # fmt: skip
            steps.append(
                traces.step_row(
                    row.id, life, step.name, step.at, step.agency, scope, None, f"{news.key}:{step.n}", news.digest,
                    step.reason, {"node": news.node, "n": step.n},
                )
            )  # fmt: skip
            entries.append(traces.step_entry(row.id, row.code, life, step.name, step.at, scope, news.digest))
        after = replace(news.life, n=before.n + len(news.steps), taken=before.taken | news.life.taken)
        lives.append({"id": row.id, **rows.life_row(after, reception=row.reception, resolving=row.resolving)})
        papers += _paper_rows(row.id, news.papers, number, after.n)
    if steps:
        with journal.chained():
            write(
                cursor,
                [
                    rows.from_json(rows.LOG, steps),
                    *([rows.from_json(rows.MORE_PAPERS, papers)] if papers else []),
                    journal.insertion(entries),
                    rows.from_json(rows.LIVES, lives),
                ],
            )
    return counted


def refusal(state: State, steps: Sequence[CopyStep]) -> Failure | None:
    """Why the table of steps does not lead from this state along these steps; None if it does."""
    for said in steps:
        step = STEP.get(said.name)
        if step is None:
            return Permanent("step-unknown", f"Không có bước “{said.name}”.")
        if state not in step.from_:
            return Conflict(
                "step-not-allowed",
                f"Bước “{step.vi}” không thực hiện được khi hồ sơ ở đây đang “{STATE[state].vi}”.",
                mend="Hai nơi hiểu khác nhau về hồ sơ này: hãy liên hệ cơ quan gửi.",
            )
        state = step.to or state
        if state is not said.state:
            return Permanent("state-differs", f"Bước “{step.vi}” không dẫn đến “{STATE[said.state].vi}”.")
    return None


def _paper_rows(
    dossier: UUID, papers: Sequence[CopyPaper], number: dict[int, int], otherwise: int
) -> list[dict[str, Any]]:
    return [
        row
        for after, one in enumerate(papers)
        for row in rows.paper_rows(
            dossier, [one.paper], step=number.get(one.step, otherwise), kind=Brings(one.kind), after=after
        )
    ]
