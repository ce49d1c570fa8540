"""The dossier's code (mã số hồ sơ) and the secret that opens it to its applicant.

TT 03/2025/TT-VPCP art. 13(1): identifier of the receiving agency, day of reception, number within the day.
"""

import hashlib
import hmac
import re
from datetime import date
from functools import lru_cache

CODE = re.compile(r"(?P<org>[A-Z0-9]{1,35}(?:\.[A-Z0-9]+)*)-(?P<day>\d{6}|\d{8})-(?P<number>\d{4,})")

# Without 0 O 1 I L: read aloud and typed from paper without mistakes.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SECRET_LENGTH = 8


def code(org: str, day: date, number: int) -> str:
    """`H29.101.01-261122-0001`: at least four digits, more when a day needs them."""
    return f"{org}-{_written(day)}-{number:04d}"


@lru_cache(maxsize=64)
def _written(day: date) -> str:
    return f"{day:%y%m%d}"


def looks_like_code(text: str) -> bool:
    return CODE.fullmatch(text) is not None


def secret(key: bytes, dossier_code: str) -> str:
    """Eight signs printed on the slip. Derived from the installation's key, so that nothing is stored to be stolen."""
    keyed = hashlib.blake2b(dossier_code.encode(), digest_size=8, key=key[:64])  # a tenth of the time of an HMAC
    digest = int.from_bytes(keyed.digest())
    signs = []
    for _ in range(SECRET_LENGTH):
        digest, place = divmod(digest, len(ALPHABET))
        signs.append(ALPHABET[place])
    return "".join(signs)


def secret_fits(key: bytes, dossier_code: str, given: str) -> bool:
    """Compared in constant time, forgiving of case and spaces."""
    return hmac.compare_digest(secret(key, dossier_code).encode(), given.replace(" ", "").upper().encode())


def masked(name: str) -> str:
    """What a passer-by with a code may see of a name: "Nguyễn Thị Mai" gives "N… T… Mai"."""
    words = name.split()
    return " ".join([*(word[0] + "…" for word in words[:-1]), words[-1]]) if words else ""
