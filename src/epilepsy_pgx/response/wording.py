"""Report wording by id and language."""

from collections.abc import Iterable

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.texts import word_id
from epilepsy_pgx.statement import Join, Message, Reason, Value, ValueKind

FALLBACK = "en"
_SHOWN = 4
"""Candidate diplotypes that a sentence names; more are marked by an ellipsis."""


class Wording:
    """The texts table in one language; a text not yet translated falls back to English.

    Parameters
    ----------
    ref
        The data package.
    language
        ISO 639-1 code, such as ``en``.
    """

    def __init__(self, ref: Reference, language: str = FALLBACK) -> None:
        self.language = language
        self._texts: dict[str, str] = {}
        for wanted in dict.fromkeys((FALLBACK, language)):
            for row in ref.table("texts"):
                if row["language"] == wanted:
                    self._texts[row.need("id")] = row["text"] or ""

    def has(self, text_id: str) -> bool:
        """Say whether the table has this text in any usable language."""
        return text_id in self._texts

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

    def about(self, names: str) -> dict[str, str]:
        """Return the placeholders for a drug: its name, and the name with a capital."""
        shown = self.names(names.split(", "))
        return {"drug": shown, "Drug": shown[:1].upper() + shown[1:]}

    def tell(self, said: Message | Reason) -> str:
        """Return a message, or a reason, in words."""
        if isinstance(said, Message):
            text_id = said.text_id
        else:
            text_id = f"because-{said.kind}"
            states = "-".join(v.items[0] for v in said.values if v.name == "state")
            own = f"{text_id}-{states.replace(' ', '-')}"
            if own in self._texts:
                text_id = own
        return self.say(text_id, **self.fill(said.values))

    def fill(self, values: Iterable[Value]) -> dict[str, str]:
        """Return what stands for each placeholder; names of drugs also with a capital."""
        filled = {}
        for value in values:
            shown = self._join(value)
            filled[value.name] = shown
            if value.kind is ValueKind.DRUG:
                filled[value.name[:1].upper() + value.name[1:]] = shown[:1].upper() + shown[1:]
        return filled

    def _join(self, value: Value) -> str:
        mark = {Join.COMMA: ", ", Join.PLUS: " + ", Join.SLASH: "/"}.get(value.join)
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

    def template(self, text_id: str) -> str:
        """Return a text with its places open."""
        return self._texts[text_id]

    def say(self, text_id: str, **values: str) -> str:
        """Return a text with its placeholders filled.

        Raises
        ------
        TableError
            If the table has no such text, or the text names a value that was not given.
        """
        if text_id not in self._texts:
            raise TableError.one(
                "text-exists", file="texts.tsv", column="id", found=f"no text '{text_id}'",
                expected="a row of this id in English", fix="Add the row to the texts table.",
            )
        try:
            return self._texts[text_id].format_map(values)
        except (KeyError, IndexError, ValueError) as error:
            raise TableError.one(
                "text-placeholder", file="texts.tsv", column="text",
                found=f"'{text_id}' asks for {error}",
                expected="one of: " + ", ".join(sorted(values)),
                fix="Use a placeholder that this kind of text is given.",
            ) from None
