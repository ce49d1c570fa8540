"""What the tests of slips share: dossiers brought to a step, and the text of a PDF as a reader finds it."""

import io
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from pypdf import PdfReader

from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import office
from motcua.identity import api as identity
from motcua.kernel.clock import from_local
from motcua.slips import api as slips


def at(text: str) -> datetime:
    return from_local(text)


def take(
    code: str, *steps: tuple[str, str] | tuple[str, str, dossiers.Given], by: identity.Scope | None = None
) -> None:
    """Take these steps with a dossier, each at its moment."""
    for name, moment, *more in steps:
        given = more[0] if more else dossiers.Given(at(moment), reason="vì hồ sơ cần")
        [receipt] = dossiers.take_steps(
            [dossiers.StepRequest(code, name, uuid4().hex, b"d" * 32, by or office(), given)]
        )
        assert isinstance(receipt, dossiers.StepReceipt), receipt


def texts(pdf: bytes) -> list[str]:
    """The text of each page on one line, as somebody who searches in it finds it."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def printed(
    code: str, form: str, *, scope: identity.Scope | None = None, paper: str = "A4", now: datetime, n: int | None = None
) -> str:
    """The text of one slip."""
    [request] = requests([code], form, scope=scope, paper=paper, n=n)
    return " ".join(texts(slips.make([request], now=now)))


def requests(
    codes: Sequence[str], form: str, *, scope: identity.Scope | None = None, paper: str = "A4", n: int | None = None
) -> list[slips.SlipRequest]:
    return [slips.SlipRequest(code, form, scope or office(), paper, n) for code in codes]
