"""A country of two provinces to be reorganised, small enough to be read, and a plan for it that is right."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from tests import cluster

from motcua.reorganisation.rules.plan import Plan
from motcua.reorganisation.rules.text import read
from motcua.units.packaged import packaged_rows
from motcua.units.rules.directory import Rows
from motcua.units.rules.package import COMMITTEE
from motcua.units.rules.values import AgencyKind, Extent, Level, Scheme

LONG_AGO, MERGED = date(2000, 1, 1), date(2020, 1, 1)
OLD_CODES = "Quyết định 124/2004/QĐ-TTg"

# Number, level, code, type, name, parent, identifier of the committee. 00009 went into 00003 in 2020.
SMALL = (
    (1, Level.PROVINCE, "01", "tỉnh", "An", None, "H01"),
    (2, Level.PROVINCE, "02", "tỉnh", "Bình", None, "H02"),
    (11, Level.DISTRICT, "001", "huyện", "Nhất", 1, "H01.301"),
    (12, Level.DISTRICT, "002", "huyện", "Nhì", 2, "H02.301"),
    (101, Level.COMMUNE, "00001", "xã", "Một", 11, "H01.301.01"),
    (102, Level.COMMUNE, "00002", "xã", "Hai", 11, "H01.301.02"),
    (103, Level.COMMUNE, "00003", "xã", "Ba", 11, "H01.301.03"),
    (104, Level.COMMUNE, "00004", "xã", "Tư", 11, "H01.301.04"),
    (109, Level.COMMUNE, "00009", "xã", "Cũ", 11, "H01.301.09"),
    (201, Level.COMMUNE, "00101", "xã", "Trăm", 12, "H02.301.01"),
    (202, Level.COMMUNE, "00102", "xã", "Linh", 12, "H02.301.02"),
    (203, Level.COMMUNE, "00103", "đặc khu", "Đảo", 2, "H02.199"),
)

PLAN = """\
kế hoạch: 2027-01-01
tên: Sắp xếp tỉnh An và tỉnh Bình
căn cứ: Nghị quyết 1/NQ-UBTVQH16 ngày 2026-11-20
hiệu lực: 2027-01-01 00:00
hoàn tác đến: 2027-01-16 00:00
# Một ví dụ.

[đơn vị hành chính]
giải thể cấp huyện | Luật 72/2025/QH15
mã theo: Quyết định 19/2025/QĐ-TTg
nhập cấp xã 00001 phường Một | Mot | thuộc 01 | Nghị quyết 1/NQ-UBTVQH16
  từ cấp xã 00001 (xã Một) toàn bộ
  từ cấp xã 00002 (xã Hai) toàn bộ
chia cấp xã 00003 xã Ba | Ba | thuộc 01 | Nghị quyết 1/NQ-UBTVQH16
  từ cấp xã 00003 (xã Ba) một phần | phần phía đông
    thôn: Đông
    địa chỉ: đường Lê Lợi | số 1–99 lẻ
    tọa độ: 106.0 10.0, 106.1 10.0, 106.1 10.1, 106.0 10.1
nhập cấp xã 00004 xã Tư | Tu | thuộc 01 | Nghị quyết 1/NQ-UBTVQH16
  từ cấp xã 00003 (xã Ba) một phần | phần còn lại
    thôn: Tây
    địa chỉ: đường Lê Lợi | số 2–98 chẵn
    tọa độ: 106.1 10.0, 106.2 10.0, 106.2 10.1, 106.1 10.1
  từ cấp xã 00004 (xã Tư) toàn bộ
nhập cấp xã 00101 xã Trăm Linh | Tram Linh | thuộc 02 | Nghị quyết 1/NQ-UBTVQH16
  từ cấp xã 00101 (xã Trăm) toàn bộ
  từ cấp xã 00102 (xã Linh) toàn bộ
đổi loại hình cấp tỉnh 01 (tỉnh An) thành thành phố | Nghị quyết 2/2026/QH16

