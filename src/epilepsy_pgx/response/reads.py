"""Which columns of the clinical entry are read to work something out.

What is worked out without reading a column is the same whatever the column holds, so that it need
not be worked out again where only others differ.
"""

from collections.abc import Callable
from functools import cached_property
from typing import cast

from epilepsy_pgx.clinical_entry import ClinicalEntry
from epilepsy_pgx.frozen import names_of, replace
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.hearing import Hearing

_COLUMNS = names_of(ClinicalEntry)


class _Watched:
    """A clinical entry that takes down which of its columns are read."""

    def __init__(self, entry: ClinicalEntry) -> None:
        self.entry = entry
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.read.add(name)
        return getattr(self.entry, name)


def columns_read(facts: PatientFacts, *works: Callable[[PatientFacts], object]) -> frozenset[str]:
    """Return the columns of a patient's entry on which it depends what comes of some work.

    Parameters
    ----------
    works
        Functions of a patient and of nothing else that changes.
    """
    watched = _Watched(facts.clinical)
    for work in works:
        # What a copy has worked out is not worked out again, so that each work has its own.
        work(facts.changed(clinical=cast(ClinicalEntry, watched)))
    return frozenset(watched.read)


def columns_differing(one: ClinicalEntry, other: ClinicalEntry) -> frozenset[str]:
    """Return the columns in which two entries differ, or may."""
    return frozenset(name for name in _COLUMNS if getattr(one, name) is not getattr(other, name))


class Reads:
    """What is read of the entry of one patient.

    Parameters
    ----------
    engine
        The rules.
    heard
        What they say about the patient.
    """

    def __init__(self, engine: ResponseEngine, heard: Hearing) -> None:
        self._engine, self._heard = engine, heard

    @cached_property
    def counting(self) -> frozenset[str]:
        """The columns on which it depends what the failed trials count for."""
        return columns_read(self._heard.facts, lambda f: self._engine.count(f, self._heard.fired))

    @cached_property
    def worked_out(self) -> frozenset[str]:
        """Those on which the statements depend that no row of a rule table makes."""
        heard = self._heard
        return columns_read(heard.facts, lambda f: self._engine.worked_out(replace(heard, facts=f)))
