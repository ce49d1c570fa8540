"""What officials do at the desk that is not a step of a dossier: try to sign in, keep a view."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction

from motcua.desk.models import SavedView
from motcua.desk.rules import FORGET_AFTER, PATIENCE, wait_after
from motcua.kernel.errors import Permanent

VIEWS = 20  # saved views of one account


def try_to_sign_in(*, name: str, place: str, now: datetime) -> timedelta:
    """Count a try before the password is looked at; gives how long one must wait first, zero to go on.

    A try that must wait is not counted, so that waiting helps. Counted beforehand, a thousand tries at once are as
    slow as a thousand in a row.
    """
    keys = _keys(name, place)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM desk_signintry WHERE last_at < %s", [now - FORGET_AFTER])
        for key in sorted(keys):
            cursor.execute(
                "INSERT INTO desk_signintry (key, wrong, last_at) VALUES (%s, 0, %s) ON CONFLICT (key) DO NOTHING",
                [key, now],
            )
        cursor.execute(
            "SELECT key, wrong, last_at FROM desk_signintry WHERE key = ANY(%s) ORDER BY key FOR UPDATE", [list(keys)]
        )
        found = {key: (wrong, last_at) for key, wrong, last_at in cursor.fetchall()}
        waits = [
            found[key][1] + wait_after(found[key][0], PATIENCE[kind]) - now
            for key, kind in keys.items()
            if found[key][0]
        ]
        longest = max(waits, default=timedelta())
        if longest > timedelta():
            return longest
        cursor.execute(
            "UPDATE desk_signintry SET wrong = wrong + 1, last_at = %s WHERE key = ANY(%s)", [now, list(keys)]
        )
    return timedelta()


def signed_in(*, name: str, place: str) -> None:
    """The password was right: what was counted against this account and this place is forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM desk_signintry WHERE key = ANY(%s)", [list(_keys(name, place))])


def _keys(name: str, place: str) -> Mapping[str, str]:
    account = name.casefold()
    said = {"account at place": f"{account}\0{place}", "account": account, "place": place}
    return {hashlib.sha256(f"{kind}\0{text}".encode()).hexdigest(): kind for kind, text in said.items()}


def keep_view(*, account: int, name: str, slug: str, query: str) -> None:
    """Keep a list with its filters under a name; the same name again takes the new filters."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:
        raise Permanent("view-name", "Tên góc nhìn dài từ 1 đến 60 ký tự.", mend="Ghi một tên ngắn.")
    if len(query) > 400:
        raise Permanent("view-query", "Bộ lọc này quá dài để lưu.", mend="Bỏ bớt điều kiện lọc.")
    mine = SavedView.objects.filter(account_id=account)
    if mine.exclude(name=name).count() >= VIEWS:
        raise Permanent("views-full", f"Mỗi tài khoản lưu được {VIEWS} góc nhìn.", mend="Xóa bớt một góc nhìn cũ.")
    SavedView.objects.update_or_create(account_id=account, name=name, defaults={"slug": slug, "query": query})


def drop_view(*, account: int, view: int) -> None:
    """Remove a view of this account; another account's stays."""
    SavedView.objects.filter(account_id=account, id=view).delete()
