"""What of the medication was not considered: names that no table knows, and pairs nobody read.

A pair of which a row speaks, or which was read in a source, is not named. Every other pair of
drugs that may be taken together is, whatever else the tables hold about either of them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from epilepsy_pgx.intake.druglist import show_suggestion
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug, PlannedDrug
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.pairs import UNREAD, Pair, pair_states
from epilepsy_pgx.reference.rows import Drug, InteractionReview
from epilepsy_pgx.reference.texts import ANTISEIZURE
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.statement import Join, Message, Value, ValueKind


class Unchecked:
    """The state of every pair of drugs, ready to be asked about many patients.

    Parameters
    ----------
    ref
        The data package.
    considered
        Drugs of which an interaction or an effect on an enzyme is in the tables.
    """

    def __init__(self, ref: Reference, considered: Iterable[str]) -> None:
        drugs = ref.rows(Drug)
        self._antiseizure = frozenset(row.drug for row in drugs if row.kind == ANTISEIZURE)
        self._same = {row.drug: row.measured_as for row in drugs if row.measured_as}
        reviewed = {d for r in ref.rows(InteractionReview) for d in (*r.perpetrator, *r.victim)}
        self._considered = self._antiseizure.union(considered, reviewed)
        self._ref = ref

    @cached_property
    def _checked(self) -> frozenset[Pair]:
        """The pairs that somebody read; where no drug is known, nobody asks for them."""
        states = pair_states(self._ref)
        return frozenset(pair for pair, state in states.items() if state not in UNREAD)

    def messages(
        self, facts: PatientFacts, proposed: Collection[str], spoken: Collection[Pair]
    ) -> tuple[Message, ...]:
        """Return what was not considered of a patient's drugs.

        Parameters
        ----------
        facts
            The patient.
        proposed
            Drugs that the report proposes, or whose dose it states.
        spoken
            Pairs of which the report speaks, drugs that act only together included.
        """
        taken = (facts.current | facts.planned) & self._considered
        return (
            *dict.fromkeys(self._names(facts.clinical)),
            *self._pairs(taken, spoken),
            *self._if_started(taken, frozenset(proposed) - taken, spoken),
            *_medicines(taken - self._antiseizure),
        )

    def _names(self, clinical: ClinicalEntry) -> Iterator[Message]:
        """Yield the names that the tables do not know, or know without any pair."""
        entries: list[DrugExposure | PlannedDrug | FailedDrug] = [
            *(clinical.current or ()),
            *(clinical.planned or ()),
            *(clinical.failed or ()),
        ]
        taken = {item.drug for item in clinical.current or () if item.known}
        for item in entries:
            word = Value("word", (item.entered or item.drug,))
            if isinstance(item, PlannedDrug) and item.drug in taken:
                yield Message(
                    "not-considered-same", (word, Value("drug", (item.drug,), ValueKind.DRUG))
                )
            if not item.known and item.suggestion:
                suggestion = Value("suggestion", (show_suggestion(item.suggestion),))
                # A plan is read as it is written: what holds for a like name may not hold for it.
                planned = isinstance(item, PlannedDrug)
                text_id = "not-considered-planned" if planned else "not-considered-suggest"
                yield Message(text_id, (word, suggestion))
            elif not item.known:
                yield Message("not-considered", (word,))
            elif item.drug not in self._considered:
                yield Message("not-considered-no-row", (word,))

    def _pairs(self, taken: frozenset[str], spoken: Collection[Pair]) -> Iterator[Message]:
        """Yield the pairs that nobody read: in both directions, then in one of them."""
        open_pairs = self._open(taken, taken, spoken)
        both, effects = _split(open_pairs)
        yield from _pair_messages("not-checked-pairs", _told("pairs-of", _gathered(both)))
        yield from _pair_messages("not-checked-effects", _told("effect-of", effects.items()))

    def _if_started(
        self, taken: frozenset[str], proposed: frozenset[str], spoken: Collection[Pair]
    ) -> Iterator[Message]:
        """Yield the pairs nobody read of drugs that are taken with those the report proposes."""
        both, effects = _split(self._open(taken, proposed, spoken))
        new: dict[str, list[str]] = {}
        for drug, other in sorted(both):
            if drug in proposed:
                new.setdefault(drug, []).append(other)
        told = (*_told("pairs-of", new.items()), *_told("effect-on", effects.items()))
        yield from _pair_messages("not-checked-if-started", told)

    def _open(
        self, taken: Iterable[str], asked: Iterable[str], spoken: Collection[Pair]
    ) -> set[Pair]:
        """Return the pairs of some drugs with others that nobody read, in each direction."""
        open_pairs = {
            pair
            for one in taken
            for other in asked
            if one != other and not self._antiseizure.isdisjoint((one, other))
            for pair in ((one, other), (other, one))
            if pair not in self._checked and pair not in spoken
        }
        # A drug and the form of it that is measured as it are one drug: the pair is named once.
        return {
            pair
            for pair in open_pairs
            if (same := (self._same.get(pair[0], pair[0]), self._same.get(pair[1], pair[1])))
            == pair
            or not (same in open_pairs or same[0] == same[1])
        }


def _gathered(pairs: Collection[Pair]) -> Iterator[tuple[str, list[str]]]:
    """Yield pairs under the drug that has most of them, so that few lines name them all.

    Examples
    --------
    >>> list(_gathered({("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")}))
    [('b', ['a', 'c'])]
    """
    left = {pair for pair in pairs if pair[0] < pair[1]}
    while left:
        counts = Counter(drug for pair in left for drug in pair)
        drug = min(counts, key=lambda d: (-counts[d], d))
        here = {pair for pair in left if drug in pair}
        yield drug, sorted(other for pair in here for other in pair if other != drug)
        left -= here


def _split(pairs: Collection[Pair]) -> tuple[set[Pair], dict[str, list[str]]]:
    """Return the pairs that are open in both directions, and the rest by the drug that acts."""
    both = {pair for pair in pairs if pair[::-1] in pairs}
    effects: dict[str, list[str]] = {}
    for drug, other in sorted(set(pairs) - both):
        effects.setdefault(drug, []).append(other)
    return both, effects


def _told(each: str, pairs: Iterable[tuple[str, Iterable[str]]]) -> tuple[Message, ...]:
    """Return a message about each of some drugs with others."""
    return tuple(
        Message(
            each,
            (
                Value("drug", (drug,), ValueKind.DRUG),
                Value("others", tuple(others), ValueKind.DRUG),
            ),
        )
        for drug, others in pairs
    )


def _pair_messages(text_id: str, said: tuple[Message, ...]) -> Iterator[Message]:
    """Yield one message about some pairs, if there are any."""
    if said:
        yield Message(text_id, (Value("pairs", join=Join.SEMICOLON, messages=said),))


def _medicines(drugs: Collection[str]) -> Iterator[Message]:
    """Yield that medicines none of which is an anti-seizure drug were not checked at all."""
    if len(drugs) > 1:
        value = Value("others", tuple(sorted(drugs)), ValueKind.DRUG)
        yield Message("not-checked-medicines", (value,))
