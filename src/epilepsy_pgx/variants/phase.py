"""Whether `|` means phase over whole chromosomes: only if nothing in the files speaks against it.

A file that was phased by a panel of haplotypes marks every heterozygous call of a sample. One
call with `/`, or one of a phase set, shows that its sample was phased by reads, interval by
interval, wherever in the files it stands.
"""

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.variants.record import Record, some
from epilepsy_pgx.variants.store import GLOBAL_PHASE


class PhaseWitness:
    """Takes in records; finds the samples whose phase does not hold over a chromosome."""

    def __init__(self, samples: int, *, several_files: bool, local: bool) -> None:
        """Begin without doubt.

        Parameters
        ----------
        several_files
            True if the samples stand in more than one file.
        local
            True if a header or a FORMAT key of any file speaks of local phase.
        """
        self.against: NDArray[np.bool_] = np.full(samples, local)
        """True for each sample in which `|` ties no two records."""
        self._several = several_files
        self._file: dict[str, NDArray[np.int32]] = {}

    def add(self, record: Record, file: int) -> None:
        """Take in one record of a file, given by its number."""
        if record.plain:
            # Nobody has two different alleles here.
            return
        loose = record.phase != GLOBAL_PHASE
        if not self._several and not some(loose):
            return
        first, second = record.first, record.second
        mixed = (first != second) & (second != -2) & (np.maximum(first, second) > 0)
        self.against |= mixed & loose
        if self._several:
            # Two files were phased one by one: which copy comes first in them is by chance.
            marked = mixed & ~loose
            of = self._file.setdefault(record.chrom, np.full(len(first), -1, np.int32))
            self.against |= marked & (of >= 0) & (of != file)
            of[marked] = file
