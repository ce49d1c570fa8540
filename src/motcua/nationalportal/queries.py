"""What the portal is told of, how far we are, what was refused, how the books compared, what lies at ministries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Min, Q

from motcua.dossiers import api as dossiers
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.kernel.clock import day_of
from motcua.nationalportal import fees, models
from motcua.nationalportal.client import Client
from motcua.nationalportal.connector import PARTNER, PortalConnector
from motcua.nationalportal.rules.answers import mend
from motcua.nationalportal.rules.compare import Ours
from motcua.nationalportal.rules.fields import Line, Paper, Seen
from motcua.procedures import api as procedures
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class Step:
    """How the upward line stands for the caller's agencies."""

    told: int  # dossiers that the portal should hold
    waiting: int  # dossiers of which something is on its way
    more_waiting: bool  # there are more than were counted
    refused: int  # of which something waits for a person
    arrived: int  # filed on the portal and taken in here
    not_taken: int
    followed_at: datetime | None  # when the log was last followed
    contact_at: datetime | None  # when the portal last took something
    shut_until: datetime | None
    said: str  # the portal's last words when it failed


@dataclass(frozen=True, slots=True)
class Standing:
    """How one dossier stands with the portal: not told yet, on its way, refused in the portal's words, or in step."""

    told: bool
    waiting: bool
    said: str
    portal_code: str  # of a dossier that was filed there


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that the portal doesn't take, with its words and what to mend."""

    id: UUID
    code: str
    kind: str
    said: str
    mend: str
    written_at: datetime
    behind: int


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A dossier filed on the portal that could not become one here."""

    portal_code: str
    procedure: str
    at: datetime
    reason: str
    mend: str


@dataclass(frozen=True, slots=True)
class Report:
    """One comparison of both books, with the differences in the caller's agencies."""

    day: date
    at: datetime
    compared: int
    equal: int
    on_the_way: int
    repaired: int
    for_people: int
    differences: tuple["Found", ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One difference of a report."""

    code: str
    kind: str
    ours: str
    theirs: str
    repaired: bool


@dataclass(frozen=True, slots=True)
class AtMinistry:
    """How many dossiers of one agency stand in one state in one system that we don't run."""

    system: str
    agency: int | None
    status: str
    count: int
    late: int
    changed_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A ministry's system and the age of what we know of it."""

    name: str
    answered_at: datetime | None
    said: str
    said_at: datetime | None


COUNTED = 10_000  # subjects; more are not gone through for a page


def configured() -> bool:
    """Whether this installation has a national portal to keep in step with."""
    return bool(settings.PORTAL_URL)


def client() -> Client:
    """The portal of the settings; one session for the whole process."""
    return _client(settings.PORTAL_URL, settings.PORTAL_ACCOUNT, settings.PORTAL_SECRET, settings.PORTAL_UNIT)


@lru_cache(maxsize=4)
def _client(url: str, account: str, secret: str, unit: str) -> Client:
    return Client(url, account, secret, unit)


def connector() -> PortalConnector:
    return PortalConnector(client())


# --- what the portal is told --------------------------------------------------------------------------------------


def seen(codes: Collection[str]) -> dict[str, Seen]:
    """The dossiers with these codes as the portal is told of them, in a bounded number of statements."""
    records = dossiers.records(sorted(codes), scope=identity.SYSTEM)
    holders = identity.holders({line.position for r in records.values() for line in r.log if line.position is not None})
    there = set(models.Arrival.objects.filter(code__in=list(records)).values_list("code", flat=True))
    costs = fees.fees_of(sorted(records))
    return {
        code: replace(
            _seen(record, holders),
            filed_there=code in there,
            fees=None if costs is None else tuple(costs.get(code, ())),
        )
        for code, record in records.items()
    }


def _seen(record: dossiers.Record, holders: Mapping[int, identity.Holding]) -> Seen:
    directory, catalogue = units.directory(), procedures.catalogue()
    version = catalogue.by_id(record.version)
    on = day_of(record.filed_at)

    def office(line: dossiers.RecordRow) -> str:
        holding = holders.get(line.position) if line.position is not None else None
        step = dossiers.STEP.get(line.step)
        resolving = step is not None and step.at.value == "resolving"
        agency = holding.agency_id if holding else record.resolving if resolving else record.reception
        return directory.agency(agency).name_at(day_of(line.at))

    def written(line: dossiers.RecordRow) -> Line:
        holding = holders.get(line.position) if line.position is not None else None
        return Line(
            n=line.n,
            step=line.step,
            at=line.at,
            state=line.state,
            due_at=line.due_at,
            act_by=line.act_by,
            reason=line.reason,
            handler=holding.official if holding else "",
            title=holding.title if holding else "",
            office=office(line),
        )

    names = {component.key: component.name for component in version.components}
    request = record.content.get("request")
    return Seen(
        code=record.code,
        procedure=version.code,
        procedure_name=version.name,
        field_name=version.field,
        channel=record.channel,
        reception=record.reception,
        resolving=directory.agency(record.resolving).name_at(on),
        applicant=record.applicant,
        content=request if isinstance(request, str) else "",
        filed_at=record.filed_at,
        lines=tuple(map(written, record.log)),
        papers=tuple(
            Paper(p.kind == "result", p.key, p.name or names.get(p.key, ""), tuple(p.files), p.step)
            for p in record.papers
        ),
        own=record.channel == "online" and record.log[0].caller == 0,
    )


# --- the officer's page -------------------------------------------------------------------------------------------


def _reached(scope: identity.Scope, field: str = "agency") -> Q:
    return Q() if scope.agencies is None else Q(**{f"{field}__in": sorted(scope.agencies)})


def in_step(*, scope: identity.Scope) -> Step:
    """Whether the caller's dossiers stand at the portal as they stand here."""
    told = models.Told.objects.filter(_reached(scope))
    open_codes = exchange.open_subjects(PARTNER, limit=COUNTED)
    dead = {letter.subject for letter in exchange.dead_letters(PARTNER, limit=COUNTED)}
    mine = set(told.filter(code__in=sorted(open_codes)).values_list("code", flat=True)) if open_codes else set()
    arrivals = models.Arrival.objects.filter(_reached(scope)).aggregate(
        taken=Count("portal_code", filter=~Q(code="")), left=Count("portal_code", filter=Q(code=""))
    )
    mark = models.Mark.objects.filter(name=PARTNER).first()
    line = exchange.line_sign(PARTNER)
    return Step(
        told=told.count(),
        waiting=len(mine - dead),
        more_waiting=len(open_codes) == COUNTED,
        refused=len(mine & dead),
        arrived=arrivals["taken"],
        not_taken=arrivals["left"],
        followed_at=mark.at if mark else None,
        contact_at=line.ok_at if line else None,
        shut_until=line.shut_until if line else None,
        said=line.said if line and line.failures else "",
    )


def refusals(*, scope: identity.Scope, limit: int = 100) -> tuple[Refusal, ...]:
    """What of the caller's dossiers the portal doesn't take, oldest first."""
    letters = exchange.dead_letters(PARTNER, limit=COUNTED)
    mine = _mine({letter.subject for letter in letters}, scope)
    return tuple(
        Refusal(one.id, one.subject, one.kind, one.said, mend(one.said), one.written_at, one.behind)
        for one in letters
        if one.subject in mine
    )[:limit]


def _mine(codes: Iterable[str], scope: identity.Scope) -> set[str]:
    """Those of the codes, ours or the portal's, that concern the caller's agencies."""
    asked = sorted(set(codes))
    told = models.Told.objects.filter(_reached(scope), code__in=asked).values_list("code", flat=True)
    came = models.Arrival.objects.filter(_reached(scope), portal_code__in=asked).values_list("portal_code", flat=True)
    return {*told, *came}


def not_taken(*, scope: identity.Scope, limit: int = 100) -> tuple[NotTaken, ...]:
    """What was filed on the portal for the caller's agencies and is not a dossier here, oldest first."""
    rows = models.Arrival.objects.filter(_reached(scope), code="").order_by("at")[:limit]
    return tuple(NotTaken(row.portal_code, row.procedure, row.at, row.reason, row.mend) for row in rows)


def portal_code_of(code: str) -> str:
    """The national portal's own code of a dossier that was filed there; "" for any other."""
    found = models.Arrival.objects.filter(code=code).values_list("portal_code", flat=True).first() if code else None
    return found or ""


def reports(*, scope: identity.Scope, limit: int = 14) -> tuple[Report, ...]:
    """The latest comparisons, newest first, each with the differences that concern the caller's agencies."""
    rows = list(models.Reconciliation.objects.order_by("-at")[:limit])
    found: dict[int, list[Found]] = {row.id: [] for row in rows}
    differences = models.DifferenceRow.objects.filter(_reached(scope), reconciliation__in=rows).order_by("id")[:1000]
    for row in differences:
        found[row.reconciliation_id].append(Found(row.code, row.kind, row.ours, row.theirs, row.repaired))
    return tuple(
        Report(
            row.day, row.at, row.compared, row.equal, row.on_the_way, row.repaired, row.for_people, tuple(found[row.id])
        )
        for row in rows
    )


def away(*, now: datetime) -> bool:
    """Whether what happens now reaches the portal later: it has been silent for a while. One row is read."""
    line = exchange.line_sign(PARTNER) if configured() else None
    return line is not None and line.failures > 0 and (line.ok_at is None or now - line.ok_at > SILENT)


SILENT = timedelta(minutes=15)


def standing(code: str) -> Standing | None:
    """Whether the portal knows a dossier as it stands here; None where there is no portal."""
    if not configured():
        return None
    open_ = bool(exchange.open_subjects(PARTNER, [code]))
    refused = (
        next((p for p in exchange.of_subject(PARTNER, code) if p.state is exchange.State.DEAD), None) if open_ else None
    )
    return Standing(
        told=models.Told.objects.filter(code=code).exists(),
        waiting=open_ and refused is None,
        said=refused.said if refused else "",
        portal_code=portal_code_of(code),
    )


# --- the two books ------------------------------------------------------------------------------------------------


def told_between(after: str, last: str) -> tuple[Ours, ...]:
    """What the portal should hold between two codes, the first left out; to the end if `last` is ""."""
    rows = models.Told.objects.filter(code__gt=after)
    return _ours(list((rows.filter(code__lte=last) if last else rows).order_by("code")))


def told_of(codes: Sequence[str]) -> tuple[Ours, ...]:
    """What the portal should hold of these dossiers."""
    return _ours(list(models.Told.objects.filter(code__in=list(codes)).order_by("code")))


def _ours(rows: Sequence[models.Told]) -> tuple[Ours, ...]:
    still = exchange.open_subjects(PARTNER, [row.code for row in rows])
    return tuple(Ours(row.code, row.steps, row.status, row.due, open=row.code in still) for row in rows)


def known_to_us(codes: Sequence[str]) -> set[str]:
    """Those of the codes of which the portal was told."""
    return set(models.Told.objects.filter(code__in=list(codes)).values_list("code", flat=True))


# --- what lies at ministries --------------------------------------------------------------------------------------

OPEN = ("1", "2", "4", "5", "6")  # of the ten states, those in which the dossier's life is not over; 9 waits for pickup


def at_ministries(*, scope: identity.Scope, now: datetime) -> tuple[AtMinistry, ...]:
    """The caller's agencies' dossiers in systems that we don't run, by system, agency and state."""
    rows = (
        models.Elsewhere.objects.filter(_reached(scope))
        .values("system", "agency", "status")
        .annotate(
            count=Count("code"),
            late=Count("code", filter=Q(due_at__lt=now, status__in=OPEN)),
            changed_at=Max("changed_at"),
            seen_at=Min("seen_at"),
        )
        .order_by("system", "agency", "status")
    )
    return tuple(AtMinistry(**row) for row in rows)


def systems() -> tuple[SystemRow, ...]:
    """The ministries' systems that are read, with when each last answered."""
    return tuple(
        SystemRow(row.name, row.answered_at, row.said, row.said_at) for row in models.System.objects.order_by("name")
    )
