"""Signatures of entries with the laboratory's key (Ed25519, optional extra `sign`)."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.frozen import dataclass

Signer = Callable[[str], str]
"""Gives the signature of a digest."""
VARIABLE = "EPILEPSY_PGX_LEDGER_KEY"
"""Environment variable that names the file of the private key (PEM, without a password)."""


_NEW = (
    "A new one takes its place with 'epilepsy-pgx ledger RESULTS --sign --old-key OLD.pem', "
    "or with --lost-key REASON if the old one is lost."
)


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


def _private_key(place: str = "") -> Any:
    """Read a key, that of the environment if none is named."""
    place = place or os.environ.get(VARIABLE, "")
    if not place:
        raise ConfigError.one(
            "ledger-key",
            column=VARIABLE,
            found="no key",
            expected="the file of the private key with which this ledger is signed",
            fix=f"Set {VARIABLE}. {_NEW}",
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


def sign(digest: str, expected: str, place: str = "") -> str:
    """Return the signature of an entry's digest.

    Parameters
    ----------
    expected
        The public key that the ledger names.
    place
        File of the private key, if it is not the one of the environment.

    Raises
    ------
    ConfigError
        If there is no key, or it is another one.
    """
    key = _private_key(place)
    if key.public_key().public_bytes_raw().hex() != expected:
        raise ConfigError.one(
            "ledger-key",
            file=place or ".",
            column="--old-key" if place else VARIABLE,
            found="another key than the one this ledger is signed with",
            expected=f"the key whose public half is {expected[:16]}…",
            fix=f"Name that key. {_NEW}",
        )
    signature: str = key.sign(digest.encode()).hex()
    return signature


@dataclass(frozen=True, slots=True)
class NewKey:
    """What stands for a new key: the old one, or a named person and why the old one is lost."""

    old: str = ""
    """File of the old private key."""
    lost: str = ""
    """Why it is lost."""

    def signer(self, held: str, new: str) -> Signer | None:
        """Return what signs the entry that records a key; None for the key in use, or the first.

        Raises
        ------
        ConfigError
            If a key is replaced and nothing stands for it, or nothing is replaced.
        """
        if bool(held and new != held) != (bool(self.old) != bool(self.lost)):
            raise ConfigError.one(
                "ledger-key",
                column="--old-key or --lost-key",
                found=f"a new key {new[:16]}… in place of {held[:16]}…"
                if held and new != held
                else "no other key than the one in use",
                expected="one of the two options with a new key, none without",
                fix=f"{VARIABLE} names the new key. {_NEW}",
            )
        if not self.old and not self.lost:
            return None
        return (
            partial(sign, expected=new)
            if self.lost
            else partial(sign, expected=held, place=self.old)
        )


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
