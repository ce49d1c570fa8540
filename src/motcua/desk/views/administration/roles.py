"""How roles are called: on screens, and in tables that offices fill in."""

from django.utils.translation import gettext_noop

from motcua.identity.api import Role
from motcua.kernel.text import fold

NAMES: dict[Role, str] = {
    Role.RECEPTION: gettext_noop("tiếp nhận"),
    Role.HANDLER: gettext_noop("thụ lý"),
    Role.APPROVER: gettext_noop("thẩm định"),
    Role.SIGNATORY: gettext_noop("ký duyệt"),
    Role.LEADER: gettext_noop("lãnh đạo"),
    Role.ADMINISTRATOR: gettext_noop("quản trị"),
}
_BY_WORD = {fold(word): role for role, name in NAMES.items() for word in (name, role.value)}


def role_from(typed: str) -> Role | None:
    """The role meant by a word, with or without tone marks."""
    return _BY_WORD.get(fold(typed))
