"""Signatures of entries with the laboratory's key (Ed25519, optional extra `sign`)."""

import os
from pathlib import Path
from typing import Any

from epilepsy_pgx.errors import ConfigError

VARIABLE = "EPILEPSY_PGX_LEDGER_KEY"
"""Environment variable that names the file of the private key (PEM, without a password)."""


def _library() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise ConfigError.one(
            "sign-extra",
            column=VARIABLE,
            found="no cryptography",
            expected="the optional extra 'sign'",
            fix="pip install 'epilepsy-pgx[sign]'",
        ) from None
    return serialization, ed25519


def _private_key() -> Any:
    """Read the key that the environment names."""
    place = os.environ.get(VARIABLE, "")
    if not place:
        raise ConfigError.one(
            "ledger-key",
            column=VARIABLE,
            found="no key",
            expected="the file of the private key with which this ledger is signed",
            fix=f"Set {VARIABLE}.",
        )
    serialization, ed25519 = _library()
    try:
        key = serialization.load_pem_private_key(Path(place).read_bytes(), None)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise ConfigError.one(
            "ledger-key",
            file=place,
            column=VARIABLE,
            found="no such key",
            expected="an Ed25519 private key as PEM, without a password",
            fix=f"openssl genpkey -algorithm ed25519 -out {place}",
        )
    return key


def public_key() -> str:
    """Return the public half of the key that the environment names, as hexadecimal digits."""
    found: str = _private_key().public_key().public_bytes_raw().hex()
    return found


def sign(digest: str, expected: str) -> str:
    """Return the signature of an entry's digest.

    Parameters
    ----------
    expected
        The public key that the ledger names.

    Raises
    ------
    ConfigError
        If there is no key, or it is another one.
    """
    key = _private_key()
    if key.public_key().public_bytes_raw().hex() != expected:
        raise ConfigError.one(
            "ledger-key",
            column=VARIABLE,
            found="another key than the one this ledger is signed with",
            expected=f"the key whose public half is {expected[:16]}…",
            fix="Name that key, or record the new one with 'epilepsy-pgx ledger --sign'.",
        )
    signature: str = key.sign(digest.encode()).hex()
    return signature


def is_signed(digest: str, signature: str, key: str) -> bool:
    """Say whether a signature of a digest is by a key."""
    _, ed25519 = _library()
    from cryptography.exceptions import InvalidSignature

    try:
        public = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), digest.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
