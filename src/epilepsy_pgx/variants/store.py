"""Genotypes at the curated sites of one set of samples, as arrays."""

from dataclasses import field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.files import make_folder, open_output, write_text
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.records import (
    DamagedRecordError,
    file_digest,
    read_record,
    record_text,
    text_digest,
)
from epilepsy_pgx.variants.sites import DOUBTFUL, OTHER, UNKNOWN, SiteList
from epilepsy_pgx.vocabulary import GenomeBuild, SiteStatus

STATUS_CODES: tuple[SiteStatus, ...] = tuple(SiteStatus)
"""Order of the status codes in the arrays."""
STATUS_OF = {status: code for code, status in enumerate(STATUS_CODES)}

REASONS: tuple[str, ...] = (
    ".",
    "no record covers the position",
    "genotype missing",
    "one allele missing",
    "genotype quality below the threshold",
    "depth below the threshold",
    "allele balance outside the thresholds",
    "record filtered",
    "REF differs from the reference genome of the stated build",
    "records for this position contradict each other",
    "declared callable, no record",
    "imputed, not genotyped with certainty",
    "ploidy other than two",
    "depth or quality missing where the record has the field",
    "read; its quality, depth or reads are not stated",
)
"""Why a site has its status, by code."""

NOT_JUDGED = len(REASONS) - 1
"""Reason of a position whose genotype counts, although its quality is not stated."""

_FAILED = (SiteStatus.LOW_QUALITY, SiteStatus.CONFLICT)
UNPHASED = -1
GLOBAL_PHASE = 0


@dataclass
class GenotypeStore:
    """Curated sites x samples.

    Shapes: `alleles` int8 [site, sample, 2], codes of `Site.alleles`, -1 unknown, 100 not
    listed; `status` and `reason` uint8 [site, sample]; `phase` int32 [site, sample]: -1
    unphased, 0 phased over the whole chromosome, above 0 a phase set of that sample;
    `depth` and `quality` int32 [site, sample], -1 missing.
    """

    sites: SiteList
    samples: tuple[str, ...]
    alleles: NDArray[np.int8]
    status: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    phase: NDArray[np.int32]
    depth: NDArray[np.int32]
    quality: NDArray[np.int32]
    notes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls, sites: SiteList, samples: tuple[str, ...]) -> "GenotypeStore":
        """Return a store in which nothing was assessed."""
        shape = (len(sites), len(samples))
        return cls(
            sites,
            samples,
            np.full((*shape, 2), UNKNOWN, np.int8),
            np.full(shape, STATUS_OF[SiteStatus.NOT_ASSESSED], np.uint8),
            np.full(shape, 1, np.uint8),
            np.full(shape, UNPHASED, np.int32),
            np.full(shape, -1, np.int32),
            np.full(shape, -1, np.int32),
        )

    def usable(self) -> NDArray[np.int8]:
        """Return the alleles with everything that is not to be trusted set to unknown."""
        trusted = (SiteStatus.CALLED, SiteStatus.REFERENCE, SiteStatus.PARTIAL)
        keep = np.array([0 if s in trusted else UNKNOWN for s in STATUS_CODES], np.int8)
        # UNKNOWN has all bits set: joined with any code it gives itself, and 0 leaves the code.
        mask = keep.take(self.status)
        usable: NDArray[np.int8] = self.alleles.copy()
        usable[:, :, 0] |= mask
        usable[:, :, 1] |= mask
        return usable

    def evidence(self) -> NDArray[np.int8]:
        """Return the usable alleles, with `DOUBTFUL` where a failed call carries a rare allele.

        Such a position is not merely missing: what was seen there speaks against the default.
        """
        failed = np.isin(self.status, [STATUS_OF[s] for s in _FAILED])
        # Code 0 is the default allele; a failed call of it alone is merely missing.
        failed &= (self.alleles > 0).any(axis=2)
        evidence = self.usable()
        evidence[failed] = DOUBTFUL
        return evidence

    def take(self, columns: NDArray[np.intp]) -> "GenotypeStore":
        """Return the store of some samples, in the order asked for."""
        return GenotypeStore(
            self.sites,
            tuple(self.samples[i] for i in columns),
            self.alleles[:, columns],
            self.status[:, columns],
            self.reason[:, columns],
            self.phase[:, columns],
            self.depth[:, columns],
            self.quality[:, columns],
            self.notes,
        )