[cơ quan]
mã tự đặt theo: quy tắc của motcua
lập ủy ban nhân dân cấp xã 00001 số 1 | mã H01.101 | mã cũ 101.00.99.H01 | trực thuộc H01
lập trung tâm phục vụ hành chính công cấp xã 00001 số 2 | mã H01.101.01 | mã cũ 101.01.99.H01 | trực thuộc H01.101
lập ủy ban nhân dân cấp xã 00003 số 1 | mã H01.102 | mã cũ 102.00.99.H01 | trực thuộc H01
lập ủy ban nhân dân cấp xã 00004 số 1 | mã H01.103 | mã cũ 103.00.99.H01 | trực thuộc H01
lập ủy ban nhân dân cấp xã 00101 số 1 | mã H02.101 | mã cũ 101.00.99.H02 | trực thuộc H02

[kế thừa]
thẩm quyền của ủy ban nhân dân cấp huyện: theo nơi cư trú hoặc nơi đặt trụ sở | khoản 2 Điều 32 Nghị định 140/2025/NĐ-CP
thẩm quyền của mọi cơ quan: cơ quan cùng loại | Nghị quyết 190/2025/QH15
hồ sơ đã tiếp nhận của mọi cơ quan: cơ quan cùng loại | Nghị quyết 190/2025/QH15
vị trí công tác của cơ quan H01.301: chuyển về H01.101 | Quyết định 5/QĐ-UBND
vị trí công tác của mọi cơ quan: người quyết định từng trường hợp | Nghị quyết 76/2025/UBTVQH15
giấy tờ, sổ của mọi cơ quan: cơ quan cùng loại | Nghị quyết 190/2025/QH15

[việc cần làm]
thông báo mã định danh: Thông báo mã mới | trong 15 ngày | Quyết định 20/2020/QĐ-TTg
"""


def small_country() -> Rows:
    """Two provinces of three tiers, as known before 2027."""
    ends = {109: date(2019, 12, 31)}
    above = {203: 201}  # the island's committee is under the province's
    return Rows(
        units=[(number, str(level)) for number, level, *_ in SMALL],
        periods=[
            (n, LONG_AGO, ends.get(n), name, kind, name, parent, "Nghị quyết cũ")
            for n, _level, _code, kind, name, parent, _org in SMALL
        ],
        agencies=[
            (
                n * 100 + 1,
                str(AgencyKind.PEOPLES_COMMITTEE),
                n,
                "",
                COMMITTEE,
                above.get(n),
                LONG_AGO,
                ends.get(n),
                None,
            )
            for n, *_ in SMALL
        ],
        identifiers=[
            row
            for n, _level, code, _kind, _name, _parent, org in SMALL
            for row in (
                (str(Scheme.AREA), code, LONG_AGO, ends.get(n), n, None, False, OLD_CODES),
                (str(Scheme.ORG), org, LONG_AGO, ends.get(n), None, n * 100 + 1, True, "quy tắc"),
            )
        ],
        successions=[(109, 103, str(Extent.WHOLE), "Nhập toàn bộ", MERGED)],
    )


@pytest.fixture
def small() -> Rows:
    return small_country()


@pytest.fixture
def plan() -> Plan:
    """The plan above, read."""
    found, findings = read(PLAN)
    assert findings == ()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def whole() -> Rows:
    """The country as the package knows it, of all times."""
    return packaged_rows()


@pytest.fixture(scope="session")
def little_template(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, str]]:
    """A database with Hà Nội, Bình Phước and Đồng Nai alone, as known on 2025-06-30, and the text of their plan."""
    from motcua.reorganisation.tests import support  # brings tables, which need Django to be up

    name = cluster.new_name()
    with django_db_blocker.unblock(), support.working_on(cluster.copy(cluster.template("2025-06-30"), name)):
        text = support.little_country()
    yield name, text
    cluster.drop(name)


@pytest.fixture
def little(little_template: tuple[str, str], django_db_blocker: Any) -> Iterator[str]:
    """A database of its own with the eve of three provinces; gives the text of the plan that makes two of them."""
    from motcua.reorganisation.tests import support

    source, text = little_template
    name = cluster.new_name()
    with django_db_blocker.unblock(), support.working_on(cluster.copy(source, name)):
        yield text
    cluster.drop(name)
