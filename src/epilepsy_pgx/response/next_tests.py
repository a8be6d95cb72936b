"""What to settle next: everything that is not known, ranked by what it would change.

Each item is completed in every way that the tables tell apart, and the statements of the report
are compared with those that it has. What changes no line is never listed, and what no rule asks
for changes none.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from functools import lru_cache

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import TestItem
from epilepsy_pgx.reference.rows.words import Place
from epilepsy_pgx.reference.texts import ANTISEIZURE, asked
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.line_changes import LineChanges
from epilepsy_pgx.response.open_entry import OpenEntry
from epilepsy_pgx.response.open_results import ALL, OpenItem, OpenResults
from epilepsy_pgx.response.places import hurries, nothing_read, standing_of
from epilepsy_pgx.response.prints import Change, Changes
from epilepsy_pgx.response.probe import Probe
from epilepsy_pgx.response.rule_answers import seen_of
from epilepsy_pgx.response.rules import load_conditions
from epilepsy_pgx.sharing import OfParts
from epilepsy_pgx.statement import Message, NextTest, Value, ValueKind
from epilepsy_pgx.vocabulary import Tier

_ORDERS = 8192
"""Orders that are kept, at least: many patients lack the same result, and it changes the same."""
_PROFILES = 1024
"""Patients of whom the answer is kept: many of a cohort leave the same open."""


class NextTests:
    """Ranks what is not known of patients.

    Parameters
    ----------
    ref
        The data package.
    engine
        Its rules.
    """

    def __init__(self, ref: Reference, engine: ResponseEngine) -> None:
        conditions = load_conditions(ref)
        rows = [row for found in conditions.values() for row in found]
        self._results = OpenResults(ref, engine, rows)
        again = {x.item.removeprefix("field:"): x.asked_again for x in ref.rows(TestItem)}
        self._entry = OpenEntry(engine, rows, again)
        self._probe = Probe(engine, conditions)
        self._lines = LineChanges(self._probe)
        self._names = {row.item: row for row in ref.rows(TestItem)}
        self._asked = asked(ref)
        self._drugs = frozenset(info.drug for info in engine.drugs)
        self._antiseizure = engine.groups.get(ANTISEIZURE, frozenset())
        self._known: OrderedDict[Hashable, tuple[NextTest, ...]] = OrderedDict()
        self._orders = OfParts(_ORDERS)

    def of(self, facts: PatientFacts) -> tuple[NextTest, ...]:
        """Return what is not known of a patient and would change a line, the most urgent first."""
        profile = profile_of(facts)
        found = self._known.get(profile)
        if found is None:
            found = self._rank(facts)
            self._known[profile] = found
            if len(self._known) > _PROFILES:
                self._known.popitem(last=False)
        return found

    def changes(self, facts: PatientFacts) -> list[tuple[OpenItem, Changes]]:
        """Return each item that is open and what it may change; nothing is left out."""
        reading = self._probe.read(facts)
        return [(item, self._probe.changes(reading, item)) for item in self.open_items(facts)]

    def open_items(self, facts: PatientFacts) -> Iterator[OpenItem]:
        """Yield everything that is not known of a patient, whether it matters or not."""
        yield from self._results.of(facts)
        yield from self._entry.of(facts)

    def _row(self, item: OpenItem) -> TestItem | None:
        row = self._names.get(f"{item.kind}:{item.subject}") or self._names.get(
            f"{item.kind}:{ALL}"
        )
        return row if row is not None and row.offered else None

    def _rank(self, facts: PatientFacts) -> tuple[NextTest, ...]:
        orders: dict[tuple[str, str], list[tuple[OpenItem, Changes]]] = {}
        rows = {}
        offered = [(i, row) for i in self.open_items(facts) if (row := self._row(i)) is not None]
        found = self._lines.of(facts, [item for item, _ in offered])
        for item, row in offered:
            if changes := found.get((item.kind, item.subject)):
                key = (row.item, "" if row.together else item.subject)
                orders.setdefault(key, []).append((item, changes))
                rows[key] = row
        unread = nothing_read(facts)
        weighed = []
        for key, order in orders.items():
            test = self._test_of(rows[key], order)
            if rows[key].hurries_with and not hurries(rows[key], facts.clinical):
                # Without a sign nobody is sent for it today.
                test = replace(test, urgent=False)
            weight = self._weight(test, rows[key], order, facts, unread=unread)
            late, place, *_ = weight
            weighed.append((weight, replace(test, aside=late and place >= Place.SIDE)))
        weighed.sort(key=lambda x: (*x[0], x[1].item, x[1].subjects))
        return tuple(test for _, test in weighed)

    def _weight(
        self,
        test: NextTest,
        row: TestItem,
        order: list[tuple[OpenItem, Changes]],
        facts: PatientFacts,
        *,
        unread: bool,
    ) -> tuple[bool, int, int, bool, int, int, int]:
        """Return how early a test stands.

        First what an urgent line about the patient or a drug in use hangs on, then by the place
        of its row. Within a place by its most urgent change, by how soon it is answered, then by
        how many lines change so much: those about the patient and the drugs in use or planned
        before those about the rest. An order of many genes touches many lines and takes weeks: it
        makes nothing urgent today, and pushes out nothing that is as strong and known within days.
        """
        slow = row.turnaround == "weeks"
        own = facts.current | facts.planned
        items = [item for item, _ in order]
        entry, found = facts.clinical, facts.has_pathogenic
        standing = standing_of(row, items, entry, unread, self._antiseizure, found)
        most = Change(test.urgent, test.tier).rank
        parts = tuple(changes for _, changes in order)
        near = self._orders("near", parts, (own, most), lambda: self._near(parts, own, most))
        calm = slow or not standing.hurries
        rank = max(most, Change(False, Tier.ACT).rank) if calm else most
        first = test.urgent and near > 0 and not calm
        return not first, standing.place, rank, slow, -near, -test.most, -test.lines

    def _near(self, parts: Iterable[Changes], own: frozenset[str], most: int) -> int:
        """Count the lines about the patient and the drugs in use in which the most changes."""
        return len(
            {
                line
                for changes in parts
                for line, change in changes.items()
                if change.rank <= most and (line in own or line not in self._drugs)
            }
        )

    def _message(self, text_id: str, values: tuple[Value, ...]) -> Message:
        """Return a text with those of some values that it names."""
        names = {name.lower() for name in self._asked.get(text_id, ())}
        return Message(text_id, tuple(value for value in values if value.name in names))

    def _test_of(self, row: TestItem, found: list[tuple[OpenItem, Changes]]) -> NextTest:
        """Return one order for some items; made once where it is about the same."""
        about = tuple((item.subject, item.shown, item.details) for item, _ in found)
        parts = tuple(changes for _, changes in found)
        made: NextTest = self._orders(
            "order", parts, (row.item, about), lambda: self._test(row, found)
        )
        return made

    def _test(self, row: TestItem, found: list[tuple[OpenItem, Changes]]) -> NextTest:
        """Return one order for some items."""
        found.sort(key=lambda x: (*_weight_of(x[1]), x[0].subject))
        lines: Changes = {}
        for _, changes in found:
            for line, change in changes.items():
                if line not in lines or change.rank < lines[line].rank:
                    lines[line] = change
        ordered = sorted(lines, key=lambda line: (lines[line].rank, line))
        most = lines[ordered[0]]
        items = [item for item, _ in found]
        subject = Value(
            "subject",
            tuple(dict.fromkeys(n for item in items for n in item.shown.items)),
            items[0].shown.kind,
        )
        details = Value("details", tuple(dict.fromkeys(d for item in items for d in item.details)))
        values = (subject, *((details,) if details.items else ()))
        if subject.kind is ValueKind.DRUG:
            values = (Value("drug", subject.items, ValueKind.DRUG),)
        order_id = row.text_order_detailed if details.items else None
        return NextTest(
            row.item,
            row.asked_of,
            tuple(item.subject for item in items),
            self._message(row.text_id, values),
            None if row.text_order is None else self._message(order_id or row.text_order, values),
            most.urgent,
            most.tier,
            sum(change.rank == most.rank for change in lines.values()),
            tuple(line for line in ordered if line in self._drugs),
            tuple(line for line in ordered if line not in self._drugs),
        )


def _weight_of(changes: Changes) -> tuple[int, int, int]:
    ranks = [change.rank for change in changes.values()]
    return min(ranks), -ranks.count(min(ranks)), -len(ranks)


def profile_of(facts: PatientFacts) -> Hashable:
    """Return all of a patient that an answer may depend on; depth and the like are no part."""
    return (
        tuple(sorted(facts.genes.items(), key=lambda x: x[0])),
        tuple((gene, seen_of(found)) for gene, found in sorted(facts.findings.items())),
        tuple(sorted((s.site, s.gene, s.status, s.alleles) for s in facts.sites.values())),
        tuple((c.gene, c.status, c.known_absent, c.known_total) for c in facts.coverage.values()),
        facts.clinical,
    )


@lru_cache(maxsize=2)
def _of_digest(digest: str) -> "list[NextTests]":
    return []


def next_tests_of(ref: Reference, engine: ResponseEngine) -> NextTests:
    """Return the ranking of a data package; one for all runs of a process with equal tables."""
    kept = _of_digest(ref.digest)
    if not kept:
        kept.append(NextTests(ref, engine))
    return kept[0]
