"""What the tests of the desk share: officials of a real commune, signed in."""

from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from motcua.dossiers.tests.support import COMMUNE, ON, place
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.units import api as units


def official(role: identity.Role, agency: units.Agency, name: str = "Trần Thị Bình", title: str = "Công chức") -> Any:
    """An account whose official holds this role in this agency since the reform."""
    now = clock.now()
    [number] = identity.enrol(names=[name])
    identity.appoint(appointments=[identity.Appointment(number, agency.id, role, title, units.REFORM_DAY)], now=now)
    return get_user_model().objects.create_user(f"{role}-{agency.id}-{number}", official_id=number)


def seated(role: identity.Role, code: str = COMMUNE) -> Client:
    """A browser in which an official of this commune is signed in: at the centre for reception, else the committee."""
    here = place(code, ON)
    agency = here.centre if role is identity.Role.RECEPTION else here.committee
    client = Client()
    client.force_login(official(role, agency))
    return client
