"""What the tests of the portal share: a citizen who has signed in."""

from django.test import Client

from motcua.portal.gate import CITIZEN

KNOWN = {
    "kind": "citizen",
    "number": "001090000017",
    "name": "Nguyễn Thị Mai",
    "birth_date": "1990-05-17",
    "sex": "Nữ",
    "address": "12 phố Quan Thánh, phường Ba Đình, thành phố Hà Nội",
    "phone": "0900000017",
    "email": "",
}


def signed_in(**known: str) -> Client:
    """A browser in which this citizen has signed in with the identity app."""
    client = Client()
    session = client.session
    session[CITIZEN] = KNOWN | known
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    return client
