"""Keys as bytes and files: making them, keeping the private half, signing, checking, sealing and opening with them."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.conf import settings

from motcua.kernel.errors import Permanent
from motcua.signing.rules import SEALED_WITH, Algorithm, base64url, thumbprint

T = TypeVar("T")
R = TypeVar("R")
SMALLEST_RSA = 2048  # bits
MANY = 32  # from so many on it pays to use the other cores
SEAL = [Algorithm.ECDH.value, SEALED_WITH]
PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA512()), salt_length=hashes.SHA512.digest_size)


def folder() -> Path:
    return Path(settings.SIGNING_KEYS)


def make(algorithm: Algorithm = Algorithm.EDDSA) -> tuple[str, bytes]:
    """Make a key and keep its private half in a file that only its owner reads; its name and public half."""
    key = X25519PrivateKey.generate() if algorithm is Algorithm.ECDH else Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    _, kid = read_public(public)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(folder() / f"{kid}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return kid, public


def is_here(kid: str) -> bool:
    """Whether this node holds the private half."""
    return (folder() / f"{kid}.pem").is_file()


def sign(items: Sequence[tuple[str, bytes]]) -> list[bytes]:
    """Sign each with a private half of this node, which it names."""
    place = str(settings.SIGNING_KEYS)
    return _on_all_cores(lambda item: _private(place, item[0]).sign(item[1]), items)


def verified(items: Sequence[tuple[bytes, Algorithm, bytes, bytes]]) -> list[bool]:
    """Of each key (DER), algorithm, signature and bytes: whether this key signed these bytes with this algorithm."""
    return _on_all_cores(lambda item: _verified(*item), items)


def _on_all_cores(act: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """What `act` makes of each, in order. OpenSSL lets other threads run while it reckons."""
    cores = os.cpu_count() or 1
    if len(items) < MANY or cores == 1:
        return [act(item) for item in items]
    size = -(-len(items) // cores)
    parts = [items[at : at + size] for at in range(0, len(items), size)]
    others = [_threads().submit(lambda part: [act(item) for item in part], part) for part in parts[1:]]
    done = [act(item) for item in parts[0]]
    return [*done, *(result for other in others for result in other.result())]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), "signing")


@lru_cache(maxsize=4096)
def _private(place: str, kid: str) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key((Path(place) / f"{kid}.pem").read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Permanent("key-kind", "Khóa riêng không phải Ed25519.", mend="Tạo khóa bằng: motcua signing make.")
    return key


def read_public(der: bytes) -> tuple[Algorithm, str]:
    """What a public half can be used for, and its name; Permanent for kinds that are not accepted."""
    key = _public(der)
    if isinstance(key, Ed25519PublicKey | X25519PublicKey):
        algorithm = Algorithm.EDDSA if isinstance(key, Ed25519PublicKey) else Algorithm.ECDH
        return algorithm, thumbprint(algorithm, {"x": base64url(key.public_bytes_raw())})
    numbers = key.public_numbers()
    e, n = (base64url(x.to_bytes((x.bit_length() + 7) // 8, "big")) for x in (numbers.e, numbers.n))
    return Algorithm.PS512, thumbprint(Algorithm.PS512, {"e": e, "n": n})


def _verified(der: bytes, algorithm: Algorithm, signature: bytes, data: bytes) -> bool:
    key = _public(der)
    try:
        if isinstance(key, Ed25519PublicKey) and algorithm is Algorithm.EDDSA:
            key.verify(signature, data)
            return True
        if isinstance(key, rsa.RSAPublicKey) and algorithm is Algorithm.PS512:
            key.verify(signature, data, PSS, hashes.SHA512())
            return True
    except InvalidSignature:
        return False
    return False


def seal(kid: str, der: bytes, plain: bytes) -> str:
    """Seal bytes for the holder of the private half: a JWE in its compact form."""
    from joserfc import jwe  # only who seals or opens waits for it
    from joserfc.jwk import OKPKey

    pem = _public(der).public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": Algorithm.ECDH.value, "enc": SEALED_WITH, "kid": kid}
    return jwe.encrypt_compact(header, plain, OKPKey.import_key(pem), algorithms=SEAL)


def unseal(kid: str, sealed: str) -> bytes:
    """What was sealed for a key of this node; ValueError where it was not, or was tampered with."""
    from joserfc import jwe
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    key = OKPKey.import_key((folder() / f"{kid}.pem").read_bytes())
    try:
        plain = jwe.decrypt_compact(sealed, key, algorithms=SEAL).plaintext
    except JoseError as error:
        raise ValueError("not sealed for this key") from error
    if plain is None:
        raise ValueError("nothing in it")
    return plain


@lru_cache(maxsize=16384)
def _public(der: bytes) -> Ed25519PublicKey | X25519PublicKey | rsa.RSAPublicKey:
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Permanent("key-unreadable", "Không đọc được khóa công khai.", mend="Gửi khóa ở dạng SPKI DER.") from error
    if isinstance(key, Ed25519PublicKey | X25519PublicKey) or (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA
    ):
        return key
    raise Permanent(
        "key-kind", "Loại khóa này không được nhận.", mend="Dùng Ed25519, RSA từ 2048 bit cho PS512, hoặc X25519."
    )
