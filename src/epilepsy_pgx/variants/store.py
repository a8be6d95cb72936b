"""Genotypes at the curated sites of one set of samples, as arrays."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.files import make_folder, open_output, write_text
from epilepsy_pgx.variants.sites import DOUBTFUL, OTHER, UNKNOWN, SiteList
from epilepsy_pgx.vocabulary import SiteStatus

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


_ARRAYS = ("alleles", "status", "reason", "phase", "depth", "quality")


def save_store(store: GenotypeStore, folder: Path) -> str:
    """Write a store to a folder, arrays first, manifest last; return its digest."""
    make_folder(folder)
    digests = {}
    for name in _ARRAYS:
        array: NDArray[np.generic] = getattr(store, name)
        with open_output(folder / f"{name}.npy") as handle:
            np.save(handle, np.ascontiguousarray(array))
        digests[name] = hashlib.sha256((folder / f"{name}.npy").read_bytes()).hexdigest()
    # Written last: a folder without a manifest is an interrupted write.
    manifest = {
        "build": store.sites.build.value,
        "samples": list(store.samples),
        "sites": [s.name for s in store.sites.sites],
        "notes": store.notes,
        "arrays": digests,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    write_text(folder / "manifest.json", text)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def open_store(folder: Path, sites: SiteList) -> GenotypeStore:
    """Open a saved store, memory-mapped.

    Raises
    ------
    ValueError
        If the store was made from other tables than `sites`.
    """
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest["sites"] != [s.name for s in sites.sites]:
        raise ValueError("the store was made from another version of the curated tables")
    # Memory-mapped, since a batch reads a few columns of a large store.
    arrays = {n: np.load(folder / f"{n}.npy", mmap_mode="r") for n in _ARRAYS}
    return GenotypeStore(sites, tuple(manifest["samples"]), notes=manifest["notes"], **arrays)


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
    "open_store",
    "save_store",
]
