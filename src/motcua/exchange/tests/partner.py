"""A partner in memory for the tests of the queue: it behaves as it is told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from motcua.exchange.api import Answer, Letter, Outcome, Parcel
from motcua.exchange.tests.kit import How

PARTNER = "memory"


class Memory:
    """Both ends at once: the connector, and the other side of a trial."""

    partner = PARTNER
    batch = 10

    def __init__(self) -> None:
        self.how = How.WELL
        self.book: list[Parcel] = []
        self.working: dict[UUID, Parcel] = {}

    def behave(self, how: How) -> None:
        self.how = how

    def applied(self) -> Sequence[UUID]:
        return [parcel.id for parcel in self.book]

    def deliver(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        return [self._take(parcel) for parcel in parcels]

    def state_of(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        return [self._tell(parcel) for parcel in parcels]

    def _take(self, parcel: Parcel) -> Outcome:
        if parcel.id in self.applied():
            return Outcome(Answer.DUPLICATE)
        if self.how is How.FAILS:
            return Outcome(Answer.TRANSIENT, "500")
        if self.how is How.LOST:
            return Outcome(Answer.UNKNOWN, "cut")
        if self.how is How.REFUSES:
            return Outcome(Answer.PERMANENT, "thiếu số hiệu")
        if self.how is How.WAITS:
            self.working[parcel.id] = parcel
            return Outcome(Answer.WAITING, "đang xử lý")
        self.book.append(parcel)
        return Outcome(Answer.UNKNOWN, "cut") if self.how is How.SILENT else Outcome(Answer.DONE, reference="r1")

    def _tell(self, parcel: Parcel) -> Outcome:
        if self.how in (How.FAILS, How.LOST, How.SILENT):
            return Outcome(Answer.UNKNOWN, "cut")
        if parcel.id in self.working and self.how is How.WAITS:
            return Outcome(Answer.WAITING, "đang xử lý")
        if parcel.id in self.working:
            self.book.append(self.working.pop(parcel.id))
        return Outcome(Answer.DONE) if parcel.id in self.applied() else Outcome(Answer.TRANSIENT, "chưa thấy")


def letter(subject: str = "s", kind: str = "thing", body: bytes = b"x", partner: str = PARTNER) -> Letter:
    return Letter(partner, subject, kind, body)
