"""Browsers of people who have come in: the cookies of officials and citizens, and their requests as bytes."""

from collections.abc import Iterable
from typing import Any

from motcua.replay.client import Server


def officials(orgs: Iterable[str], role: str = "reception") -> dict[str, str]:
    """For each agency the cookie of an official who sits there in this role."""
    from django.contrib.auth import get_user_model

    from motcua.identity import api as identity
    from motcua.kernel import clock
    from motcua.units import api as units

    now, on = clock.now(), clock.today()
    agencies = {org: units.directory().find_agency(org, on) for org in orgs}
    numbers = identity.enrol(names=[f"Người dự thi {n}" for n in range(len(agencies))])
    identity.appoint(
        appointments=[
            identity.Appointment(number, agency.id, identity.Role(role), "Công chức", units.REFORM_DAY)
            for number, agency in zip(numbers, agencies.values(), strict=True)
            if agency
        ],
        now=now,
    )
    made = get_user_model()
    return {
        org: _session(made.objects.create_user(f"{role}.{org}", official_id=number))
        for org, number in zip(agencies, numbers, strict=True)
    }


def citizen(number: str, name: str) -> str:
    """The cookie of a citizen who has signed in with the identity app."""
    from motcua.portal.gate import CITIZEN

    return _session(None, {CITIZEN: {"kind": "citizen", "number": number, "name": name}})


def _session(account: Any, known: dict[str, Any] | None = None) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    if account is not None:
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.update(known or {})
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def page(server: Server, path: str, cookie: str = "") -> bytes:
    """A browser's request for a page, compressed as browsers ask for it."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {server.host}:{server.port}", "Accept-Encoding: gzip"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
