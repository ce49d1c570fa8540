"""The connector to the national axis (trục liên thông văn bản quốc gia): signed calls over HTTP."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from motcua.documents.envelope import CHUNK, LARGEST
from motcua.documents.post import AXIS, Enclosed
from motcua.documents.rules import gateway
from motcua.exchange.api import Answer, Outcome, Parcel
from motcua.kernel import storage
from motcua.kernel.errors import Failure, NotFound, Permanent, Transient
from motcua.kernel.outgoing import never_left

if TYPE_CHECKING:
    import requests

CONNECT, READ = 3.0, 30.0  # seconds
LARGEST_LIST = 128 * 1024 * 1024  # bytes; 111,000 agencies are 20 MB
SAID = 500


class Item(msgspec.Struct, frozen=True):
    """A message that waits at the axis for us."""

    id: str
    sender: str = msgspec.field(name="from", default="")
    to: tuple[str, ...] = ()


class _List(msgspec.Struct, frozen=True):
    edocs: tuple[Item, ...] = ()


class _Sent(msgspec.Struct, frozen=True):
    id: str = ""
    message: str = ""


class Listed(msgspec.Struct, frozen=True):
    """An organisation as the axis lists it: strings that need not be in order."""

    id: str = ""
    code: str = ""
    code102: str = ""
    name: str = ""
    pcode: str = ""


class Axis:
    """The way to the axis, for one system with one secret."""

    partner = AXIS
    batch = 20

    def __init__(self, url: str, system: str, secret: str, *, read: float = READ) -> None:
        self.url, self.system, self.secret, self.read = url.rstrip("/"), system, secret, read

    # --- what goes ------------------------------------------------------------------------------------------------

    def deliver(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        return [self._deliver(parcel, now) for parcel in parcels]

    def state_of(self, parcels: Sequence[Parcel], *, now: datetime) -> Sequence[Outcome]:
        return [self._state_of(parcel, now) for parcel in parcels]

    def _deliver(self, parcel: Parcel, now: datetime) -> Outcome:
        try:
            body = msgspec.json.decode(parcel.body, type=Enclosed)
        except msgspec.MsgspecError as error:
            return Outcome(Answer.PERMANENT, f"Bưu kiện không đọc được: {error}"[:SAID])
        content: Callable[[], Iterable[bytes]]
        if body.type == "register":
            path, content_type, content = gateway.REGISTER, gateway.JSON, lambda: [body.text.encode()]
        elif body.sha256:
            path, content_type, content = gateway.SEND, gateway.XML, lambda: storage.files().open(body.sha256)
            if not storage.files().exists(body.sha256):
                return Outcome(Answer.PERMANENT, "Tệp của gói tin không còn trong kho.")
        else:
            path, content_type, content = gateway.SEND, gateway.XML, lambda: [body.text.encode()]
        headers = {
            "from": body.sender, "to": ",".join(body.to), "servicetype": gateway.SERVICE, "messagetype": body.type,
            "X-Message-Id": str(parcel.id),
        }  # fmt: skip
        return self._outcome(lambda: self._call("POST", path, content_type, content, now, headers))

    def _state_of(self, parcel: Parcel, now: datetime) -> Outcome:
        asked = f"{gateway.SENT}?messageId={parcel.id}"
        found = self._outcome(lambda: self._call("GET", asked, "", lambda: (), now, {}))
        if found.answer is Answer.DONE and not found.reference:
            return Outcome(Answer.TRANSIENT, "Trục chưa nhận được; gửi lại.")
        if found.answer is Answer.PERMANENT:
            return Outcome(Answer.UNKNOWN, found.said)  # the question was refused, which says nothing of the parcel
        return Outcome(Answer.UNKNOWN, found.said) if found.answer is Answer.TRANSIENT else found

    def _outcome(self, act: Callable[[], "requests.Response"]) -> Outcome:
        import requests

        try:
            with act() as answer:
                content = _limited(answer, 64 * 1024)
        except requests.RequestException as error:
            return Outcome(Answer.TRANSIENT if never_left(error) else Answer.UNKNOWN, type(error).__name__)
        except Failure as failure:
            return Outcome(Answer.UNKNOWN, type(failure).__name__)
        try:
            said = msgspec.json.decode(content, type=_Sent)
        except msgspec.MsgspecError:
            said = None
        words = said.message[:SAID] if said else ""
        if answer.status_code in (429, 503):
            return Outcome(Answer.TRANSIENT, words or f"HTTP {answer.status_code}")
        if answer.status_code >= 500 or (said is None and answer.ok):
            return Outcome(Answer.UNKNOWN, words or f"HTTP {answer.status_code}")
        if answer.status_code == 409:
            return Outcome(Answer.DUPLICATE, words, said.id if said else "")
        if not answer.ok:
            return Outcome(Answer.PERMANENT, words or f"HTTP {answer.status_code}")
        return Outcome(Answer.DONE, words, said.id if said else "")

    # --- what comes -----------------------------------------------------------------------------------------------

    def received(self, *, now: datetime) -> tuple[Item, ...]:
        """What waits for us. Transient while the axis is away or talks nonsense."""
        found: _List = self._json(gateway.RECEIVED, _List, 8 * 1024 * 1024, now)
        return found.edocs

    @contextmanager
    def fetched(self, item: Item, *, now: datetime) -> Iterator[Path]:
        """The bytes of one message, in a file; Transient where they did not come whole."""
        import requests

        with tempfile.NamedTemporaryFile() as file:
            try:
                with self._call("GET", gateway.ONE + item.id, "", lambda: (), now, {}) as answer:
                    self._check(answer)
                    size = 0
                    for piece in answer.iter_content(CHUNK):
                        size += len(piece)
                        if size > LARGEST:
                            raise Permanent("too-large-to-fetch", "Gói tin lớn hơn mức được nhận.")
                        file.write(piece)
                    told = answer.headers.get("Content-Length")
                    if told is not None and told.isdecimal() and int(told) != size:
                        raise _away()
            except requests.exceptions.RequestException as error:
                raise _away() from error
            file.flush()
            yield Path(file.name)

    def settle(self, item: Item, *, done: bool, now: datetime) -> None:
        """Tell the axis that a message was taken in, or can't be."""
        import requests

        body = msgspec.json.encode({"id": item.id, "status": "done" if done else "fail"})
        try:
            with self._call("POST", gateway.UPDATE_STATUS, gateway.JSON, lambda: [body], now, {}) as answer:
                self._check(answer)
        except requests.exceptions.RequestException as error:
            raise _away() from error

    def agencies(self, *, now: datetime) -> tuple[Listed, ...]:
        """Every organisation that the axis knows, as it lists them: rows that are no rows are left out as blanks."""
        found = self._json(gateway.AGENCIES, list[Any], LARGEST_LIST, now)
        return tuple(_listed(row) for row in found)

    def _json(self, path: str, kind: type[Any], limit: int, now: datetime) -> Any:
        import requests

        try:
            with self._call("GET", path, "", lambda: (), now, {}) as answer:
                self._check(answer)
                return msgspec.json.decode(_limited(answer, limit), type=kind)
        except (requests.exceptions.RequestException, msgspec.MsgspecError) as error:
            raise _away() from error

    def _check(self, answer: "requests.Response") -> None:
        if answer.status_code == 404:
            raise NotFound("axis-unknown", "Trục không có gói tin này.")
        if not answer.ok:
            raise _away()

    def _call(
        self,
        method: str,
        path: str,
        content_type: str,
        content: Callable[[], Iterable[bytes]],
        now: datetime,
        headers: dict[str, str],
    ) -> "requests.Response":
        import requests

        size = 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for piece in content():
                size += len(piece)
                yield piece

        stamp = now.strftime("%Y%m%d%H%M%S")
        signed = gateway.signature(self.secret, self.system, stamp, content_type, counted())
        every = {"X-SystemId": self.system, "X-Timestamp": stamp, "X-Signature": signed, **headers}
        if content_type:
            every["Content-Type"] = content_type
        return requests.request(
            method,
            self.url + path,
            data=_Streamed(content, size) if size else None,
            headers=every,
            timeout=(CONNECT, self.read),
            allow_redirects=False,
            stream=True,
        )


class _Streamed:
    """A body that is sent piece by piece, with its length told before."""

    def __init__(self, content: Callable[[], Iterable[bytes]], size: int) -> None:
        self.content, self.size = content, size

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.content())


def _limited(answer: "requests.Response", limit: int) -> bytes:
    made = bytearray()
    for piece in answer.iter_content(CHUNK):
        made += piece
        if len(made) > limit:
            raise Transient("axis-answer", "Trục trả lời quá dài.")
    return bytes(made)


def _listed(row: Any) -> Listed:
    if not isinstance(row, dict):
        return Listed()
    return Listed(**{name: str(row.get(name) or "")[:300] for name in Listed.__struct_fields__})


def _away() -> Transient:
    return Transient("axis-away", "Trục liên thông chưa trả lời.", mend="Hệ thống sẽ hỏi lại.")
