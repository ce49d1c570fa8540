"""Figures at the desk: in the borders that one asks for, for whom they concern, on the screen and as a file."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from motcua.desk.tests.support import seated
from motcua.desk.tests.test_administration import provincial
from motcua.dossiers.tests.support import COMMUNE, NEIGHBOUR, ON, filed, place
from motcua.identity.api import Role
from motcua.screens import maps
from motcua.units import api as units

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]
PAGE = "/can-bo/so-lieu"
PERIOD = {"tu": "2025-06-01", "den": "2026-08-31"}


def words(client: Client, **asked: str) -> str:
    response = client.get(PAGE, {**PERIOD, "dia-gioi": f"{ON}", **asked})
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def old_communes() -> list[units.Unit]:
    directory = units.directory()
    return [directory.unit(hop.old_id) for hop in directory.predecessors(place().unit.id)]


def under_the_old_ward(code: str) -> units.Unit:
    """As if it had been filed under one of the wards from which the ward of today was made."""
    old = old_communes()[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dossiers_dossier SET area = %s, filed_at = '2025-06-16T02:00Z' WHERE code = %s", [old.id, code]
        )
        cursor.execute(
            "UPDATE dossiers_steprow SET at = '2025-06-16T02:00Z' WHERE dossier = "
            "(SELECT id FROM dossiers_dossier WHERE code = %s)",
            [code],
        )
    return old


def test_a_leader_sees_the_wards_figures_with_the_map_and_what_every_colour_means() -> None:
    filed(3)
    page = words(seated(Role.LEADER))
    assert "tiếp nhận 3 hồ sơ" in page
    assert f'data-on-map="m{COMMUNE}"' in page
    assert re.search(rf'id="m{COMMUNE}"[^>]*class="shade-5"', page)
    assert "<title>Phường Ba Đình: tiếp nhận 3</title>" in page
    assert '<ul class="legend">' in page


def test_the_same_dossiers_in_the_old_borders_name_the_wards_that_share_them() -> None:
    codes = [receipt.code for receipt in filed(3)]
    old = under_the_old_ward(codes[0])
    page = words(seated(Role.LEADER), **{"dia-gioi": "2025-06-30"})
    assert f"({old.code})" in page
    assert f"Chưa chia được giữa {len(old_communes())} đơn vị" in page
    assert "đã đếm tại" in page
    assert '<svg class="map"' not in page
    assert "ranh giới vẽ được có từ 01/07/2025" in page
    districts = words(seated(Role.LEADER), **{"dia-gioi": "2025-06-30", "cap": "district"})
    assert "quận Ba Đình" in districts


def test_the_file_has_what_the_screen_has() -> None:
    codes = [receipt.code for receipt in filed(3)]
    under_the_old_ward(codes[0])
    response = seated(Role.LEADER).get(f"{PAGE}/tep.xlsx", {**PERIOD, "dia-gioi": "2025-06-30"})
    assert response.status_code == 200
    rows: list[Any] = list(load_workbook(BytesIO(response.content)).worksheets[0].values)
    received = rows[0].index("Tiếp nhận")
    assert [row[received] for row in rows[1:]] == [1, 2, 3]
    assert rows[2][1] == "Chưa chia được"
    assert rows[2][-1].startswith("Chung của: ")
    assert rows[3][1] == "Tổng số"


def test_another_commune_and_a_handler_see_nothing_and_the_province_all() -> None:
    filed(2)
    assert "tiếp nhận 0 hồ sơ" in words(seated(Role.LEADER, NEIGHBOUR))
    assert seated(Role.HANDLER).get(PAGE).status_code == 403
    province = words(provincial(), cap="province")
    assert "tiếp nhận 2 hồ sơ" in province
    assert "thành phố Hà Nội" in province


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"tu": "hôm qua"}, "năm-tháng-ngày"),
        ({"tu": "2026-09-01", "den": "2026-08-01"}, "không hợp lệ"),
        ({"cap": "district", "dia-gioi": "2026-08-01"}, "không có đơn vị hành chính cấp này"),
    ],
)
def test_a_question_that_cannot_be_read_says_how_to_ask(asked: dict[str, str], says: str) -> None:
    response = seated(Role.LEADER).get(PAGE, {**PERIOD, **asked})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert seated(Role.LEADER).get(f"{PAGE}/tep.xlsx", {**PERIOD, **asked}).status_code in (400, 422)


def test_a_shade_never_holds_less_than_a_lighter_one() -> None:
    values = [0, 0, 1, 1, 2, 3, 5, 8, 13, 400]
    steps = maps.steps_of(values)
    shades = [maps.shade_of(value, steps) for value in values]
    assert shades == sorted(shades)
    assert (shades[0], shades[-1]) == (0, maps.SHADES)
    assert maps.shade_of(7, maps.steps_of([7])) == maps.SHADES
    assert maps.steps_of([]) == ()
