"""The way to whoever listens to alarms: each event is posted to one address."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from motcua.exchange.alarms import PARTNER
from motcua.exchange.carriers import session
from motcua.exchange.connector import Answer, Outcome, Parcel
from motcua.kernel.outgoing import never_left

CONNECT, READ = 3.0, 10.0  # seconds
LATER = (408, 425, 429)  # statuses below 500 that ask to come again


class AlarmLine:
    """Repeating is harmless, as an event keeps its id: a listener that was not heard is asked by telling it again."""

    partner = PARTNER
    batch = 20

    def __init__(self, url: str) -> None:
        self.url = url

    def deliver(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for parcel in parcels:
            if outcomes and outcomes[-1].answer in (Answer.TRANSIENT, Answer.UNKNOWN):  # it is away: nothing more goes
                outcomes.append(Outcome(Answer.TRANSIENT, outcomes[-1].said))
            else:
                outcomes.append(self._tell(parcel.body))
        return outcomes

    state_of = deliver

    def _tell(self, event: bytes) -> Outcome:
        import requests  # no process waits for it at its start

        headers = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
        if settings.ALARMS_SECRET.exists():
            headers["Authorization"] = f"Bearer {settings.ALARMS_SECRET.read_text(encoding='ascii').strip()}"
        try:
            answer = session().post(
                self.url, data=event, headers=headers, timeout=(CONNECT, READ), allow_redirects=False
            )
        except requests.RequestException as error:
            answered = Answer.TRANSIENT if never_left(error) else Answer.UNKNOWN
            return Outcome(answered, f"Không trả lời: {type(error).__name__}.")
        if answer.ok:
            return Outcome(Answer.DONE)
        patient = answer.status_code >= 500 or answer.status_code in LATER
        return Outcome(Answer.TRANSIENT if patient else Answer.PERMANENT, f"Trả lời {answer.status_code}.")
