"""The way to the national portal, as the exchange knows ways: parcels in, an outcome for each."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from motcua.exchange.connector import Answer, Outcome, Parcel
from motcua.kernel.errors import Failure, Permanent, Transient
from motcua.nationalportal.client import Client
from motcua.nationalportal.rules.answers import CODES, EXISTS, meaning
from motcua.nationalportal.rules.fields import MOST

PARTNER = "national-portal"
NEW, UPDATE, PROGRESS, ANSWERED = "dossier-new", "dossier-update", "progress", "arrival-answer"
SERVICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    NEW: ("DongBoHoSoMC", {"isUpdating": "False"}),
    UPDATE: ("DongBoHoSoMC", {"isUpdating": "True"}),
    PROGRESS: ("CapNhatTienDoHoSoMC", {}),
    ANSWERED: ("TraLoiHoSoNop", {}),
}
"""Which service takes a kind of parcel, and what it is called with."""

Told = dict[str, Any]


class PortalConnector:
    """Delivers in calls of at most ten items of one kind; after a call without an answer nothing more is tried."""

    partner = PARTNER
    batch = 2 * MOST

    def __init__(self, client: Client) -> None:
        self.client = client

    def deliver(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        outcomes: dict[Any, Outcome] = {}
        failed: Outcome | None = None
        for kind in SERVICES:
            alike = [parcel for parcel in parcels if parcel.kind == kind]
            for first in range(0, len(alike), MOST):
                some = alike[first : first + MOST]
                if failed is not None:  # the portal is away: these were never sent
                    outcomes |= {p.id: Outcome(Answer.TRANSIENT, failed.said, "", failed.not_before) for p in some}
                    continue
                try:
                    outcomes |= self._deliver(kind, some)
                except Failure as failure:
                    outcome = failed_outcome(failure, now)
                    outcomes |= {p.id: outcome for p in some}
                    if not isinstance(failure, Permanent):
                        failed = outcome
        return [
            outcomes.get(p.id) or Outcome(Answer.PERMANENT, f"Loại bưu kiện “{p.kind}” không có dịch vụ trên cổng.")
            for p in parcels
        ]

    def _deliver(self, kind: str, parcels: Sequence[Parcel]) -> dict[Any, Outcome]:
        service, more = SERVICES[kind]
        readable: list[tuple[Parcel, Told]] = []
        outcomes: dict[Any, Outcome] = {}
        for parcel in parcels:
            item = _read(parcel)
            if item is None:
                outcomes[parcel.id] = Outcome(Answer.PERMANENT, "Nội dung bưu kiện không phải JSON có MaHoSo.")
            else:
                readable.append((parcel, item))
        said = _by_code(self.client.call(service, [item for _, item in readable], **more)) if readable else {}
        existing: list[tuple[Parcel, Told]] = []
        for parcel, item in readable:
            answered = said.get(str(item["MaHoSo"]))
            if answered is None:
                outcomes[parcel.id] = Outcome(Answer.UNKNOWN, "Cổng không nói gì về hồ sơ này.")
            elif kind == NEW and str(answered.get("error_code")) == EXISTS:
                existing.append((parcel, item))
            else:
                outcomes[parcel.id] = _outcome(answered)
        return outcomes | (self._update(existing) if existing else {})

    def _update(self, existing: Sequence[tuple[Parcel, Told]]) -> dict[Any, Outcome]:
        """A dossier that the portal has already is updated, unless it stands further there than we tell now."""
        there = self._there([parcel for parcel, _ in existing])
        behind = [(p, item) for p, item in existing if not there.get(str(item["MaHoSo"]), {}).get("SoTienDo")]
        done = {p.id: Outcome(Answer.DUPLICATE, CODES[EXISTS].vi) for p, _ in existing}
        if behind:
            service, more = SERVICES[UPDATE]
            said = _by_code(self.client.call(service, [item for _, item in behind], **more))
            for parcel, item in behind:
                answered = said.get(str(item["MaHoSo"]))
                done[parcel.id] = _outcome(answered) if answered else Outcome(Answer.UNKNOWN, "Cổng không nói gì.")
        return done

    def state_of(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        try:
            there = self._there(parcels)
        except Failure as failure:  # still nobody who knows
            return [Outcome(Answer.UNKNOWN, failure.detail, "", _not_before(failure, now)) for _ in parcels]
        return [_standing(parcel, there) for parcel in parcels]

    def _there(self, parcels: Sequence[Parcel]) -> dict[str, Told]:
        codes = sorted({str(item["MaHoSo"]) for parcel in parcels if (item := _read(parcel))})
        return _by_code(self.client.call("TraCuuHoSo", MaHoSo=codes))


def _standing(parcel: Parcel, there: Mapping[str, Told]) -> Outcome:
    """What the portal's book says of a parcel. Updates and answers may be repeated, so they are just sent again."""
    item = _read(parcel)
    held = there.get(str(item["MaHoSo"])) if item else None
    has_it = held is not None and (parcel.kind == NEW or item in (held.get("TienDo") or ()))
    if has_it and parcel.kind in (NEW, PROGRESS):
        return Outcome(Answer.DUPLICATE, CODES[EXISTS].vi)
    return Outcome(Answer.TRANSIENT, "Cổng chưa nhận: gửi lại.")


def _read(parcel: Parcel) -> Told | None:
    try:
        item = msgspec.json.decode(parcel.body)
    except msgspec.DecodeError:
        return None
    return item if isinstance(item, dict) and item.get("MaHoSo") else None


def _by_code(result: Sequence[Told]) -> dict[str, Told]:
    """The portal's answers by dossier: it doesn't keep the order of what it was sent."""
    return {str(one.get("MaHoSo")): one for one in result}


def _outcome(answered: Told) -> Outcome:
    code = str(answered.get("error_code"))
    return Outcome(meaning(code), f"{code}: {answered.get('error_message') or ''}".rstrip(": "))


def failed_outcome(failure: Failure, now: datetime) -> Outcome:
    """A call that failed as a whole, as what became of each of its parcels."""
    answer = {"transient": Answer.TRANSIENT, "permanent": Answer.PERMANENT}.get(failure.kind, Answer.UNKNOWN)
    return Outcome(answer, failure.detail, "", _not_before(failure, now))


def _not_before(failure: Failure, now: datetime) -> datetime | None:
    wait = failure.members.get("wait") if isinstance(failure, Transient) else None
    return now + wait if isinstance(wait, timedelta) else None
