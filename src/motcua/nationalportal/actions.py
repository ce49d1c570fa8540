"""Follow the log upward, take in what was filed on the portal, compare both books, mend what was refused."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction

from motcua.dossiers import api as dossiers
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.kernel import storage
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Failure, NotFound, Permanent, Transient
from motcua.kernel.journal import api as journal
from motcua.nationalportal import ministries, models, queries
from motcua.nationalportal.client import Client
from motcua.nationalportal.connector import ANSWERED, NEW, PARTNER, PROGRESS, UPDATE
from motcua.nationalportal.rules import arrivals
from motcua.nationalportal.rules.compare import REPAIRED, Difference, Theirs, differences, strangers
from motcua.nationalportal.rules.fields import (
    DOSSIER,
    Seen,
    changes_dossier,
    composed,
    moment,
    status,
    until,
)
from motcua.nationalportal.rules.fields import (
    PROGRESS as PROGRESS_FIELDS,
)
from motcua.units import api as units

log = logging.getLogger(__name__)
ENTRIES = 200  # of the journal, in one transaction
PAGE = 500  # dossiers that the portal lists at once
ARRIVALS = 50
ACTS = frozenset(step.name for step in (*dossiers.FILINGS, *dossiers.STEPS))


# --- upward -------------------------------------------------------------------------------------------------------


def follow_log(*, now: datetime, limit: int = ENTRIES) -> int:
    """Write letters to the portal about the next acts on dossiers, in the order in which they stood; how many entries.

    The mark moves in the same transaction: nothing is left out and nothing is told twice. Filing pays nothing for it,
    because the sealed journal is followed afterwards. A second worker at the same time does nothing.
    """
    with transaction.atomic():
        mark = _mark(now)
        if mark is None:
            return 0
        entries = journal.sealed_after(mark.seal, mark.place, limit=limit)
        if not entries:
            return 0
        rows = [row for entry in entries if (row := _row_of(entry)) is not None]
        _tell(rows, now=now)
        mark.seal, mark.place, mark.at = entries[-1].seal, entries[-1].place, now
        mark.save(update_fields=["seal", "place", "at"])
        return len(entries)


def _mark(now: datetime) -> models.Mark | None:
    """Our place in the journal, locked; None while another worker has it."""
    models.Mark.objects.bulk_create([models.Mark(name=PARTNER, seal=0, place=0, at=now)], ignore_conflicts=True)
    return models.Mark.objects.select_for_update(skip_locked=True).filter(name=PARTNER).first()


def _row_of(entry: journal.Sealed) -> tuple[str, int] | None:
    """The dossier and the row of its log that an entry tells of; None for an act on something else."""
    if entry.act not in ACTS:
        return None
    body = msgspec.json.decode(entry.body)
    code = body.get("code")
    return (code, int(body.get("n", 1))) if isinstance(code, str) else None


def _tell(rows: Sequence[tuple[str, int]], *, now: datetime, whole: bool = False) -> set[str]:
    """Letters about these rows of logs, and the book of what the portal should hold; gives what can't be put in words.

    `whole` tells of the dossier as such with the last row, whether or not the step changed it.
    """
    if not rows:
        return set()
    known = queries.seen({code for code, _ in rows})
    # What came from another node is told by that node, whose log has our steps too: the portal hears each step once.
    rows = [row for row in rows if known[row[0]].lines[0].step != "transfer_in"]
    if not rows:
        return set()
    last = dict(rows)
    letters: list[exchange.Letter] = []
    wordless: set[str] = set()
    for code, n in rows:
        if code in wordless:
            continue
        try:
            letters += _letters(until(known[code], n), whole=whole and last[code] == n)
        except Exception:
            log.exception("the national portal can't be told of %s, step %d", code, n)
            wordless.add(code)
    exchange.send(letters, now=now)
    models.Told.objects.bulk_create(
        [
            models.Told(
                code=code,
                agency=at.reception,
                steps=n,
                status=status(at.last.state),
                due=moment(at.last.due_at),
                filed_there=at.filed_there,
                changed_at=now,
            )
            for code, n in sorted(last.items())
            for at in [until(known[code], n)]
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["agency", "steps", "status", "due", "changed_at"],
    )
    return wordless


def _letters(at: Seen, *, whole: bool) -> list[exchange.Letter]:
    """What the portal is told of the last row: first the dossier if it is new, then the step, then what it changed."""
    kinds = [NEW, PROGRESS] if at.last.n == 1 else [PROGRESS]
    if at.last.n > 1 and (whole or changes_dossier(at.last)):
        kinds.append(UPDATE)
    fields = {NEW: DOSSIER, UPDATE: DOSSIER, PROGRESS: PROGRESS_FIELDS}
    return [exchange.Letter(PARTNER, at.code, k, msgspec.json.encode(composed(fields[k], at))) for k in kinds]


def deliver(*, now: datetime) -> int:
    """Hand the next parcels to the portal, at the pace that it bears; how many were handled."""
    return exchange.dispatch(connector=queries.connector(), policy=POLICY, now=now)


POLICY = exchange.Policy(pace=20.0)
"""What the portal bears in parcels a second: nothing is published, so a modest pace is assumed."""


def correct(*, refusal: UUID, changes: Mapping[str, str], scope: identity.Scope, reason: str, now: datetime) -> None:
    """Send a refused parcel again under its own id, with the fields that an officer mended.

    Only texts of the refused fields can be mended here: what the record says is mended in the record.
    """
    found = next((one for one in queries.refusals(scope=scope, limit=10_000) if one.id == refusal), None)
    if found is None:
        raise NotFound("refusal-unknown", "Không có bưu kiện nào như vậy đang chờ sửa.", mend="Tải lại trang.")
    [parcel] = exchange.parcels([refusal])
    item = msgspec.json.decode(parcel.body)
    fixed = sorted(name for name in changes if name in FIXED or name not in item or not isinstance(item[name], str))
    if fixed:
        raise Permanent(
            "field-fixed",
            f"Không sửa được trường {', '.join(fixed)} tại đây.",
            mend="Mã, trạng thái và thời điểm lấy từ nhật ký hồ sơ; hãy sửa trong hồ sơ.",
        )
    bodies = {refusal: msgspec.json.encode(item | changes)} if changes else None
    exchange.replay([refusal], bodies=bodies, caller=scope.caller, reason=reason, now=now)


FIXED = frozenset(
    {"MaHoSo", "TrangThai", "TrangThaiHoSo", "ThoiDiemXuLy", "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "KetQua"}
)
"""What nobody may write by hand: codes, states and moments are the log's."""


