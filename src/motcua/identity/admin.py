"""Who signs in, in the operators' admin: no names and no passwords, and nobody who files."""

from django.contrib import admin
from django.contrib.auth.models import Group

from motcua.identity.models import Account, Position, Token
from motcua.kernel.operators import show

admin.site.unregister(Group)  # positions say what someone may do, Django's groups say nothing here

_ACCOUNT = ("username", "official_id", "is_active", "is_staff", "is_superuser", "one_time", "last_login", "date_joined")
_TOKEN = ("id", "name", "agencies", "roles", "issued_at", "expires_at", "revoked_at")

show(Account, _ACCOUNT, search=("username",), filters=("is_active", "is_staff"), fields=_ACCOUNT)
show(
    Position,
    ("id", "official_id", "agency_id", "role", "title", "valid_from", "valid_to"),
    search=("title",),
    filters=("role",),
    fields=("id", "official_id", "agency_id", "role", "title", "valid_from", "valid_to"),
)
show(Token, _TOKEN, search=("name",), fields=_TOKEN)
