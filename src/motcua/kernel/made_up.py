"""Words of which made-up people and firms are named, wherever this software needs some. Nobody is meant by any of them.

A name that is more common stands several times.
"""

FAMILY = (
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Phạm", "Hoàng", "Huỳnh", "Phan",
    "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh", "Trương", "Mai", "Tô", "Lâm", "Trịnh",
    "Đoàn",
)  # fmt: skip
MIDDLE_WOMEN = (
    "Thị", "Thị", "Thị", "Ngọc", "Thu", "Thanh", "Kim", "Minh", "Hồng", "Bích", "Phương", "Mỹ",
)  # fmt: skip
MIDDLE_MEN = (
    "Văn", "Văn", "Văn", "Đức", "Hữu", "Quang", "Minh", "Quốc", "Công", "Xuân", "Thành", "Anh",
)  # fmt: skip
GIVEN_WOMEN = (
    "Anh", "Châu", "Dung", "Hà", "Hạnh", "Hiền", "Hoa", "Hương", "Lan", "Linh", "Mai", "Nga", "Ngân", "Nhung",
    "Oanh", "Quyên", "Thảo", "Trang", "Vân", "Yến",
)  # fmt: skip
GIVEN_MEN = (
    "Bình", "Cường", "Dũng", "Đạt", "Hải", "Hiếu", "Hùng", "Huy", "Khánh", "Long", "Nam", "Nghĩa", "Phong", "Phúc",
    "Quân", "Sơn", "Tâm", "Thắng", "Tuấn", "Việt",
)  # fmt: skip
TRADES = (
    "Thương mại", "Xây dựng", "Vận tải", "Dịch vụ", "Nông sản", "Cơ khí", "Dược phẩm", "Giáo dục",
)  # fmt: skip
