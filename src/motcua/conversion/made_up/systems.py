"""The three old systems: what each calls its columns, how it writes days, and which codes it has for a state.

All three are made up. What is real in them are the codes of areas before 2025-07-01 (Quyết định 124/2004/QĐ-TTg) and
of procedures; the form of the procedure codes (a suffix with the province's identifier) is that of Quyết định
20/2020/QĐ-TTg. No personal number, old number or phone in them can be anybody's: see `replay/scenarios/people.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CARD_DAY = "DATE '2023-07-01'"
"""From this day on nobody was entered with the old nine-digit number in these systems. Assumed."""


@dataclass(frozen=True, slots=True)
class System:
    """One old system. `columns` are SQL over one made-up dossier; `states` and `channels` its own codes."""

    code: str  # what the mapping calls it
    file: str
    title: str
    province: str  # area code before 2025-07-01
    org: str  # identifier of level 1
    share: int  # of a hundred dossiers
    kind: str  # csv, table (Parquet, or XLSX for what a sheet can hold), dump
    states: Mapping[str, str]
    channels: Mapping[str, str]
    number: str
    procedure: str
    columns: Mapping[str, str]
    mapped: Mapping[str, str]  # motcua's field: the column that holds it
    days: str  # how days are written
    birth_days: str
    impossible: tuple[str, str]  # the column in which an impossible day is planted, and that day


# The states that a made-up dossier can be in, by the words of motcua.
STATES = ("submitted", "accepted", "in_process", "awaiting_completion", "finished", "returned", "refused", "withdrawn",
          "stopped")  # fmt: skip

HO_CHI_MINH = System(
    code="TPHCM",
    file="tphcm",
    title="Hệ thống một cửa Thành phố Hồ Chí Minh (bịa)",
    province="79",
    org="H29",
    share=55,
    kind="csv",
    states={
        "submitted": "1", "accepted": "2", "refused": "3", "in_process": "4", "awaiting_completion": "5",
        "withdrawn": "7", "stopped": "8", "finished": "9", "returned": "10",
    },
    channels={"counter": "TT", "online": "TR", "post": "BC"},
    number=(
        "format('000.{}.{}.H29-{}-{}', district, commune, strftime(received, '%y%m%d'), lpad(place::VARCHAR, 7, '0'))"
    ),
    procedure="format('{}.000.00.00.H29', procedure)",
    columns={
        "SoHoSo": "number",
        "MaTTHC": "procedure",
        "MaQuanHuyen": "district",
        "MaPhuongXa": "commune",
        "NgayTiepNhan": "strftime(received, '%d/%m/%Y %H:%M')",
        "NgayHenTra": "strftime(due, '%d/%m/%Y %H:%M')",
        "NgayTra": "strftime(finished, '%d/%m/%Y %H:%M')",
        "TrangThai": "state",
        "KenhNop": "channel",
        "HoTen": "upper(name)",
        "NgaySinh": "strftime(born, '%d/%m/%Y')",
        "SoGiayTo": "papers",
        "DienThoai": "phone",
        "DiaChi": "address",
        "LePhi": "replace(format('{:,}', fee), ',', '.')",
    },
    mapped={
        "number": "SoHoSo", "procedure": "MaTTHC", "state": "TrangThai", "channel": "KenhNop",
        "reception": "MaPhuongXa", "filed_at": "NgayTiepNhan", "due_at": "NgayHenTra", "finished_at": "NgayTra",
        "applicant_name": "HoTen", "applicant_number": "SoGiayTo", "birth_date": "NgaySinh", "phone": "DienThoai",
        "address": "DiaChi", "fee": "LePhi",
    },
    days="dd/mm/yyyy hh:mm",
    birth_days="dd/mm/yyyy",
    impossible=("NgayTiepNhan", "31/02/2023 08:00"),
)  # fmt: skip

BINH_DUONG = System(
    code="BINHDUONG",
    file="binhduong",
    title="Hệ thống một cửa tỉnh Bình Dương (bịa)",
    province="74",
    org="H09",
    share=25,
    kind="table",
    states={
        "submitted": "MOI_DANG_KY", "accepted": "TIEP_NHAN", "refused": "TU_CHOI", "in_process": "DANG_XU_LY",
        "awaiting_completion": "CHO_BO_SUNG", "withdrawn": "RUT_HS", "stopped": "DUNG_XL", "finished": "CHO_TRA",
        "returned": "DA_TRA",
    },
    channels={"counter": "1", "online": "2", "post": "3"},
    number="format('BD{}{}{}', district, strftime(received, '%Y%m%d'), lpad(place::VARCHAR, 7, '0'))",
    procedure="format('BD-{}', procedure)",
    columns={
        "ma_ho_so": "number",
        "thu_tuc": "procedure",
        "ma_huyen": "district",
        "ma_xa": "commune",
        "ngay_nhan": "strftime(received, '%Y%m%d')",
        "ngay_hen": "strftime(due, '%Y%m%d')",
        "ngay_tra": "strftime(finished, '%Y%m%d')",
        "tinh_trang": "state",
        "hinh_thuc": "channel",
        "ho_ten": "name",
        "ngay_sinh": "strftime(born, '%Y%m%d')",
        "so_giay_to": "papers",
        "dien_thoai": "phone",
        "dia_chi": "address",
        "phi": "fee",
    },
    mapped={
        "number": "ma_ho_so", "procedure": "thu_tuc", "state": "tinh_trang", "channel": "hinh_thuc",
        "reception": "ma_xa", "filed_at": "ngay_nhan", "due_at": "ngay_hen", "finished_at": "ngay_tra",
        "applicant_name": "ho_ten", "applicant_number": "so_giay_to", "birth_date": "ngay_sinh",
        "phone": "dien_thoai", "address": "dia_chi", "fee": "phi",
    },
    days="yyyymmdd",
    birth_days="yyyymmdd",
    impossible=("ngay_nhan", "20230231"),
)  # fmt: skip

BA_RIA_VUNG_TAU = System(
    code="BARIAVUNGTAU",
    file="bariavungtau",
    title="Hệ thống một cửa tỉnh Bà Rịa – Vũng Tàu (bịa)",
    province="77",
    org="H06",
    share=20,
    kind="dump",
    states={
        "submitted": "Mới đăng ký", "accepted": "Được tiếp nhận", "refused": "Không được tiếp nhận",
        "in_process": "Đang xử lý", "awaiting_completion": "Yêu cầu bổ sung", "withdrawn": "Công dân rút",
        "stopped": "Dừng xử lý", "finished": "Đã xử lý xong", "returned": "Đã trả kết quả",
    },
    channels={"counter": "truc tiep", "online": "truc tuyen", "post": "buu chinh"},
    number="format('H06.{}-{}-{}', commune, strftime(received, '%y%m%d'), lpad(place::VARCHAR, 7, '0'))",
    procedure="format('{}.H06', procedure)",
    columns={
        "id": "place",
        "code": "number",
        "procedure_code": "procedure",
        "district_code": "district",
        "ward_code": "commune",
        "received_at": "strftime(received, '%Y-%m-%d %H:%M:%S')",
        "appointed_at": "strftime(due, '%Y-%m-%d %H:%M:%S')",
        "returned_at": "strftime(finished, '%Y-%m-%d %H:%M:%S')",
        "status": "state",
        "channel": "channel",
        "full_name": "name",
        "birthday": "strftime(born, '%Y-%m-%d')",
        "identity_no": "papers",
        "mobile": "phone",
        "address": "address",
        "fee": "fee",
    },
    mapped={
        "number": "code", "procedure": "procedure_code", "state": "status", "channel": "channel",
        "reception": "ward_code", "filed_at": "received_at", "due_at": "appointed_at", "finished_at": "returned_at",
        "applicant_name": "full_name", "applicant_number": "identity_no", "birth_date": "birthday", "phone": "mobile",
        "address": "address", "fee": "fee",
    },
    days="yyyy-mm-dd hh:mm:ss",
    birth_days="yyyy-mm-dd",
    impossible=("received_at", "2023-02-31 08:00:00"),
)  # fmt: skip

SYSTEMS: tuple[System, ...] = (HO_CHI_MINH, BINH_DUONG, BA_RIA_VUNG_TAU)
SYSTEM: Mapping[str, System] = {system.code: system for system in SYSTEMS}

PROCEDURES: tuple[tuple[str, int, int, int], ...] = (
    # code, weight, fee in đồng, days; fees and weights are assumed
    ("2.000815", 40, 8_000, 1), ("2.000884", 10, 10_000, 1), ("1.001193", 12, 0, 1), ("1.000894", 4, 0, 1),
    ("1.000656", 4, 0, 1), ("1.004873", 10, 3_000, 3), ("1.004884", 3, 8_000, 5), ("1.004859", 4, 28_000, 3),
    ("1.001612", 5, 100_000, 3), ("1.001266", 2, 0, 3), ("1.001570", 1, 50_000, 3), ("1.001022", 2, 15_000, 3),
    ("1.004837", 2, 0, 3), ("1.004746", 1, 30_000, 5),
)  # fmt: skip

# What is wrong with a row, of 10,000 rows: the loading has to find each.
ROW_FAULTS: Mapping[str, int] = {
    "day-impossible": 15,
    "procedure-unknown": 15,
    "unit-unknown": 15,
    "state-unknown": 15,
    "fee-negative": 15,
    "number-missing": 15,
    "name-missing": 10,
}
REPEATED = 30  # of 10,000 rows stand in the file twice

# What is wrong with how a system knows a person, of 10,000 people of one system.
PERSON_FAULTS: Mapping[str, int] = {
    "without_marks": 120,  # Nguyen Thi Hoa
    "without_middle": 80,  # Nguyễn Hoa
    "letter_missing": 120,  # Nguyễn Th Hoa
    "i_for_y": 120,
    "day_month_swapped": 250,
    "without_number": 200,
}
OLD_NUMBER = 3_000  # of 10,000 people of one system were entered there with the old number until CARD_DAY
NEW_PHONE = 4  # of 10 people of one system gave another phone there than elsewhere
AWAY = 1_000  # of 10,000 dossiers are filed in another province than the person's own
