"""Report wording by id and language."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from string import Formatter
from types import MappingProxyType

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText
from epilepsy_pgx.reference.texts import SHORT, short_id, word_id
from epilepsy_pgx.sharing import OfParts
from epilepsy_pgx.statement import (
    Join,
    Message,
    Reason,
    ReasonKind,
    Statement,
    SubjectKind,
    Value,
    ValueKind,
)

FALLBACK = "en"
_TOLD = 4096
"""Rendered messages that are kept: many stand in all formats, and in the reports of many."""
_SHOWN = 4
"""Candidate diplotypes that a sentence names; more are marked by an ellipsis."""
_MARKS = {
    Join.COMMA: ", ",
    Join.PLUS: " + ",
    Join.SLASH: "/",
    Join.SEMICOLON: "; ",
    Join.SENTENCES: " ",
}
"""What stands between the items of a value, but for a word of the language."""


_ON_A_LIST = (ReasonKind.TAKING, ReasonKind.PLANNED)
"""Reasons whose subject is a medicine of the clinical entry."""


_COUNTED = re.compile(r"\{\w+:[^}|]*\|[^}|]*\}")
"""A placeholder with the words for one and for several: `{days:day|days}`."""


class _Counted(str):
    """A value that may be a number, with the word that it counts."""

    __slots__ = ()

    def __format__(self, words: str) -> str:
        """Return the value, and behind it the first of two words for one, else the second."""
        if not words:
            return str(self)
        one, several = words.split("|")
        return f"{self} {one if self == '1' else several}"


@lru_cache(maxsize=8)
def _texts_of(
    ref: Reference, language: str, *instead: tuple[str, str]
) -> tuple[Mapping[str, str], Mapping[str, str], frozenset[str]]:
    """Return the texts by id, one id of each short form by its text, and texts that count."""
    texts = {
        row.id: row.text
        for wanted in dict.fromkeys((FALLBACK, language))
        for row in ref.rows(CuratedText)
        if row.language == wanted
    }
    texts |= {text_id: texts[other] for text_id, other in instead}
    # Short forms that read the same are one text, so that drugs can share a line.
    same: dict[str, str] = {}
    for text_id in sorted(i for i in texts if i.startswith(f"{SHORT}-")):
        same.setdefault(texts[text_id], text_id)
    return texts, same, frozenset(i for i, text in texts.items() if _COUNTED.search(text))


class Wording:
    """The texts table in one language; a text not yet translated falls back to English.

    Parameters
    ----------
    ref
        The data package.
    language
        ISO 639-1 code, such as ``en``.
    instead
        Ids of texts, each with that of the text that stands for it.
    """

    def __init__(
        self,
        ref: Reference,
        language: str = FALLBACK,
        instead: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.language = language
        self._placeholders: dict[str, frozenset[str]] = {}
        self._alone: dict[str, str] = {}
        """Texts that were said without values."""
        self._told = lru_cache(maxsize=_TOLD)(self._tell)
        self._told_of = OfParts()
        self._texts, self._same, self._counting = _texts_of(ref, language, *instead.items())

    def has(self, text_id: str) -> bool:
        """Say whether the table has this text in any usable language."""
        return text_id in self._texts

    def short(self, text_id: str) -> str:
        """Return the id of the short form of a text; its own if it has none."""
        text = self._texts.get(short_id(text_id))
        return text_id if text is None else self._same[text]

    def word(self, kind: str, value: str) -> str:
        """Return a table's word in the report's language; itself if no text has it.

        The text's id is the kind and the word in kebab case: `name-carbamazepine`.
        """
        return self._texts.get(word_id(kind, value), value)

    def number(self, value: object) -> str:
        """Return a decimal number with the mark of the language, as in the text of a sample."""
        sample = self._texts.get("decimal-sample", "1.5")
        return str(value).replace(".", sample[1])

    def names(self, drugs: Iterable[str]) -> str:
        """Return drug names in the report's language, joined by commas."""
        return ", ".join(self.word("name", drug) for drug in drugs)

    def about(self, shown: str) -> dict[str, str]:
        """Return the placeholders for a drug: its name, and the name with a capital."""
        return {"drug": shown, "Drug": shown[:1].upper() + shown[1:]}

    def medicines(self, statement: Statement) -> dict[str, str]:
        """Return the placeholders for the medicines taken or planned that a statement rests on."""
        named = {
            name: None
            for reason in statement.reasons
            if reason.kind in _ON_A_LIST and reason.subject.kind is SubjectKind.DRUG
            for name in reason.subject.names
        }
        shown = self.names(named)
        return {"medicines": shown, "Medicines": shown[:1].upper() + shown[1:]} if shown else {}

    def parts(
        self, statement: Statement, shown: str | None = None, ids: Iterable[str] | None = None
    ) -> tuple[str, ...]:
        """Return the texts of a statement: what was found, what to do, and what is added.

        Parameters
        ----------
        shown
            What stands for the drugs; None for their names.
        ids
            Texts to be said instead of the statement's own, such as their short forms.
        """
        shown = self.names(statement.drugs) if shown is None else shown
        values = {
            **self.about(shown),
            **self.medicines(statement),
            **self.fill(statement.values, statement.drugs, shown),
        }
        said = statement.part_ids if ids is None else ids
        return tuple(self.say(text_id, **values) for text_id in said)

    def sentence(self, statement: Statement) -> str:
        """Return a statement in words."""
        text = " ".join(self.parts(statement))
        return self.say("conditional", text=text) if statement.hedged else text

    def placeholders(self, text_id: str) -> frozenset[str]:
        """Return the names of the placeholders of a text."""
        if text_id not in self._placeholders:
            parsed = Formatter().parse(self._texts[text_id])
            self._placeholders[text_id] = frozenset(name for _, name, _, _ in parsed if name)
        return self._placeholders[text_id]

    def holds(self, text_id: str, words: str) -> bool:
        """Say whether a text has some words, whatever fills its placeholders."""
        return words.casefold() in self._texts[text_id].casefold()

    def tell_all(self, messages: Iterable[Message]) -> str:
        """Return messages in words, one after the other."""
        return " ".join(map(self.tell, messages))

    def tell(self, said: Message | Reason, drugs: tuple[str, ...] = (), shown: str = "") -> str:
        """Return a message, or a reason, in words; `shown` stands for some drugs."""
        return self._told_of(
            "told", (said,), (drugs, shown), lambda: self._told(said, drugs, shown)
        )

    def _tell(self, said: Message | Reason, drugs: tuple[str, ...], shown: str) -> str:
        return self.say(self.text_of(said), **self.fill(said.values, drugs, shown))

    def text_of(self, said: Message | Reason) -> str:
        """Return the id of the text of a message or a reason; some states have their own."""
        if isinstance(said, Message):
            return said.text_id
        states = "-".join(v.items[0] for v in said.values if v.name == "state")
        own = f"because-{said.kind}-{states.replace(' ', '-')}"
        return own if own in self._texts else f"because-{said.kind}"

    def fill(
        self, values: Iterable[Value], drugs: tuple[str, ...] = (), shown: str = ""
    ) -> dict[str, str]:
        """Return what stands for each placeholder; names of drugs also with a capital.

        Parameters
        ----------
        drugs, shown
            Drugs for which something else is shown, and what.
        """
        filled = {}
        for value in values:
            drug = value.kind is ValueKind.DRUG
            own = drug and value.items == drugs and shown
            filled[value.name] = said = shown if own else self.show(value)
            if drug:
                filled[value.name[:1].upper() + value.name[1:]] = said[:1].upper() + said[1:]
        return filled

    def show(self, value: Value) -> str:
        """Return the items of a value in words, joined."""
        mark = _MARKS.get(value.join)
        if mark is None:
            mark = f" {self.say('join-or')} "
        if value.messages:
            return mark.join(self.tell(m) for m in value.messages)
        match value.kind:
            case ValueKind.PLAIN:
                return mark.join(value.items)
            case ValueKind.TEXT:
                return mark.join(self.say(item) for item in value.items)
            case ValueKind.NUMBER:
                return mark.join(self.number(item) for item in value.items)
            case ValueKind.DIPLOTYPE:
                more = " …" if len(value.items) > _SHOWN else ""
                return mark.join(value.items[:_SHOWN]) + more
        return mark.join(self.word(value.kind.value, item) for item in value.items)

    def say(self, text_id: str, **values: str) -> str:
        """Return a text with its placeholders filled.

        Raises
        ------
        TableError
            If the table has no such text, or the text names a value that was not given.
        """
        if not values and (said := self._alone.get(text_id)) is not None:
            return said
        if text_id not in self._texts:
            raise TableError.one(
                "text-exists",
                file="texts.tsv",
                column="id",
                found=f"no text '{text_id}'",
                expected="a row of this id in English",
                fix="Add the row to the texts table.",
            )
        given = (
            {name: _Counted(value) for name, value in values.items()}
            if text_id in self._counting
            else values
        )
        try:
            said = self._texts[text_id].format_map(given)
        except (KeyError, IndexError, ValueError) as error:
            raise TableError.one(
                "text-placeholder",
                file="texts.tsv",
                column="text",
                found=f"'{text_id}' asks for {error}",
                expected="one of: " + ", ".join(sorted(values)),
                fix="Use a placeholder that this kind of text is given.",
            ) from None
        if not values:
            self._alone[text_id] = said
        return said
