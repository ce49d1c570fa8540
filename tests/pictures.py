"""`make pictures`: starts a demonstration and takes the main pages at both sizes into docs/design/pictures.

One table says which pages, as whom and in which size. A page that this checkout doesn't have is said and left out.
"""

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.processes import LONGEST, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "design" / "pictures"
HEAVIEST = 60_000  # bytes of one picture
DESKTOP, PHONE, BOTH = ((1366, 768),), ((360, 740),), ((1366, 768), (360, 740))

NOBODY, CITIZEN = "", "citizen"


@dataclass(frozen=True, slots=True)
class Picture:
    """One page: `whom` is nobody, a citizen, or the account of an official; `whole` takes what lies below too; `then`
    is the first link to follow from there.

    In the address, {state:N} is the code of a dossier in that state, {secret:N} the secret on its slip.
    """

    name: str
    address: str
    whom: str = NOBODY
    sizes: tuple[tuple[int, int], ...] = BOTH
    whole: bool = False
    then: str = ""


PICTURES = (
    Picture("home", "/"),
    Picture("search", "/thu-tuc?q=khai+sinh"),
    Picture("life-event", "/su-kien/sinh-con"),
    Picture("procedure", "/thu-tuc/1.001193?xa=27154"),
    Picture("where", "/ho-so", sizes=PHONE),
    Picture("dossier", "/ho-so/{state:5}?bm={secret:5}", whole=True),
    Picture("country", "/don-vi", sizes=DESKTOP),
    Picture("commune", "/don-vi/27154"),
    Picture("apply", "/nop/1.001193?xa=27154", CITIZEN),
    Picture("mine", "/cua-toi", CITIZEN),
    Picture("work-list", "/can-bo/viec/dang-xu-ly", "thuly"),
    Picture("desk-dossier", "/can-bo/viec/dang-xu-ly", "thuly", DESKTOP, then=".work .open"),
    Picture("counter", "/can-bo/tiep-nhan", "tiepnhan", DESKTOP),
    Picture("to-approve", "/can-bo/viec/cho-duyet", "thamdinh", DESKTOP),
    Picture("books", "/can-bo/so", "tiepnhan", DESKTOP),
    Picture("figures", "/can-bo/so-lieu", "lanhdao"),
    Picture("figures-old-borders", "/can-bo/so-lieu?dia-gioi=2025-06-30", "lanhdao", DESKTOP),
    Picture("reorganisations", "/can-bo/sap-xep", "lanhdao", DESKTOP),
    Picture("administration", "/can-bo/quan-ly", "quantri", DESKTOP),
)


@contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """A server with the country and its first week; gives its address and the password of its accounts."""
    port = free_port()
    words = [sys.executable, "-u", "-m", "motcua", "run", "--port", str(port)]
    run = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        password = ""
        for line in run.stdout or ():
            if told := re.search(r"all with the password (\S+)", line):
                password = told[1]
            if "Ctrl-C stops everything" in line:
                break
        else:
            raise RuntimeError("The demonstration ended before it could be looked at.")
        yield f"http://127.0.0.1:{port}", password
    finally:
        run.terminate()
        run.wait(LONGEST)


def filled(address: str) -> str:
    """The address with the code and secret of a dossier of the wanted state."""
    from django.conf import settings
    from django.db import connection

    from motcua.dossiers.rules import codes

    def one(found: re.Match[str]) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(code) FROM dossiers_dossier WHERE state = %s", [int(found[2])])
            (code,) = cursor.fetchone()
        return str(code) if found[1] == "state" else codes.secret(settings.SECRET_KEY.encode(), code)

    return re.sub(r"{(state|secret):(\d+)}", one, address)


def as_citizen(page: "Page", site: str, password: str) -> None:
    """A citizen whom the identity app vouched for, as its page leaves the session behind."""
    from django.contrib.sessions.backends.db import SessionStore

    from motcua.portal.gate import CITIZEN as WHO
    from motcua.portal.tests.support import KNOWN

    session = SessionStore()
    session[WHO] = KNOWN
    session.save()
    page.context.add_cookies([{"name": "sessionid", "value": str(session.session_key), "url": site}])


def as_official(account: str) -> "Callable[[Page, str, str], None]":
    def sign_in(page: "Page", site: str, password: str) -> None:
        page.goto(f"{site}/can-bo/dang-nhap")
        page.locator("input[autocomplete=username]").fill(account)
        page.locator("input[type=password]").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "dang-nhap" not in address)

    return sign_in


def light(picture: bytes) -> bytes:
    """The picture as WebP, as good as fits into HEAVIEST."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for quality in (90, 80, 70, 60, 45, 30):
        made = io.BytesIO()
        image.save(made, "WEBP", quality=quality, method=6)
        if made.tell() <= HEAVIEST:
            break
    return made.getvalue()


def main(only: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    from motcua.config.commandline import set_up

    FOLDER.mkdir(parents=True, exist_ok=True)
    with demonstration() as (site, password), sync_playwright() as playwright:
        os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright keeps a loop in this thread
        set_up()
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for picture in PICTURES:
            if only and picture.name not in only:
                continue
            for wide, high in picture.sizes:
                context = browser.new_context(
                    locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport={"width": wide, "height": high}
                )
                page = context.new_page()
                if picture.whom:
                    (as_citizen if picture.whom == CITIZEN else as_official(picture.whom))(page, site, password)
                answer = page.goto(site + filled(picture.address))
                if answer is None or answer.status >= 400:
                    print(f"{picture.name}: left out, the page answers {answer and answer.status}")
                else:
                    if picture.then:
                        page.locator(picture.then).first.click()
                        page.wait_for_load_state()
                    made = light(page.screenshot(full_page=picture.whole))
                    (FOLDER / f"{picture.name}-{wide}.webp").write_bytes(made)
                    print(f"{picture.name}-{wide}.webp: {len(made) / 1000:.0f} KB")
                context.close()
        browser.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "motcua.config.settings")
    main(sys.argv[1:])
