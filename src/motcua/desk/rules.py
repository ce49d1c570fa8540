"""What the desk shows whom: the work lists as rows, and how long a wrong password makes one wait. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from motcua.identity.rules import Role

R = Role


@dataclass(frozen=True, slots=True)
class DeskList:
    """A work list (danh sách việc): its word in the address, which list of the dossiers it is, and whose."""

    slug: str
    name: str  # of the list in dossiers
    roles: frozenset[Role]
    kind: str = ""  # "late" is said in its colour while there is something in it


def _row(slug: str, name: str, *roles: Role, kind: str = "") -> DeskList:
    return DeskList(slug, name, frozenset(roles), kind)


# A leader sees every list of the agency; an administrator has none.
LISTS: tuple[DeskList, ...] = (
    _row("truc-tuyen-moi", "new", R.RECEPTION, R.LEADER),
    _row("cho-chuyen", "to_hand_over", R.RECEPTION, R.LEADER),
    _row("dang-xu-ly", "in_hand", R.HANDLER, R.LEADER),
    _row("cho-duyet", "to_approve", R.APPROVER, R.LEADER),
    _row("cho-ky", "to_sign", R.SIGNATORY, R.LEADER),
    _row("cho-tra-ket-qua", "to_return", R.RECEPTION, R.LEADER),
    _row("han-hom-nay", "due_today", *(set(R) - {R.ADMINISTRATOR})),
    _row("qua-han", "overdue", *(set(R) - {R.ADMINISTRATOR}), kind="late"),
    _row("cho-nguoi-nop", "waiting", R.RECEPTION, R.HANDLER, R.LEADER),
    _row("cho-co-quan-khac", "asked", R.HANDLER, R.LEADER),
    _row("duoc-lay-y-kien", "consulted", R.HANDLER, R.LEADER),
    _row("ngoai-dia-gioi", "elsewhere", R.RECEPTION, R.LEADER),
    _row("tat-ca", "all", *(set(R) - {R.ADMINISTRATOR})),
)
BY_SLUG = {row.slug: row for row in LISTS}


def lists_of(roles: Iterable[Role]) -> tuple[DeskList, ...]:
    """The lists of a position with these roles, in order; the first is where its day begins."""
    held = frozenset(roles)
    return tuple(row for row in LISTS if row.roles & held)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many wrong passwords are free, and how long the wait grows after them."""

    free: int
    longest: timedelta


# One place guessing at one account waits long. An account alone or a place alone waits little, so that nobody can
# lock an official out from elsewhere, nor one official a whole office behind one address.
PATIENCE = {
    "account at place": Patience(5, timedelta(minutes=15)),
    "account": Patience(20, timedelta(minutes=1)),
    "place": Patience(30, timedelta(minutes=1)),
}
FORGET_AFTER = timedelta(minutes=30)


def wait_after(wrong: int, patience: Patience) -> timedelta:
    """How long after the last of so many wrong passwords the next is looked at: 1, 2, 4, 8 … seconds past the free."""
    over = wrong - patience.free
    if over <= 0:
        return timedelta()
    return min(timedelta(seconds=2 ** min(over - 1, 20)), patience.longest)


MOST_AT_ONCE = 200


# What an official says with a step, beside the reason that its row in the table asks for.
SAYS_AGENCY = frozenset({"consult"})
SAYS_NEW_DUE = frozenset({"extend"})


def asks(step: str, needs_reason: bool, brings: str) -> bool:
    """Whether anything has to be, or can be, said with the step before it is taken."""
    return bool(needs_reason or brings or step in SAYS_AGENCY | SAYS_NEW_DUE)
