"""A call that was opened is closed by its being read back alone, whatever comes after."""

import sqlite3
from contextlib import closing, contextmanager

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.ledger.book import Book
from epilepsy_pgx.ledger.entries import Entry, EntryKind
from epilepsy_pgx.ledger.owed import TAKEN_BACK, Call
from epilepsy_pgx.ledger.schema import statements
from epilepsy_pgx.ledger.urgent import urgent_queue
from epilepsy_pgx.vocabulary import ReportState
from tests.ledger.bench import START

STEPS = (
    *(f"{how} {says}".strip() for how in ("amend", "correct") for says in ("", "x", "y", "xy")),
    "withdraw last",
    "withdraw first",
    "told",
    "read back",
)


class Chain:
    """The editions of one patient, in a ledger without files."""

    def __init__(self, folder, connection):
        for statement in statements():
            connection.execute(statement)
        self.connection, self.folder, self.last, self.gone = connection, folder, 0, set()
        self.book = Book(folder, connection)
        self.release("x", ReportState.FINAL)

    def add(self, kind, version=0, **more):
        more = {"report": "R-A", "sample": "A", "language": "en"} | more
        self.book.add(Entry(1, START, kind, version=version, **more))

    def release(self, says, state):
        before = f"R-A v{self.last}" if self.last else ""
        self.last += 1
        details = msgspec.json.encode({"urgent": [*says]}).decode()
        more = {"state": state, "replaces": before, "details": details}
        self.add(EntryKind.AUTHORISED, self.last, draft=f"sha256:{self.last}", **more)

    def take(self, step):
        """Take a step; return if it is possible."""
        how, _, what = step.partition(" ")
        if how == "withdraw":
            version = self.last if what == "last" else 1
            if version in self.gone:
                return False
            self.gone.add(version)
            self.add(EntryKind.WITHDRAWN, version, state=ReportState.WITHDRAWN)
        elif how in ("told", "read"):
            asked = tuple(a for item in self.queue() for a in item.asked)
            call = Call("Dr W", START, how == "read", asked)
            self.add(EntryKind.ACKNOWLEDGED, details=msgspec.json.encode(call).decode())
        else:
            self.release(what, ReportState.AMENDED if how == "amend" else ReportState.CORRECTED)
        return True

    @contextmanager
    def left_as_it_is(self):
        """Take back whatever is done within."""
        last, gone = self.last, {*self.gone}
        self.connection.execute("SAVEPOINT step")
        yield
        self.connection.execute("ROLLBACK TO step")
        self.connection.execute("RELEASE step")
        self.last, self.gone = last, gone

    def queue(self):
        return urgent_queue(self.book, self.folder)

    def open(self):
        return {i for item in self.queue() for i in item.open}


@contextmanager
def chain(folder, *steps):
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        made = Chain(folder, connection)
        for step in steps:
            made.take(step)
        yield made


def step_holds(made, steps, before):
    """Take the last of the steps, and hold it against what must be so; return what is open then.

    None if it is not possible.
    """
    step = steps[-1]
    if not made.take(step):
        return None
    items = made.queue()
    named = [i for item in items for i in item.urgent]
    after = {i for item in items for i in item.open}
    subjects = {i.removeprefix(TAKEN_BACK) for i in after}
    assert len(named) == len({i.removeprefix(TAKEN_BACK) for i in named}), steps
    if step == "read back":
        assert not after, steps
        return after
    assert {i.removeprefix(TAKEN_BACK) for i in before} <= subjects, steps
    how, _, says = step.partition(" ")
    if how in ("amend", "correct"):
        # What is said is to be told; what is said no more is told as taken back.
        assert {i for i in after if not i.startswith(TAKEN_BACK)} == {*says}, steps
    if step == "withdraw last":
        assert all(i.startswith(TAKEN_BACK) for i in after), steps
    return after


def follow(made, before, more, steps=()):
    """Take so many more steps, each in every way; return how many were possible."""
    taken = 0
    for step in STEPS if more else ():
        with made.left_as_it_is():
            after = step_holds(made, (*steps, step), before)
            if after is not None:
                taken += 1 + follow(made, after, more - 1, (*steps, step))
    return taken


def test_no_step_of_a_short_chain_closes_a_call(tmp_path):
    with chain(tmp_path) as made:
        assert follow(made, made.open(), 3) > 1000


@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=9))
def test_no_step_of_a_longer_chain_closes_a_call(steps, tmp_path_factory):
    with chain(tmp_path_factory.getbasetemp()) as made:
        before = made.open()
        for number in range(1, len(steps) + 1):
            after = step_holds(made, steps[:number], before)
            before = before if after is None else after


BACK = {TAKEN_BACK + "x"}


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        (["correct"], BACK),
        (["correct", "withdraw last"], BACK),
        (["withdraw first", "amend", "withdraw last"], BACK),
        (["withdraw first", "amend"], BACK),
        (["withdraw first", "correct"], BACK),
        (["withdraw first", "read back", "amend"], set()),
        # Nobody heard what was said, and now it is said no more.
        (["amend"], BACK),
        (["told", "amend"], BACK),
        (["read back", "amend"], set()),
        (["read back", "amend", "withdraw first"], BACK),
        (["read back", "correct"], BACK),
        (["amend x", "withdraw first"], {"x"}),
        (["withdraw first", "amend x", "read back", "amend"], set()),
        # Who heard that it does not hold hears that this is not known.
        (["correct", "read back", "withdraw last"], BACK),
        (["correct", "read back", "amend", "withdraw last"], set()),
        (["correct", "read back", "withdraw first"], set()),
        (["correct", "amend y", "read back", "withdraw last"], {TAKEN_BACK + "y"}),
        (["correct y", "withdraw last", "withdraw first"], BACK | {TAKEN_BACK + "y"}),
    ],
)
def test_what_is_left_to_tell(steps, left, tmp_path):
    with chain(tmp_path, *steps) as made:
        assert made.open() == left


def test_an_edition_withdrawn_in_one_language_of_two_stands(tmp_path):
    with chain(tmp_path) as made:
        more = {"state": ReportState.FINAL, "details": '{"urgent":["x"]}', "draft": "sha256:es"}
        made.add(EntryKind.AUTHORISED, 1, language="es", **more)
        made.add(EntryKind.WITHDRAWN, 1, state=ReportState.WITHDRAWN)
        assert made.open() == {"x"}
        made.add(EntryKind.WITHDRAWN, 1, language="es", state=ReportState.WITHDRAWN)
        assert made.open() == BACK


def test_a_call_before_a_withdrawal_beside_what_stands_does_not_tell_of_it(tmp_path):
    """In a ledger of an earlier version, which withdrew what was replaced."""
    with chain(tmp_path, "read back", "amend", "withdraw first") as made:
        (item,) = made.queue()
        assert item.later == ((TAKEN_BACK + "x", START),)
        made.take("amend x")
        (item,) = made.queue()
        assert item.later == ()