# --- down ---------------------------------------------------------------------------------------------------------


def take_arrivals(*, now: datetime) -> int:
    """Make dossiers of what citizens filed on the portal, each once; how many were new to us."""
    portal = queries.client()
    try:
        items = portal.call("LayDanhSachHoSoNop", soLuong=ARRIVALS)
    except Failure as failure:
        log.warning("what was filed on the national portal can't be read: %s", failure.problem)
        return 0
    fresh = {code: item for item in map(arrivals.readable, items) if (code := arrivals.code_of(item))}
    for code in models.Arrival.objects.filter(portal_code__in=list(fresh)).values_list("portal_code", flat=True):
        del fresh[code]
    return sum(_taken(code, item, portal, now) for code, item in fresh.items())


def _taken(code: str, item: Mapping[str, Any], portal: Client, now: datetime) -> bool:
    """One arrival; what nobody thought of costs its neighbours nothing and is tried again at the next turn."""
    try:
        return _take(code, item, portal, now)
    except Exception:
        log.exception("what was filed on the national portal as %s can't be taken in", code)
        return False


def take_again(portal_codes: Sequence[str], *, scope: identity.Scope, now: datetime) -> int:
    """Try again what could not be taken, after what was missing here has been mended; how many became dossiers."""
    portal, taken = queries.client(), 0
    for code in portal_codes:
        rows = models.Arrival.objects.filter(portal_code=code, code="")
        row = (rows if scope.agencies is None else rows.filter(agency__in=sorted(scope.agencies))).first()
        if row is None:
            raise NotFound("arrival-unknown", f"Không có hồ sơ {code} đang chờ nhận từ cổng quốc gia.")
        _take(code, row.item, portal, now, again=True)
        taken += models.Arrival.objects.filter(portal_code=code).exclude(code="").exists()
    return taken


