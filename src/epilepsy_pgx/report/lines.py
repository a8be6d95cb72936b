"""Statements as lines of a page: what is said, in parts that can be told apart by their ids.

A sentence is shared by drugs, left out because another says it, or referred to, by the ids and
values of its parts; the words are looked at by nobody.
"""

from collections.abc import Iterable, Sequence
from enum import Enum

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.report.asked import parties
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.sharing import Hashed
from epilepsy_pgx.statement import Message, ReasonKind, Statement, without_drugs
from epilepsy_pgx.vocabulary import Origin

BESIDE_GENES = (Origin.CLINICAL, Origin.GENERAL)
"""Origins that a reader may take for a result of genes unless they are named."""
_SPELLED = 3
"""Names that a shared sentence may repeat; above that it says `the drug`."""


class Length(Enum):
    """How much of a statement is said."""

    WHOLE = "the texts themselves"
    ACTION = "the finding in short, and the whole of what to do"
    SHORT = "the short forms"


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a statement as it is shown."""

    key: tuple[object, ...]
    """Equal for parts that read the same."""
    text_ids: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """What a page says of a statement."""

    parts: tuple[Part, ...]
    statement: Statement
    """The statement it stands for, or the first of those it stands for."""
    short: bool = False
    """True if the short forms are said here and the sentences stand in the drug table."""
    resolve: tuple[Message, ...] = ()
    """What would settle it, once for neighbours that say the same."""
    origin: bool = True
    """False if the next sentence of the line has the same origin and certainty, or if the short
    form that stands here tells the origin."""
    hedged: bool = False
    """True if the words, or the verdict beside them, say that it is still to be confirmed."""
    about: tuple[str, ...] = ()
    """The drugs that it is about, where it shares an entry with more drugs than these."""

    @property
    def text(self) -> str:
        """The line in words."""
        return " ".join(part.text for part in self.parts)

    @property
    def text_ids(self) -> tuple[str, ...]:
        """Ids of the texts that the line is made of."""
        return tuple(i for part in self.parts for i in part.text_ids)


def shown_names(drugs: Sequence[str], words: ReportWords) -> str:
    """Return how a sentence that drugs share names them."""
    if len(drugs) > _SPELLED:
        return words.say("label-each-drug")
    return "/".join(words.drug(name) for name in drugs)


def line_of(
    statement: Statement,
    words: ReportWords,
    shown: str | None = None,
    length: Length = Length.WHOLE,
    *,
    hedge: bool = True,
) -> Line:
    """Return the line of a statement.

    Parameters
    ----------
    shown
        What stands for the statement's drugs; None for their names.
    length
        How much of it is said.
    hedge
        False where the verdict beside it says already that it is still to be confirmed.
    """
    return words.once(
        "line",
        (statement,),
        (shown, length, hedge),
        lambda: _line_of(statement, words, shown, length, hedge),
    )


def _line_of(
    statement: Statement, words: ReportWords, shown: str | None, length: Length, hedge: bool
) -> Line:
    shown = words.drugs(statement.drugs) if shown is None else shown
    ids = _ids(statement, words, length)
    texts = words.wording.parts(statement, shown, ids)
    if hedge and statement.hedged:
        before, _, after = words.say("conditional", text="\0").partition("\0")
        texts = (before + texts[0], *texts[1:-1], *(t + after for t in texts[1:][-1:]))
    parts = []
    for text_id, text in zip(ids, texts, strict=True):
        names = words.wording.placeholders(text_id)
        lower = {name.lower() for name in names}
        values = tuple(v for v in statement.values if v.name in lower)
        drug = shown if {"drug", "Drug"} & names else ""
        parts.append(Part((text_id, values, drug), (text_id,), text))
    return Line(
        tuple(parts),
        statement,
        short=ids != statement.part_ids,
        resolve=statement.resolve,
        hedged=statement.hedged,
    )


def _ids(statement: Statement, words: ReportWords, length: Length) -> tuple[str, ...]:
    """Return the texts with which a statement is said."""
    match length:
        case Length.WHOLE:
            return statement.part_ids
        case Length.ACTION if statement.action_id is not None:
            first, *rest = statement.part_ids
            return (words.wording.short(first), *rest)
    return tuple(map(words.wording.short, statement.part_ids))


def pattern_of(statement: Statement, words: ReportWords) -> Hashed:
    """Return what makes two statements the same line in short, each about its own drug."""
    return words.each(_pattern_of)(statement)


def _pattern_of(statement: Statement, words: ReportWords) -> Hashed:
    ids = _ids(statement, words, Length.SHORT)
    lower = {name.lower() for text_id in ids for name in words.wording.placeholders(text_id)}
    values = without_drugs(tuple(v for v in statement.values if v.name in lower), statement.drugs)
    return Hashed((ids, values, statement.hedged))


def lines_of(statements: Iterable[Statement], words: ReportWords) -> tuple[Line, ...]:
    """Return the short line of each statement."""
    return tuple(line_of(s, words, length=Length.SHORT) for s in statements)


def with_names(line: Line, words: ReportWords) -> Line:
    """Return a line with the medicines that it rests on before it, where it names none of them.

    Beside the medicine its words are short; alone, nobody knows what is not to be started.
    """
    listed = parties(line.statement) | parties(line.statement, ReasonKind.TAKING)
    text = line.text.casefold()
    if not listed or any(words.drug(name).casefold() in text for name in listed):
        return line
    named = Part((), (), f"{words.drugs(sorted(listed))}:")
    return replace(line, parts=(named, *line.parts))


def say_once(lines: Sequence[Line], words: ReportWords) -> tuple[Line, ...]:
    """Within an entry, leave out the parts that a later line says in the same words."""
    return words.once("say-once", tuple(lines), (), lambda: _say_once(lines))


def _say_once(lines: Sequence[Line]) -> tuple[Line, ...]:
    kept: list[Line] = []
    later: set[object] = set()
    following: Line | None = None
    for line in reversed(lines):
        fresh = tuple(p for p in line.parts if (line.about, p.key) not in later)
        fresh = fresh or line.parts[:1]
        later.update((line.about, p.key) for p in line.parts)
        same = following is not None and (
            following.statement.origin,
            following.statement.conditional,
        ) == (line.statement.origin, line.statement.conditional)
        resolve = () if line.short else line.statement.resolve
        if following is not None and following.statement.resolve == resolve:
            resolve = ()
        following = line
        told = line.short and line.statement.origin not in BESIDE_GENES
        kept.append(
            replace(
                line,
                parts=fresh,
                resolve=resolve,
                origin=not same and not told,
                hedged=line.hedged and fresh[0] == line.parts[0],
            )
        )
    return tuple(reversed(kept))