_SHAPES: dict[str, tuple[type[np.generic], int]] = {
    "alleles": (np.int8, 3),
    "status": (np.uint8, 2),
    "reason": (np.uint8, 2),
    "phase": (np.int32, 2),
    "depth": (np.int32, 2),
    "quality": (np.int32, 2),
}
"""Kind of number and dimensions of each array."""


class _Manifest(msgspec.Struct, frozen=True):
    """What the arrays of a folder are."""

    build: GenomeBuild
    samples: tuple[str, ...]
    sites: tuple[str, ...]
    notes: dict[str, str]
    arrays: dict[str, str]
    """Digest of the file, by array."""


def save_store(store: GenotypeStore, folder: Path) -> str:
    """Write a store to a folder, arrays first, manifest last; return its digest."""
    make_folder(folder)
    digests = {n: save_array(getattr(store, n), folder / f"{n}.npy") for n in _SHAPES}
    names = tuple(s.name for s in store.sites.sites)
    manifest = _Manifest(store.sites.build, store.samples, names, store.notes, digests)
    text = record_text(manifest, indent=1)
    # Written last: a folder without a manifest is an interrupted write.
    write_text(folder / "manifest.json", text)
    return text_digest(text)


def open_store(folder: Path, sites: SiteList, digest: str | None = None) -> GenotypeStore:
    """Open a saved store, memory-mapped.

    Parameters
    ----------
    digest
        What `save_store` said; None if nothing holds it.

    Raises
    ------
    ValueError
        If the store was made from other tables than `sites`, or is not as it was written.
    """
    manifest = read_record(folder / "manifest.json", _Manifest, digest)
    if (manifest.build, manifest.sites) != (sites.build, tuple(s.name for s in sites.sites)):
        raise DamagedRecordError("the store was made from another version of the curated tables")
    arrays: dict[str, NDArray[Any]] = {}
    for name, (kind, dimensions) in _SHAPES.items():
        if name not in manifest.arrays:
            raise DamagedRecordError(f"manifest.json lacks {name}")
        shape = (len(sites), len(manifest.samples), 2)[:dimensions]
        arrays[name] = open_array(folder / f"{name}.npy", kind, shape, manifest.arrays[name])
    return GenotypeStore(sites, manifest.samples, notes=manifest.notes, **arrays)


def save_array(array: NDArray[Any], path: Path) -> str:
    """Write an array and return the digest of its file."""
    with open_output(path) as handle:
        np.save(handle, np.ascontiguousarray(array))
    return file_digest(path)


def open_array(
    path: Path, kind: type[np.generic], shape: tuple[int, ...], digest: str
) -> NDArray[Any]:
    """Open an array, memory-mapped.

    Raises
    ------
    DamagedRecordError
        If its file is not as it was written, or its numbers are not those expected.
    """
    try:
        whole = file_digest(path) == digest
        # Memory-mapped, since a batch reads a few columns of a large store.
        array: NDArray[Any] | None = np.load(path, mmap_mode="r") if whole else None
    except (OSError, ValueError) as error:
        raise DamagedRecordError(f"{path.name} cannot be read") from error
    if array is None:
        raise DamagedRecordError(f"{path.name} is not as it was written")
    if array.dtype != kind or array.shape != shape:
        raise DamagedRecordError(f"{path.name} has numbers of another kind or size")
    # As a plain array: a memory map runs Python code whenever it is looked into.
    return array.view(np.ndarray)


__all__ = [
    "GLOBAL_PHASE",
    "NOT_JUDGED",
    "OTHER",
    "REASONS",
    "STATUS_CODES",
    "STATUS_OF",
    "UNKNOWN",
    "UNPHASED",
    "GenotypeStore",
    "open_array",
    "open_store",
    "save_array",
    "save_store",
]
