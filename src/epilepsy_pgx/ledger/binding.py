"""What binds sample, file and accession, signed with the laboratory's key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.files import write_text
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.ledger.editions import digest_of
from epilepsy_pgx.ledger.signing import is_signed, public_key, sign
from epilepsy_pgx.model import PatientReport

FILE = "bound.json"
"""Name of the signed binding, beside the sample sheet that it speaks of."""
SHEET = "samples.tsv"
_VCF = "VCF"
_FIX = "Exclude a swap: compare tube, file and order."


@dataclass(frozen=True, slots=True)
class BoundFile:
    """One accession and what it was bound to when it was ordered."""

    accession: str
    sample_id: str
    digests: tuple[str, ...]
    """`sha256:…` of each of its files."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The accepted rows of a manifest, the sheet made of them, and who stands for both."""

    bound: tuple[BoundFile, ...]
    sheet: str
    """Digest of the sample sheet."""
    public_key: str
    signature: str = ""

    @property
    def digest(self) -> str:
        """Digest of all that is signed."""
        return digest_of(msgspec.json.encode((self.bound, self.sheet, self.public_key)))


def write_binding(bound: Iterable[BoundFile], folder: Path) -> Path:
    """Sign what is bound, and the sample sheet of a folder, with the key of the environment.

    Raises
    ------
    ConfigError
        If there is no key, or the extra `sign` is lacking.
    """
    key = public_key()
    sheet = digest_of((folder / SHEET).read_bytes())
    plain = Binding(tuple(sorted(bound, key=lambda b: b.accession)), sheet, key)
    made = replace(plain, signature=sign(plain.digest, key))
    path = folder / FILE
    write_text(path, msgspec.json.format(msgspec.json.encode(made)).decode() + "\n")
    return path


def read_binding(path: Path) -> Binding:
    """Read a signed binding, or that of a folder.

    Raises
    ------
    InputError
        If there is none, or it is no such file.
    """
    place = path / FILE if path.is_dir() else path
    try:
        return msgspec.json.decode(place.read_bytes(), type=Binding)
    except (OSError, msgspec.MsgspecError):
        raise InputError.one(
            "manifest-signed",
            file=str(place),
            column="--manifest",
            found="no signed manifest",
            expected=f"a folder of 'orders --sign', with its {FILE}",
        ) from None


class BindingChecker:
    """Holds signed bindings, and the reports that were released of them, against each other.

    Parameters
    ----------
    paths
        Folders that `orders` wrote, or their signed files.
    keys
        Keys with which the laboratory has signed, as hexadecimal digits.
    """

    def __init__(self, paths: Sequence[Path], keys: frozenset[str]) -> None:
        self._read = [(p / FILE if p.is_dir() else p, read_binding(p)) for p in paths]
        self._keys = keys
        self._by_accession: Mapping[str, BoundFile] = {
            b.accession: b for _, binding in self._read for b in binding.bound
        }

    def files(self) -> Iterator[Problem]:
        """Yield what is wrong with the signed files, and with the sheets beside them."""
        for path, binding in self._read:
            if binding.public_key not in self._keys:
                found = f"a manifest signed with {binding.public_key[:16] or 'no key'}…"
                yield _problem(path, found, "the key that the ledger names")
            elif not is_signed(binding.digest, binding.signature, binding.public_key):
                yield _problem(path, "a manifest that was changed", "the manifest as it was signed")
            sheet = path.with_name(SHEET)
            if not sheet.is_file() or digest_of(sheet.read_bytes()) != binding.sheet:
                yield _problem(sheet, "another sample sheet", f"{binding.sheet[:23]}…")

    def report(self, report: PatientReport, place: Path) -> Iterator[Problem]:
        """Yield what of a released report is not as it was bound."""
        accession = report.patient.accession
        if not self._read:
            return
        used = {f.digest for f in report.provenance.inputs if f.role == _VCF}
        if not accession:
            if any(self._means(b, report, used) for b in self._by_accession.values()):
                yield _problem(place, "a report without the accession of its file", "its accession")
            return
        bound = self._by_accession.get(accession)
        if bound is None:
            yield _problem(place, "a report whose accession no manifest binds", "all manifests")
            return
        if bound.sample_id != report.patient.sample_id:
            yield _problem(
                place, "another sample than the one bound", "the sample of its accession"
            )
        if used - set(bound.digests):
            yield _problem(place, "another file than the one bound", "the file of its accession")

    @staticmethod
    def _means(bound: BoundFile, report: PatientReport, used: set[str]) -> bool:
        """Say whether a report is about what an accession was bound to."""
        return bound.sample_id == report.patient.sample_id or not used.isdisjoint(bound.digests)


def _problem(place: Path, found: str, expected: str) -> Problem:
    return Problem(str(place), 0, ".", "manifest-signed", found, expected, _FIX)
