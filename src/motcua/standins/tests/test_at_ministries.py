"""Where this province's dossiers stand in systems that it doesn't run, read from a simulated one over real HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.test import override_settings

from motcua.desk.tests.support import seated
from motcua.dossiers.tests import support
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.kernel.errors import Permanent
from motcua.nationalportal import actions, queries
from motcua.nationalportal.ministries import places
from motcua.screens.pages import address
from motcua.standins import ministry
from motcua.standins.tests.national import LATER, NOW, served

pytestmark = pytest.mark.usefixtures("country")
NAME = "Hệ thống cấp phép mô phỏng"


@pytest.fixture
def url() -> Iterator[str]:
    with served(ministry.application()) as url, override_settings(MINISTRIES=f"{NAME}={url}"):
        yield url


def put(url: str, *codes: str, org: str | None = None, **more: Any) -> None:
    given = {"MaDonVi": org or support.place().org, "MaTTHC": "1.000419", "TrangThai": "4",
             "NgayCapNhat": "20260817080000", **more}  # fmt: skip
    assert requests.put(f"{url}/dossiers", json=[{"MaHoSo": code, **given} for code in codes]).status_code == 200


def mode(url: str, name: str) -> None:
    requests.post(f"{url}/mode", json={"mode": name}, allow_redirects=False)


def counts(scope: identity.Scope) -> dict[str, tuple[int, int]]:
    return {row.status: (row.count, row.late) for row in queries.at_ministries(scope=scope, now=LATER)}


def test_dossiers_are_counted_by_unit_and_state_and_each_office_sees_its_own(url: str) -> None:
    put(url, "A-1", "A-2", NgayHenTra="20260817170000")
    put(url, "A-3", TrangThai="9")
    put(url, "B-1", org=support.place(support.NEIGHBOUR).org)
    assert actions.read_ministries(now=LATER) == 4
    assert counts(support.office()) == {"4": (2, 2), "9": (1, 0)}
    assert counts(support.office(support.NEIGHBOUR)) == {"4": (1, 0)}
    put(url, "A-1", TrangThai="10", NgayCapNhat="20260818080000")
    assert actions.read_ministries(now=LATER) == 1, "only what changed since"
    assert counts(support.office()) == {"4": (1, 1), "9": (1, 0), "10": (1, 0)}


def test_what_comes_twice_counts_once_and_what_cannot_be_read_is_said(url: str) -> None:
    put(url, "A-1", "A-2")
    mode(url, "twice")
    assert actions.read_ministries(now=NOW) == 2
    put(url, "A-3")
    mode(url, "odd")
    assert actions.read_ministries(now=NOW) == 0
    [system] = queries.systems()
    assert system.said == "1 hồ sơ không đọc được"


@pytest.mark.parametrize("how", ["error", "away"])
def test_a_system_that_is_away_costs_no_figure_and_the_page_says_how_old_they_are(url: str, how: str) -> None:
    put(url, "A-1")
    actions.read_ministries(now=NOW)
    mode(url, how)
    assert actions.read_ministries(now=NOW + timedelta(hours=1)) == 0
    [system] = queries.systems()
    assert (system.answered_at, bool(system.said)) == (NOW, True)
    page = seated(Role.HANDLER).get(address("at-ministries")).content.decode()
    assert NAME in page
    assert system.said in page
    assert "17/08/2026" in page


def test_the_page_shows_each_office_its_own_units_alone(url: str) -> None:
    own, theirs = support.place().committee, support.place(support.NEIGHBOUR).committee
    put(url, "A-1", org=own.org(support.ON))
    put(url, "B-1", org=theirs.org(support.ON))
    put(url, "C-1", org="X99.9")
    actions.read_ministries(now=NOW)
    for code, agency, other in ((support.COMMUNE, own, theirs), (support.NEIGHBOUR, theirs, own)):
        content = seated(Role.HANDLER, code).get(address("at-ministries")).content.decode().split("<main", 1)[1]
        assert agency.name_at(support.ON) in content
        assert other.name_at(support.ON) not in content
    assert {row.agency for row in queries.at_ministries(scope=identity.SYSTEM, now=NOW)} == {own.id, theirs.id, None}


def test_the_setting_names_systems_and_a_wrong_one_is_told() -> None:
    assert [place.name for place in places("Bộ A=http://127.0.0.1:1/; Bộ B=http://127.0.0.1:2")] == ["Bộ A", "Bộ B"]
    assert places("") == ()
    with pytest.raises(Permanent):
        places("http://127.0.0.1:1")
