"""The directory of organisation identifiers: synchronised from the axis, and our own changes announced to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec
from django.db import connection, transaction

from motcua.documents import post
from motcua.documents.models import Announced, Misfit, Organisation
from motcua.documents.rules import fields
from motcua.exchange import api as exchange
from motcua.kernel.ids import uuid7
from motcua.kernel.journal import api as journal
from motcua.units import api as units

ANNOUNCE_WITHIN = timedelta(days=15)
"""Quyết định 09/2025/QĐ-TTg, as quoted with Quyết định 4078/QĐ-UBND Hà Nội: changes are told within 15 days."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Organised:
    """An organisation with both forms of its identifier."""

    code: str
    code102: str
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class MisfitRow:
    """A row of the axis's list that can't be taken over, or that calls one of ours otherwise than we do."""

    id: int
    why: str
    place: int  # in the list
    code: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What the axis's list says that ours doesn't: by identifier, and what doesn't fit in the order of the list."""

    added: tuple[Organised, ...]
    changed: tuple[tuple[Organised, Organised], ...]  # before, after
    gone: tuple[Organised, ...]
    misfits: tuple[MisfitRow, ...]
    same: int


WRONG = {
    "code-missing": "không có mã",
    "code-malformed": "mã sai dạng",
    "name-missing": "không có tên",
    "code-twice": "mã có ở dòng trước",
    "unlike-directory": "tên khác với danh mục ở đây",
}
"""Why a row of the list doesn't fit."""


def compare(
    listed: Iterable[tuple[str, str, str, str]], known: Sequence[Organised], ours: dict[str, str]
) -> Differences:
    """Compare a list (code, code102, name, parent) with what stands here, and with our directory's names."""
    before = {one.code: one for one in known}
    seen: dict[str, Organised] = {}
    misfits: list[MisfitRow] = []
    for n, (code, code102, name, parent) in enumerate(listed):
        read = fields.read_organ(code) if code.strip() else None
        why = (
            "code-missing" if not code.strip()
            else "code-malformed" if read is None
            else "name-missing" if not name.strip()
            else "code-twice" if read in seen
            else ""
        )  # fmt: skip
        if why or read is None:
            misfits.append(MisfitRow(0, why, n + 1, code.strip(), "", name.strip()))
            continue
        if read in ours and ours[read].casefold() != " ".join(name.split()).casefold():
            misfits.append(MisfitRow(0, "unlike-directory", n + 1, read, ours[read], name.strip()))
        seen[read] = Organised(
            read, fields.read_organ(code102) or "", " ".join(name.split()), fields.read_organ(parent) or ""
        )
    return Differences(
        added=tuple(one for code, one in seen.items() if code not in before),
        changed=tuple((before[code], one) for code, one in seen.items() if code in before and before[code] != one),
        gone=tuple(one for code, one in before.items() if code not in seen),
        misfits=tuple(misfits),
        same=sum(code in before and before[code] == one for code, one in seen.items()),
    )


def known() -> tuple[Organised, ...]:
    """Every organisation that is in force here."""
    rows = Organisation.objects.filter(valid_to=None).order_by("code")
    return tuple(Organised(*row) for row in rows.values_list("code", "code102", "name", "parent"))


def our_names(on: date) -> dict[str, str]:
    """The names of our directory's agencies on a day, by identifier."""
    return {
        code: agency.name_at(on)
        for agency in units.directory().agencies()
        if agency.in_force(on) and (code := agency.org(on))
    }


@dataclass(frozen=True, slots=True)
class Change:
    """What a day's list changed about one organisation: "" before where it is new, "" after where it is gone."""

    on: date
    code: str
    before: str
    after: str


CHANGES = """
SELECT * FROM (
    (SELECT began.valid_from AS day, began.code,
        coalesce((SELECT ended.name FROM documents_organisation AS ended
                  WHERE ended.valid_to = began.valid_from - 1 AND ended.code = began.code LIMIT 1), ''), began.name
     FROM documents_organisation AS began
     WHERE (began.valid_from, began.code) < (%(day)s, %(code)s)
     ORDER BY began.valid_from DESC, began.code DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT ended.valid_to + 1 AS day, ended.code, ended.name, ''
     FROM documents_organisation AS ended
     WHERE ended.valid_to IS NOT NULL AND (ended.valid_to, ended.code) < (%(day)s::date - 1, %(code)s)
        AND NOT EXISTS (SELECT FROM documents_organisation AS began
                        WHERE began.valid_from = ended.valid_to + 1 AND began.code = ended.code)
     ORDER BY ended.valid_to DESC, ended.code DESC LIMIT %(limit)s)
) AS change ORDER BY 1 DESC, 2 DESC LIMIT %(limit)s
"""


