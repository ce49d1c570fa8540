"""The portal's calls over HTTP: sign in once, call services, say in four kinds what went wrong."""

import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from motcua.kernel.errors import Permanent, Transient, Unknown
from motcua.kernel.outgoing import never_left
from motcua.nationalportal.rules.answers import SESSION_OVER

CONNECT, READ = 3.0, 10.0  # seconds
LARGEST = 16 * 1024 * 1024  # bytes of an answer
LARGEST_FILE = 50 * 1024 * 1024
DEFAULT_PAUSE = timedelta(seconds=30)  # when it says "wait" and not how long


class Client:
    """One portal and our account there. Threads may share it; they share its session too."""

    def __init__(self, url: str, account: str, secret: str, unit: str) -> None:
        self.url = url.rstrip("/")
        self.account, self.secret, self.unit = account, secret, unit
        parts = urlsplit(self.url)
        self.origin = f"{parts.scheme}://{parts.netloc}/"
        self.session = ""
        self.lock = threading.Lock()

    def call(self, service: str, data: Sequence[Mapping[str, Any]] | None = None, **more: Any) -> list[dict[str, Any]]:
        """What a service answers for each item. A session that has ended is opened anew, once.

        Transient: nothing was done. Unknown: it may have been. Permanent: the whole call was refused.
        """
        body = {"service": service, "madonvi": self.unit, **({} if data is None else {"data": list(data)}), **more}
        for attempt in (1, 2):
            session = self.session or self._sign_in()
            said = self._post("/service", {"session": session, **body})
            if str(said.get("error_code")) != SESSION_OVER:
                break
            with self.lock:
                if self.session == session:
                    self.session = ""
            if attempt == 2:
                raise Transient("portal-session", "Cổng quốc gia không giữ phiên làm việc.")
        if str(said.get("error_code")) not in ("0", "00"):
            raise Permanent(
                "portal-refuses",
                f"{said.get('error_code')}: {said.get('error_message', '')}",
                mend="Kiểm tra tài khoản, mã đơn vị và phiên bản dịch vụ của cổng quốc gia.",
            )
        result = said.get("result")
        if not isinstance(result, list) or not all(isinstance(one, dict) for one in result):
            raise _silent()
        return result

    def fetch(self, address: str) -> bytes:
        """A file that the portal keeps for us; Permanent for an address that isn't its own."""
        if not address.startswith(self.origin):
            raise Permanent("file-elsewhere", "Tệp không nằm trên cổng quốc gia.", mend="Cổng phải gửi tệp của mình.")
        import requests  # no process waits for it at its start

        try:
            answer = requests.get(address, timeout=(CONNECT, READ), allow_redirects=False, stream=True)
            if answer.status_code >= 500:
                raise Transient("portal-away", "Chưa lấy được tệp từ cổng quốc gia.")
            if answer.status_code != 200:
                raise Permanent("file-missing", "Cổng quốc gia không có tệp này.", mend="Đề nghị người nộp gửi lại.")
            taken = b""
            for chunk in answer.iter_content(1 << 16):
                taken += chunk
                if len(taken) > LARGEST_FILE:
                    raise Permanent("file-too-large", "Tệp lớn hơn 50 MB.", mend="Đề nghị người nộp gửi tệp nhỏ hơn.")
        except requests.RequestException as error:
            raise Transient("portal-away", "Chưa lấy được tệp từ cổng quốc gia.") from error
        return taken

    def _sign_in(self) -> str:
        try:
            said = self._post("/auth", {"username": self.account, "password": self.secret})
        except Unknown as error:  # signing in changes nothing
            raise Transient("portal-away", error.detail, mend=error.mend) from error
        session = said.get("session")
        if not isinstance(session, str) or not session:
            raise Transient(
                "portal-account",
                f"Cổng quốc gia không cho đăng nhập: {said.get('error_message', '')}",
                mend="Kiểm tra MOTCUA_PORTAL_ACCOUNT và tệp mật khẩu.",
            )
        with self.lock:
            self.session = session
        return session

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        import requests

        sent = msgspec.json.encode(body)
        try:
            answer = requests.post(
                self.url + path,
                data=sent,
                headers={"Content-Type": "application/json"},
                timeout=(CONNECT, READ),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise (_away() if never_left(error) else _silent()) from error
        if answer.status_code in (429, 503):
            raise Transient("portal-busy", "Cổng quốc gia bảo chờ.", wait=_pause(answer.headers.get("Retry-After", "")))
        if answer.status_code != 200:
            raise _silent(f" (HTTP {answer.status_code})")
        try:
            said = msgspec.json.decode(answer.content[:LARGEST])
        except msgspec.DecodeError as error:
            raise _silent(" (câu trả lời bị cắt)") from error
        if not isinstance(said, dict):
            raise _silent()
        return said


def _pause(header: str) -> timedelta:
    return timedelta(seconds=int(header)) if header.isdecimal() and len(header) < 6 else DEFAULT_PAUSE


def _away() -> Transient:
    return Transient("portal-away", "Chưa liên lạc được với cổng quốc gia.", mend="Hệ thống sẽ tự gửi lại.")


def _silent(more: str = "") -> Unknown:
    return Unknown("portal-silent", f"Cổng quốc gia chưa trả lời{more}.", mend="Hệ thống sẽ hỏi lại cổng.")
