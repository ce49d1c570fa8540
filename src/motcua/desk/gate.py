"""Who sits at the desk: an official who signed in, in one position, for at most fifteen idle minutes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import NotAllowed
from motcua.screens.pages import address
from motcua.units import api as units

POSITION = "position"
"""Where the session keeps the number of the chosen position."""
KEPT = "giu."
"""What the fields are called that keep a form while its author signs in again."""
KEPT_LENGTH = 200_000  # characters


@dataclass(frozen=True, slots=True)
class Seat:
    """Người ngồi bàn: the official, the position acted in, its agency, and what it reaches. What a desk's view gets."""

    scope: identity.Scope
    holding: identity.Holding
    agency: units.Agency
    others: tuple[identity.Holding, ...] = ()  # the positions that the same official could take instead

    @property
    def roles(self) -> frozenset[identity.Role]:
        return self.scope.roles


@dataclass(frozen=True, slots=True)
class Officials:
    """Lets in officials whose position has one of the roles; any role if none is named."""

    roles: frozenset[identity.Role] = frozenset()

    @property
    def who(self) -> str:
        return "an official" + (f": {', '.join(sorted(self.roles))}" if self.roles else "")

    def __call__(self, request: HttpRequest) -> Any:
        seat = seat_of(request)
        if seat is None:
            return sent_away(request)
        if getattr(request.user, "one_time", False) and request.path != address("desk-password"):
            return HttpResponseRedirect(address("desk-password"))  # somebody else knows this password
        if self.roles and seat.roles.isdisjoint(self.roles):
            raise NotAllowed(
                "role-missing",
                f"Trang này dành cho vị trí: {', '.join(sorted(self.roles))}.",
                mend="Chọn một vị trí khác của ông/bà, hoặc nhờ người giữ vị trí đó.",
            )
        return seat


def sent_away(request: HttpRequest) -> HttpResponse:
    """To the sign-in page. A form that was sent when the session had ended is kept there, all but its files."""
    if request.user.is_authenticated:
        raise NotAllowed(
            "no-position",
            "Tài khoản này hôm nay chưa giữ vị trí nào.",
            mend="Nhờ quản trị hệ thống của cơ quan ghi vị trí công tác.",
        )
    kept = kept_of(request) if request.method == "POST" else []
    if not kept:
        return HttpResponseRedirect(address("desk-sign-in", tiep=request.get_full_path()))
    response = render(
        request,
        "desk/sign_in.html",
        {"onward": request.get_full_path(), "name": "", "errors": {}, "kept": kept, "prefix": KEPT},
        status=401,
    )
    response["Cache-Control"] = "no-store"
    return response


def kept_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form that waits for its author to sign in again."""
    own = request.path == address("desk-sign-in")
    named = [
        (name.removeprefix(KEPT) if own else name, value)
        for name, values in request.POST.lists()
        if name.startswith(KEPT) or (not own and name != "csrfmiddlewaretoken")
        for value in map(str, values)
    ]
    return named if sum(len(name) + len(value) for name, value in named) <= KEPT_LENGTH else []


def officials(*roles: identity.Role) -> Officials:
    return Officials(frozenset(roles))


def seat_of(request: HttpRequest) -> Seat | None:
    """The seat of whoever is signed in; None for a stranger, and for an official without a position today."""
    account = request.user.pk if request.user.is_authenticated else None
    if account is None:
        return None
    on = clock.today()
    held = identity.positions_of_account(account, on)
    chosen = chosen_of(held, request.session.get(POSITION))
    if chosen is None:
        return None
    directory = units.directory()
    agency = directory.agency(chosen.agency_id)
    above = chosen.role in identity.REACH_BELOW
    below = {agency.id: directory.agencies_under(agency.id, on)} if above else {}
    scope = identity.scope_of_holdings(account, held, below, chosen.id)
    return Seat(scope, chosen, agency, tuple(h for h in held if h.id != chosen.id))


def chosen_of(held: Iterable[identity.Holding], wanted: int | None) -> identity.Holding | None:
    """The position that the session names while it is still held, else the first."""
    ordered = sorted(held, key=lambda holding: holding.id)
    return next((holding for holding in ordered if holding.id == wanted), ordered[0] if ordered else None)
