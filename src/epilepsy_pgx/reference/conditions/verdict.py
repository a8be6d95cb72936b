"""Three-valued answers: a rule's condition holds, may hold, or does not."""

from collections.abc import Iterable
from enum import IntEnum

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.statement import Message, Reason


class Truth(IntEnum):
    """Whether the data show something. What was not assessed is `NO`: it fires nothing."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, the facts behind it, and what would settle an open one."""

    truth: Truth
    because: tuple[Reason, ...] = ()
    resolve: tuple[Message, ...] = ()
    unconfirmed: bool = False
    """True if it rests on a class that is not the laboratory's own."""
    open_ended: bool = False
    """True if the data leave nearly everything possible."""
    disputed: bool = False
    """True if it rests on a class that a later one contradicts: it supports no drug."""

    def __bool__(self) -> bool:
        return self.truth is not Truth.NO


NO = Verdict(Truth.NO)


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Logical AND: the lowest truth value, with all reasons; `NO` if any verdict is `NO`."""
    truth = Truth.YES
    because: tuple[Reason, ...] = ()
    resolve: tuple[Message, ...] = ()
    unconfirmed = open_ended = disputed = False
    for verdict in verdicts:
        if verdict.truth is Truth.NO:
            return NO
        truth = min(truth, verdict.truth)
        because += verdict.because
        resolve += verdict.resolve
        unconfirmed |= verdict.unconfirmed
        open_ended |= verdict.open_ended
        disputed |= verdict.disputed
    if len(because) > 1:
        because = tuple(dict.fromkeys(because))
    if len(resolve) > 1:
        resolve = tuple(dict.fromkeys(resolve))
    return Verdict(truth, because, resolve, unconfirmed, open_ended, disputed)


def fraction(hits: int, total: int) -> Truth:
    """Return the answer when `hits` of `total` candidates satisfy a condition."""
    if not hits:
        return Truth.NO
    return Truth.YES if hits == total else Truth.MAYBE
