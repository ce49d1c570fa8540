"""Runs of conversion at the desk: where every row went, what was refused and why, corrections that somebody decides."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from motcua.conversion import api as conversion
from motcua.conversion.models import Run
from motcua.conversion.tests import support_export as made
from motcua.conversion.tests.test_bringing_in import moved_on
from motcua.desk.tests.support import official, seated
from motcua.dossiers import api as dossiers
from motcua.dossiers.tests.support import ON
from motcua.identity import api as identity
from motcua.identity.api import Role
from motcua.units import api as units

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]

HOME = "/can-bo/chuyen-doi"
ROWS = made.changed(made.lines(20), [3, 4], {"NgayNop": "31/02/2024"})
WHY = "Người nộp đã xác nhận địa chỉ mới"


@pytest.fixture(autouse=True)
def _staged_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own for what a test stages, also beside another process of the suite."""
    monkeypatch.setattr("django.conf.settings.CONVERSION", tmp_path / "conversion")


def city(role: Role, code: str = "79") -> Client:
    """An official of the committee of a province."""
    directory = units.directory()
    unit = directory.find_unit(code, ON, units.Level.PROVINCE)
    assert unit is not None
    committee = directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, ON)
    assert committee is not None
    client = Client()
    client.force_login(official(role, committee))
    return client


def brought_in(folder: Path) -> str:
    """A run of 20 rows of which two are refused and one correction waits; nothing of it is outside the city."""
    path = made.exported(folder, ROWS)
    conversion.run(path=path, now=made.NOW)
    moved_on("HS-000005")
    made.write_csv(folder / "ho_so.csv", made.changed(ROWS, [5], {"DiaChi": "Số mới", "HoTen": "Lê Thị Bí Mật"}))
    return conversion.run(path=path, now=made.NOW)


def said(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_run_shows_where_every_row_went_and_a_held_correction_is_decided(tmp_path: Path) -> None:
    run = brought_in(tmp_path)
    at, browser = f"{HOME}/dot/{run}", city(Role.ADMINISTRATOR)
    assert f"{at}" in said(browser.get(HOME))
    page = said(browser.get(at))
    assert "1 sửa đổi chờ người quyết định" in page
    assert "ho_so.csv" in page
    assert "Không phải ngày có thật" in page
    refused = said(browser.get(f"{at}/dong-loai"))
    assert re.search(r'ho_so\.csv</th><td class="number">5</td>', refused)
    assert "Trang sau" not in refused
    assert "Không có dòng nào" in said(browser.get(f"{at}/dong-loai", {"ly-do": 1}))
    assert "Không có dòng nào" in said(browser.get(f"{at}/dong-loai", {"tep": 0, "dong": 6}))
    assert "HS-000003" in browser.get(f"{at}/dong-loai.csv").content.decode("utf-8-sig")
    book = load_workbook(BytesIO(browser.get(f"{at}/dong-loai.xlsx").content))
    assert [row[0] for row in book.worksheets[0].iter_rows(values_only=True)][1:] == ["HS-000003", "HS-000004"]
    assert browser.get(f"{at}/dong-loai.exe").status_code == 404

    assert "HS-000005" in said(browser.get(f"{at}/cho-xem"))
    one = f"{at}/cho-xem/mot?so=HS-000005"
    opened = said(browser.get(one))
    assert "Số mới" in opened
    assert "tiếp tục từ bước đang ở" in opened
    assert "10 đến 1.000 ký tự" in said(browser.post(one, {"viec": "lay", "vi-sao": "ừ"}), 409)
    assert "Chưa chọn" in said(browser.post(one, {"viec": "gì đó", "vi-sao": WHY}), 409)
    assert browser.post(one, {"viec": "lay", "vi-sao": WHY})["Location"] == one
    decided = said(browser.get(one))
    assert "đã lấy theo hệ thống cũ" in decided
    assert "Trần Thị Bình" in decided
    assert "đã có người quyết định" in said(browser.post(one, {"viec": "giu", "vi-sao": WHY}), 409)
    folder = dossiers.open_folder("HS-000005", scope=identity.SYSTEM, now=made.NOW)
    assert folder.applicant["address"] == "Số mới"
    assert folder.log[-1].reason == WHY
    assert "chờ người quyết định" not in said(browser.get(at))

    Run.objects.filter(id=run).update(phase="loading")
    watched = browser.get(at, {"tu": 1})
    assert watched["Refresh"] == "10"
    assert "<progress" in said(watched)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.LEADER])
def test_a_foreign_agency_sees_no_word_of_a_run_and_decides_nothing(tmp_path: Path, role: Role) -> None:
    run = brought_in(tmp_path)
    at = f"{HOME}/dot/{run}"
    for foreign in (city(role, "01"), seated(role), seated(role, "26740")):  # the last is one ward of several
        assert run not in said(foreign.get(HOME))
        one = f"{at}/cho-xem/mot?so=HS-000005"
        answers = [foreign.get(f"{at}{rest}") for rest in ("", "/dong-loai", "/dong-loai.csv", "/cho-xem")]
        answers += [foreign.get(one), foreign.post(one, {"viec": "lay", "vi-sao": WHY})]
        assert [answer.status_code for answer in answers] == [404] * 6
        assert not any("Bí Mật" in answer.content.decode() for answer in answers)
    assert conversion.held_figures(run) == (1, 1)


def test_rows_of_which_no_place_is_known_are_for_the_province(tmp_path: Path) -> None:
    rows = made.changed(made.lines(8), range(8), {"DonVi": "26740"})
    path = made.exported(tmp_path, made.changed(rows, [2], {"DonVi": "không có"}))
    run = conversion.run(path=path, now=made.NOW)
    directory = units.directory()
    old = directory.find_unit("26740", made.NOW.date().replace(year=2024))
    assert old is not None
    [heir] = [found.unit for found in directory.became(old.id, ON)]
    assert heir.code is not None
    ward = seated(Role.ADMINISTRATOR, heir.code)
    assert "do cấp tỉnh tải" in said(ward.get(f"{HOME}/dot/{run}/dong-loai"))
    assert ward.get(f"{HOME}/dot/{run}/dong-loai.csv").status_code == 403
    assert city(Role.LEADER).get(f"{HOME}/dot/{run}/dong-loai.csv").status_code == 200