def changes(
    *, after: tuple[date, str] | None = None, limit: int = PAGE
) -> tuple[tuple[Change, ...], tuple[date, str] | None]:
    """What the axis's lists changed, the latest first, beyond a day and identifier; and where the next page begins."""
    day, code = after or (date(9999, 12, 31), "")
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, {"day": day, "code": code, "limit": limit + 1})
        found = tuple(Change(*row) for row in cursor.fetchall())
    more = (found[limit - 1].on, found[limit - 1].code) if len(found) > limit else None
    return found[:limit], more


def misfits(*, after: int = 0, limit: int = PAGE) -> tuple[MisfitRow, ...]:
    """What of the axis's last list doesn't fit, in its order, beyond the row with this number."""
    rows = Misfit.objects.filter(id__gt=after).order_by("id")[:limit]
    return tuple(MisfitRow(*row) for row in rows.values_list("id", "why", "place", "code", "ours", "theirs"))


def count_misfits() -> int:
    return Misfit.objects.count()


def take_over(*, differences: Differences, on: date, now: datetime) -> None:
    """Write the differences down with their day: what changed or is gone ends the day before. What doesn't fit stands
    in place of what did not fit last time."""
    _note_misfits(differences.misfits)
    ending = [before.code for before, _ in differences.changed] + [one.code for one in differences.gone]
    starting = [*differences.added, *(after for _, after in differences.changed)]
    if not (ending or starting):
        return
    with transaction.atomic():
        open_ = Organisation.objects.filter(valid_to=None, code__in=ending)
        open_.filter(valid_from=on).delete()  # of today: never in force for a whole day
        open_.update(valid_to=on - timedelta(days=1))
        Organisation.objects.bulk_create(
            (
                Organisation(code=o.code, code102=o.code102, name=o.name, parent=o.parent, valid_from=on)
                for o in starting
            ),
            batch_size=5_000,
        )
        body = {"added": len(differences.added), "changed": len(differences.changed), "gone": len(differences.gone)}
        journal.record([journal.Entry(uuid7(), "organisations.synchronised", now, "worker", body)])


def _note_misfits(found: Sequence[MisfitRow]) -> None:
    columns = ("why", "place", "code", "ours", "theirs")
    rows = [tuple(getattr(one, column) for column in columns) for one in found]
    with transaction.atomic():
        if list(Misfit.objects.order_by("id").values_list(*columns)) != rows:
            Misfit.objects.all().delete()
            Misfit.objects.bulk_create(
                (Misfit(**dict(zip(columns, row, strict=True))) for row in rows), batch_size=5_000
            )


@dataclass(frozen=True, slots=True)
class Announcement:
    """An identifier of ours that began or ended, and by when the axis has to know."""

    code: str
    code102: str
    name: str
    act: str  # open, close
    on: date
    by: date


def to_announce(on: date, codes: Iterable[str]) -> tuple[Announcement, ...]:
    """Which identifiers under these (such as H26) began or ended in the last 15 days and were not announced yet."""
    since = on - ANNOUNCE_WITHIN
    under = tuple(codes)
    found = []
    for agency in units.directory().agencies():
        for identifier in agency.identifiers:
            code = identifier.code
            if identifier.scheme != units.Scheme.ORG or not any(c == code or code.startswith(f"{c}.") for c in under):
                continue
            changes = (("open", identifier.valid_from), ("close", identifier.valid_to))
            for act, day in changes:
                change = day + timedelta(days=1) if day and act == "close" else day
                if change is not None and since <= change <= on:
                    other = agency.identifier(units.Scheme.ORG102, day or on)
                    found.append(
                        Announcement(
                            code, other.code if other else "", agency.name_at(day or on), act, change,
                            change + ANNOUNCE_WITHIN,
                        )
                    )  # fmt: skip
    told = set(Announced.objects.filter(on__gte=since).values_list("code", "act", "on"))
    return tuple(sorted((a for a in found if (a.code, a.act, a.on) not in told), key=lambda a: (a.by, a.code)))


def announce(announcements: Sequence[Announcement], *, now: datetime) -> int:
    """Write the letters that tell the axis; gives how many. One that was told is not told again."""
    letters = []
    for one in announcements:
        text = msgspec.json.encode(
            {"code": one.code, "code102": one.code102, "name": one.name, "act": one.act, "on": one.on}
        ).decode()
        body = post.Enclosed("register", one.code, (), text=text)
        letters.append(
            exchange.Letter(post.AXIS, f"register {one.code}", f"register {one.act}", msgspec.json.encode(body))
        )
    with transaction.atomic():
        Announced.objects.bulk_create(
            Announced(code=a.code, act=a.act, on=a.on, parcel=letter.id, at=now)
            for a, letter in zip(announcements, letters, strict=True)
        )
        exchange.send(letters, now=now)
    return len(letters)