def _take(code: str, item: Mapping[str, Any], portal: Client, now: datetime, *, again: bool = False) -> bool:
    """One arrival: a dossier, or a reason why not, and the answer to the portal, in one transaction."""
    files: dict[str, str] = {}
    missing: Failure | None = None
    try:
        for one in arrivals.attachments(item):
            if one.address:
                files[one.address] = _kept(portal, one.address)
    except Transient:
        return False  # the portal keeps it: next time
    except Failure as error:
        missing = error
    with transaction.atomic():
        row = models.Arrival.objects.select_for_update().filter(portal_code=code).first()
        if row is not None and (row.code or not again):
            return False
        here = units.directory().find_agency(str(item.get("MaDonViTiepNhan") or ""), day_of(now))
        receipt = missing or _filed(code, item, files, now)
        failure = receipt if isinstance(receipt, Failure) else None
        if isinstance(failure, Transient):
            return False
        ours = "" if isinstance(receipt, Failure) else receipt.code
        made = {
            "at": now,
            "item": {} if ours else dict(item),  # once it is a dossier, nothing of it is kept twice
            "procedure": str(item.get("MaTTHC") or "")[:50],
            "agency": here.id if here else None,
            "code": ours,
            "problem": failure.problem if failure else "",
            "reason": failure.detail if failure else "",
            "mend": failure.mend if failure else "",
        }
        models.Arrival.objects.update_or_create(portal_code=code, defaults=made)
        answer = {"MaHoSo": code, "KetQua": "1" if ours else "0", "MaHoSoDiaPhuong": ours, "NgayTraLoi": moment(now)}
        if failure:
            answer["LyDo"] = f"{failure.detail} {failure.mend}".strip()[:1000]
        exchange.send([exchange.Letter(PARTNER, code, ANSWERED, msgspec.json.encode(answer))], now=now)
    return True


def _kept(portal: Client, address: str) -> str:
    return storage.files().put([portal.fetch(address)], 50 * 1024 * 1024, storage.PAPERS).sha256


def _filed(code: str, item: Mapping[str, Any], files: Mapping[str, str], now: datetime) -> dossiers.Receipt | Failure:
    try:
        made = msgspec.convert(arrivals.application(item, files), dossiers.Application)
        party = identity.party_id(made.applicant.kind, made.applicant.number)
        filing = dossiers.prepare(
            made,
            key=f"national:{code}",
            digest=dossiers.digest_of(msgspec.json.encode(item, order="sorted")),
            scope=identity.Scope(party=party, name=f"party:{party}"),
            now=now,
        )
    except msgspec.ValidationError as error:
        return Permanent("arrival-unreadable", f"Hồ sơ từ cổng không đúng dạng: {error}", mend="Cổng phải gửi lại.")
    except Failure as failure:
        return failure
    [receipt] = dossiers.file([filing])
    return receipt


# --- both books ---------------------------------------------------------------------------------------------------


def reconcile(*, now: datetime) -> queries.Report:
    """Compare everything that the portal should hold with what it holds, name each difference and mend what we can.

    Transient or Unknown if the portal does not answer: then there is no report.
    """
    portal = queries.client()
    compared, equal, on_the_way, after = 0, 0, 0, ""
    found: list[tuple[Difference, bool]] = []
    while True:
        listed = portal.call("TraCuuHoSo", sau=after, soLuong=PAGE)
        theirs = _theirs(listed)
        last = "" if len(listed) < PAGE else max(theirs)
        ours = queries.told_between(after, last)
        compared += len(ours)
        on_the_way += sum(one.open for one in ours)
        differ = _confirmed(portal, [d.code for d in differences(ours, theirs)])
        unknown = strangers(queries.known_to_us(list(theirs)), theirs)
        mended = _repair([d for d in differ if d.kind in REPAIRED], now=now)
        found += [(d, d.code in mended) for d in (*differ, *unknown)]
        off = {d.code for d in differ}
        agreed = [one.code for one in ours if not one.open and one.code not in off]
        equal += len(agreed)
        models.Told.objects.filter(code__in=agreed).update(agreed_at=now)
        if not last:
            break
        after = last
    with transaction.atomic():
        row = models.Reconciliation.objects.create(
            day=day_of(now),
            at=now,
            compared=compared,
            equal=equal,
            on_the_way=on_the_way,
            repaired=sum(mended for _, mended in found),
            for_people=sum(not mended for _, mended in found),
        )
        agencies = dict(models.Told.objects.filter(code__in=[d.code for d, _ in found]).values_list("code", "agency"))
        models.DifferenceRow.objects.bulk_create(
            models.DifferenceRow(
                reconciliation=row,
                code=d.code,
                agency=agencies.get(d.code),
                kind=d.kind.value,
                ours=d.ours,
                theirs=d.theirs,
                repaired=mended,
            )
            for d, mended in found
        )
    return queries.reports(scope=identity.SYSTEM, limit=1)[0]


