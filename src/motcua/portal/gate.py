"""Who is at the portal: a citizen who signed in with the national identity app, for at most fifteen idle minutes."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect

from motcua.identity import api as identity
from motcua.screens.pages import address

CITIZEN = "citizen"
"""Where the session keeps what the identity app said of the person."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """Công dân đã đăng nhập: what a signed-in page of the portal gets.

    `known` is what the identity app vouches for, by the names of the form's fields (name, number, birth_date, sex,
    address, phone, email); the screens say of each where it came from.
    """

    scope: identity.Scope
    party: identity.Party
    known: dict[str, str]

    @property
    def id(self) -> UUID:
        assert self.scope.party is not None
        return self.scope.party


KEPT, KEPT_LENGTH = "kept", 100_000
"""Where the session keeps a form that came after it had ended, until its author has signed in again; characters."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Lets in whoever has signed in; sends others to sign in and back here."""

    who: str = "a signed-in citizen"

    def __call__(self, request: HttpRequest) -> Any:
        citizen = citizen_of(request)
        if citizen is None:
            keep(request)
        return citizen or HttpResponseRedirect(address("sign-in", tiep=request.get_full_path()))


signed_in = SignedIn()


def keep(request: HttpRequest) -> None:
    """Keep what was typed, all but files, for the page that it was sent to."""
    if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
        return
    typed = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    if sum(len(name) + len(value) for name, value in typed.items()) <= KEPT_LENGTH:
        request.session[KEPT] = {"path": request.path, "typed": typed}


def kept(request: HttpRequest) -> dict[str, str] | None:
    """What was typed on this page before its author had to sign in again; given once."""
    found: dict[str, Any] = request.session.get(KEPT) or {}
    if found.get("path") != request.path:
        return None
    del request.session[KEPT]
    return dict(found["typed"])


def citizen_of(request: HttpRequest) -> Citizen | None:
    """The citizen of this session, or None."""
    known: dict[str, str] | None = request.session.get(CITIZEN)
    if not known:
        return None
    kind = known.get("kind", "citizen")
    party = identity.party_id(kind, known["number"])
    return Citizen(
        scope=identity.Scope(
            agencies=frozenset(), party=party, name=f"party:{party}", merged=identity.merged_with(party)
        ),
        party=identity.Party(
            kind=kind,
            number=known["number"],
            name=known["name"],
            birth_date=date.fromisoformat(known["birth_date"]) if known.get("birth_date") else None,
            phone=known.get("phone", ""),
            email=known.get("email", ""),
            address=known.get("address", ""),
        ),
        known=known,
    )
