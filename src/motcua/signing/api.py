"""The front door of signing."""

from motcua.signing.actions import NewKey, accept_keys, make_keys, seal, sign, withdraw
from motcua.signing.queries import Signed, Signer, all_keys, keys_of, signs_here, unseal, verify
from motcua.signing.rules import Algorithm, Key

__all__ = [
    "Algorithm",
    "Key",
    "NewKey",
    "Signed",
    "Signer",
    "accept_keys",
    "all_keys",
    "keys_of",
    "make_keys",
    "seal",
    "sign",
    "signs_here",
    "unseal",
    "verify",
    "withdraw",
]