def _theirs(listed: Iterable[Mapping[str, Any]]) -> dict[str, Theirs]:
    rows = (
        Theirs(
            code=str(one["MaHoSo"]),
            steps=int(one.get("SoTienDo") or 0),
            status=str(one["TrangThaiHoSo"]),
            due=str(one.get("NgayHenTra") or ""),
        )
        for one in listed
    )
    return {row.code: row for row in rows}


def _confirmed(portal: Client, codes: Sequence[str]) -> list[Difference]:
    """Look again at what seemed to differ, ours first: what arrived meanwhile is no difference."""
    if not codes:
        return []
    ours = queries.told_of(codes)
    return differences(ours, _theirs(portal.call("TraCuuHoSo", MaHoSo=list(codes))))


def _repair(differ: Sequence[Difference], *, now: datetime) -> set[str]:
    """Send again what the portal lacks, from the row that it lacks on; gives the codes. The log is not followed then,
    so that what is sent again stays in order."""
    if not differ:
        return set()
    with transaction.atomic():
        if _mark(now) is None:
            return set()
        still = {one.code: one for one in queries.told_of([d.code for d in differ]) if not one.open}
        rows = [(d.code, n) for d in differ if d.code in still for n in range(d.again_from, still[d.code].steps + 1)]
        wordless = _tell(rows, now=now, whole=True)
        return {code for code, _ in rows} - wordless


def reconcile_daily(*, now: datetime) -> int:
    """The day's reconciliation, once; 1 if it was made now. A portal that is away is asked again at the next turn."""
    if models.Reconciliation.objects.filter(day=day_of(now)).exists():
        return 0
    try:
        reconcile(now=now)
    except Failure as failure:
        log.warning("the books were not compared: %s", failure.problem)
        return 0
    return 1


# --- ministries' systems ------------------------------------------------------------------------------------------


def read_ministries(*, now: datetime) -> int:
    """Bring in what changed in the ministries' systems since; how many dossiers. One that is away costs no other."""
    return sum(_read_system(place, now) for place in ministries.places(settings.MINISTRIES))


def _read_system(place: ministries.Place, now: datetime) -> int:
    """One page of one system, written with its mark."""
    with transaction.atomic():
        models.System.objects.bulk_create([models.System(name=place.name, read_to="", said="")], ignore_conflicts=True)
        system = models.System.objects.select_for_update(skip_locked=True).filter(name=place.name).first()
        if system is None:  # another worker reads it
            return 0
        try:
            rows, unread, mark = ministries.changed(place, settings.MINISTRIES_SECRET, system.read_to)
        except Failure as failure:
            system.said, system.said_at = failure.detail, now
            system.save(update_fields=["said", "said_at"])
            return 0
        _keep(place.name, rows, now)
        system.read_to, system.answered_at = mark, now
        system.said, system.said_at = (f"{unread} hồ sơ không đọc được", now) if unread else ("", None)
        system.save()
        if len(rows) + unread < ministries.MOST:  # nothing more has changed: all of it is as old as this answer
            models.Elsewhere.objects.filter(system=place.name).update(seen_at=now)
        return len(rows)


def _keep(system: str, rows: Sequence[ministries.There], now: datetime) -> None:
    directory, on = units.directory(), day_of(now)
    made = []
    for row in rows:
        here = directory.find_agency(row.org, on)
        holders = directory.agency_holders(row.org)
        agency = here or (holders[-1][2] if holders else None)  # an old identifier still names who held it last
        made.append(
            models.Elsewhere(
                system=system,
                code=row.code,
                agency=agency.id if agency else None,
                org=row.org,
                procedure=row.procedure,
                status=row.status,
                received_at=row.received_at,
                due_at=row.due_at,
                changed_at=row.changed_at,
                seen_at=now,
            )
        )
    fields = ["agency", "org", "procedure", "status", "received_at", "due_at", "changed_at", "seen_at"]
    models.Elsewhere.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["system", "code"], update_fields=fields
    )
