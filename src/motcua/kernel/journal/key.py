"""The key that signs seals: Ed25519, in settings.JOURNAL_KEY, made at first use.

Beside it lies the public half of each key ever made here, `journal-XXXXXXXX.pub`. To change the key, move the
private file away: the next seal makes a new one, and what the old one signed stays trusted.
"""

import base64
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from motcua.kernel.errors import Permanent


def private(path: Path | None = None) -> Ed25519PrivateKey:
    """The signing key; of two processes that make it at once, one wins and both use its key."""
    path = path or Path(settings.JOURNAL_KEY)
    if not path.exists():
        _make(path)
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Permanent("journal-key", "The journal's key isn't Ed25519.", mend=f"Move {path.name} away.")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # another process made it first
    finally:
        draft.unlink()
    raw = public_bytes(key)
    path.with_name(f"journal-{raw.hex()[:8]}.pub").write_text(base64.b64encode(raw).decode() + "\n", encoding="ascii")


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public half."""
    return key.public_key().public_bytes_raw()


def trusted() -> frozenset[bytes]:
    """The public keys whose seals this installation believes."""
    path = Path(settings.JOURNAL_KEY)
    keys = {base64.b64decode(pub.read_text(encoding="ascii")) for pub in path.parent.glob("journal-*.pub")}
    return frozenset(keys | ({public_bytes(private(path))} if path.exists() else set()))


@lru_cache(maxsize=16)
def _public(key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key)


def signed(key: bytes, signature: bytes, text: str) -> bool:
    """Whether this key signed this text."""
    try:
        _public(key).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
