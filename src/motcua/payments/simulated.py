"""The connector to the simulated gateway: JSON over HTTP, each body signed with HMAC-SHA-256."""

from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import requests

from motcua.kernel.errors import NotAllowed, Permanent, Transient, Unknown
from motcua.kernel.outgoing import never_left
from motcua.payments.gateway import Answer, Order, Started
from motcua.payments.rules import Outcome, signature, signed_by

CONNECT, READ = 2.0, 4.0  # seconds that a citizen waits at most for the gateway
LARGEST = 64 * 1024  # bytes of an answer
HAD_IT = 409  # the order was there already: its answer is the first one
T = TypeVar("T")


class _Started(msgspec.Struct):
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class _Said(msgspec.Struct):
    state: Outcome
    reference: Annotated[str, msgspec.Meta(max_length=100)] = ""
    amount: Annotated[int, msgspec.Meta(ge=0, le=10**13)] = 0
    order: UUID | None = None
    purpose: Annotated[str, msgspec.Meta(max_length=200)] = ""


class SimulatedGateway:
    """Cổng thanh toán mô phỏng: `motcua stand-in payments`."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url.rstrip("/")
        self.secret = secret
        parts = urlsplit(self.url)
        self.origin = f"{parts.scheme}://{parts.netloc}"

    def start(self, order: Order) -> Started:
        body = {
            "order": str(order.order),
            "amount": order.amount,
            "purpose": order.purpose,
            "back": order.back,
            "notice": order.notice,
        }
        started = _read(self._post("/orders", body), _Started)
        if not started.address.startswith(f"{self.origin}/"):
            raise Permanent("gateway-address", "Cổng thanh toán trả về một địa chỉ lạ.")
        return Started(started.reference, started.address)

    def ask(self, order: UUID) -> Answer:
        return _answer(_read(self._post("/orders/ask", {"order": str(order)}), _Said))

    def read_notice(self, body: bytes, signature: str) -> Answer:
        if not signed_by(self.secret, body, signature):
            raise NotAllowed("signature-wrong", "Chữ ký của thông báo không đúng.")
        try:
            return _answer(msgspec.json.decode(body, type=_Said))
        except msgspec.MsgspecError as error:
            raise Permanent("notice-malformed", "Thông báo không đọc được.", status=400) from error

    def _post(self, path: str, body: dict[str, Any]) -> bytes:
        """The body of a good answer. What was sent and not answered is Unknown, what could not be sent Transient."""
        sent = msgspec.json.encode(body)
        headers = {"Content-Type": "application/json", "Signature": signature(self.secret, sent)}
        try:
            answer = requests.post(
                self.url + path, data=sent, headers=headers, timeout=(CONNECT, READ), allow_redirects=False
            )
        except requests.RequestException as error:
            raise (_away() if never_left(error) else _silent()) from error
        if answer.status_code >= 500:
            raise _silent()
        if answer.status_code >= 400 and answer.status_code != HAD_IT:
            raise Permanent("gateway-refuses", "Cổng thanh toán không nhận yêu cầu này.")
        if not signed_by(self.secret, answer.content, answer.headers.get("Signature", "")):
            raise _silent()  # whoever answered was not the gateway
        return answer.content[:LARGEST]


def _read(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise _silent() from error


def _answer(said: _Said) -> Answer:
    raw = {"state": said.state.value, "reference": said.reference, "amount": said.amount}
    return Answer(said.order, said.reference, said.state, said.amount, said.purpose, raw)


def _away() -> Transient:
    return Transient("gateway-away", "Chưa liên lạc được với cổng thanh toán.", mend="Thử lại sau vài phút.")


def _silent() -> Unknown:
    return Unknown("gateway-silent", "Cổng thanh toán chưa trả lời.", mend="Hệ thống sẽ hỏi lại cổng thanh toán.")
