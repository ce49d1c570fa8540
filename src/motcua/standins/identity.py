"""The national identity app (ứng dụng định danh quốc gia) as an OpenID provider with made-up people.

The protocol is that of `oidc-provider-mock`; the pages, the people, PKCE and the misbehaviour are ours. Fields of a
person are those of the national portal's sign-in (SoDinhDanh, HoVaTen, NgaySinh, ...).
"""

import base64
import hashlib
import os
import threading
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person who can sign in; `about` says on the page what trying this one shows."""

    name: str
    number: str
    birth_date: str  # dd/mm/yyyy, as the app gives it
    sex: str
    address: str
    phone: str = ""
    email: str = ""
    about: str = ""

    def claims(self) -> dict[str, object]:
        told = {
            "SoDinhDanh": self.number,
            "HoVaTen": self.name,
            "NgaySinh": self.birth_date,
            "GioiTinh": self.sex,
            "DiaChi": self.address,
            "SoDienThoai": self.phone,
            "ThuDienTu": self.email,
            "LoaiTaiKhoan": "1",
            "MoPhong": "MÔ PHỎNG",
        }
        return {name: value for name, value in told.items() if value}


PEOPLE = (
    Person("Nguyễn Thị Mai", "001190000017", "17/05/1990", "Nữ", "12 phố Quan Thánh, phường Ba Đình, thành phố Hà Nội",
           "0900000017", "mai@vidu.vn", "phường ở Hà Nội"),
    Person("Hồ Văn Nam", "046085000023", "02/09/1985", "Nam", "5 đường Hùng Vương, phường Thuận Hóa, thành phố Huế",
           "0900000023", "", "phường ở Huế, tỉnh có dữ liệu trình diễn"),
    Person("Sùng Thị Dở", "011195000031", "20/11/1995", "Nữ", "bản Phiêng Ban, phường Điện Biên Phủ, tỉnh Điện Biên",
           "", "", "vùng cao, không có số điện thoại"),
    Person("Trần Văn Bảy", "031056000044", "01/01/1956", "Nam", "8 đường Lạch Tray, phường Gia Viên, "
           "thành phố Hải Phòng", "0900000044", "", "người cao tuổi"),
    Person("Lê Thị Chưa Định Danh", "", "", "Nữ", "", "", "", "tài khoản chưa có số định danh"),
)  # fmt: skip

WAYS = {
    "": "như bình thường",
    "away": "ứng dụng không trả lời",
    "broken": "ứng dụng báo lỗi khi đổi mã",
    "empty": "ứng dụng không trả thông tin nào",
}
"""How the stand-in may misbehave, chosen on its first page or by POST /che-do."""

LATEST = 1000  # authorisations that are remembered for PKCE


def application() -> "WSGIApplication":
    """The provider as a WSGI application."""
    import flask

    with warnings.catch_warnings():  # it still stands on a part of authlib that is on its way out
        import authlib.deprecate  # noqa: F401 - it sets a filter of its own, which ours has to come after

        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, init_app

    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # it speaks plain HTTP on this machine only
    app = flask.Flask(__name__)
    app.jinja_env.globals |= {"people": {_subject(person): person for person in PEOPLE}, "ways": WAYS}
    init_app(
        app,
        require_nonce=True,
        issue_refresh_token=False,
        user_claims=[User(sub=_subject(person), claims=person.claims()) for person in PEOPLE],
    )
    app.debug = False
    app.wsgi_app = app.wsgi_app.app  # type: ignore[method-assign, attr-defined]  # without its debugger
    app.secret_key = os.urandom(16)
    way = {"now": ""}
    challenges: OrderedDict[str, str] = OrderedDict()
    alone = threading.Lock()

    @app.context_processor
    def _way() -> dict[str, Any]:
        return {"way": way["now"]}

    @app.post("/che-do")
    def choose_way() -> flask.typing.ResponseReturnValue:
        asked = flask.request.form.get("cach", "")
        if asked not in WAYS:
            return "Không có chế độ này.", HTTPStatus.BAD_REQUEST
        way["now"] = asked
        return flask.redirect("/")

    @app.before_request
    def _misbehave() -> flask.typing.ResponseReturnValue | None:
        if flask.request.path in ("/", "/che-do") or flask.request.path.startswith("/static/"):
            return None
        if way["now"] == "away":
            return "MÔ PHỎNG: ứng dụng định danh không trả lời.", HTTPStatus.SERVICE_UNAVAILABLE
        if way["now"] == "broken" and flask.request.path == "/oauth2/token":
            return flask.jsonify(error="server_error"), HTTPStatus.INTERNAL_SERVER_ERROR
        if way["now"] == "empty" and flask.request.path == "/userinfo":
            return flask.jsonify({})
        if flask.request.path == "/oauth2/authorize" and flask.request.args.get("code_challenge_method") != "S256":
            return flask.render_template("error.html", name="invalid_request", description="PKCE (S256)."), 400
        if flask.request.path == "/oauth2/token":
            with alone:
                challenge = challenges.pop(flask.request.form.get("code", ""), "")
            verifier = hashlib.sha256(flask.request.form.get("code_verifier", "").encode()).digest()
            if challenge != base64.urlsafe_b64encode(verifier).rstrip(b"=").decode():
                return flask.jsonify(error="invalid_grant"), HTTPStatus.BAD_REQUEST
        return None

    @app.after_request
    def _remember(response: flask.Response) -> flask.Response:
        code = parse_qs(urlsplit(response.headers.get("Location", "")).query).get("code", [""])[0]
        if code and flask.request.path == "/oauth2/authorize":
            with alone:
                challenges[code] = flask.request.args["code_challenge"]
                if len(challenges) > LATEST:
                    challenges.popitem(last=False)
        response.headers["X-Mo-Phong"] = "MO PHONG"
        return response

    return app


def _subject(person: Person) -> str:
    return hashlib.sha256(f"{person.number}/{person.name}".encode()).hexdigest()[:16]
