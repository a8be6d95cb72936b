"""Read a list of drugs as people write it: every word is understood, or the cell is refused.

The documented form is `drug[key=value;key=value]|drug`. Commas, semicolons, `+`, `&`, `/`, line
breaks and the words of the list `drug_join` separate drugs too. Of a name, its form, salt, dose
and times (`Tegretol retard 400 mg 1-0-1`) are taken away; what is then left must be one name of
the table `drug_names`, or a name that holds none of its names: that one is kept as not known,
with a suggestion. A known name beside words that cannot be read is never taken for the drug, nor
for an unknown one: such a cell is refused.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import zip_longest

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.spelling import misspelt
from epilepsy_pgx.model import Suggestion
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug, DrugName, InputWord, OtherMedicine

NOTHING = "none"
"""The one word that says that no drug is taken (or given up)."""

_MARKS = re.compile(r"[®™©]|\((?:r|tm)\)", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_HELD = 0xE000
"""Private characters from here on stand for the brackets of a list while it is cut."""
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_SEPARATORS = ",;+&/\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029、•，；＋＆／"
_NUMBER = r"(?<![\w.,])[0-9]+(?:[.,][0-9]+)?(?:\s*[-–x×/]\s*[0-9]+(?:[.,][0-9]+)?)*"
_PART = re.compile(r"(.+) \(([^()]+)\)")
"""A part of a product, with the product: `lamivudine (Triumeq)`."""
_OF_ALL = ("start", "stop", "reason", "reaction", "adequate", "duration", "product_since")
"""What holds of each part of a product; a dose or a level is of the drug that it is listed as."""
_LONG = 6
"""Letters of a name that is found inside a longer word; shorter ones occur by chance."""
_WORDS = re.compile(r"[^\W_]+")
_SHORTEST = 4
"""Letters of a name that is cut short (`carb.`)."""
_GLUED = re.compile(r"([^\W\d]+)[0-9][0-9.,]*(?:mg|g)?")
"""A name with its dose in one word: `CBZ400`."""
_AT_ENDS = " .,:;*!'\"`´’“”"


@dataclass(frozen=True, slots=True)
class ListedDrug:
    """One drug of a list."""

    word: str
    """As it was written, without its brackets."""
    drug: str | None
    """Key of the drugs table; None if no table knows the name."""
    suggestion: Suggestion | None
    details: str
    """What its brackets hold."""


def show_suggestion(suggestion: Suggestion) -> str:
    """Return a suggestion for a reader: the drug, behind the name if that is another word."""
    name, drug = suggestion.name, suggestion.drug
    return drug if name == drug.casefold() else f"{name} ({drug})"


class UnreadListError(ValueError):
    """A list that cannot be read in full; says what was found and what to do."""

    def __init__(self, found: str, fix: str) -> None:
        super().__init__(found)
        self.found, self.fix = found, fix


def _either(words: set[str]) -> str:
    """Return a pattern for any word of a list, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w)))


def fold(text: str) -> str:
    """Return the form in which names are compared: case, accents, marks, underscores and
    characters that cannot be seen are removed."""
    plain = _MARKS.sub("", text)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn"))
    return " ".join(plain.replace("_", " ").casefold().split())


class DrugWords:
    """The names of drugs and the words that stand beside them, ready to be asked."""

    def __init__(self, ref: Reference) -> None:
        # A drug is known by the name that the tables use themselves, whatever else they list.
        self.names = {fold(r.drug): r.drug for r in ref.rows(Drug)}
        self.names |= {fold(r.name): r.drug for r in ref.rows(DrugName)}
        self.also = {fold(r.name): r.also for r in ref.rows(DrugName) if r.also}
        """What else is in a product, by its name."""
        self.products = re.compile(
            rf"(?<!\w)(?:{_either({*self.also})})(?!\w)" if self.also else r"(?!)"
        )
        self.others = {fold(r.name) for r in ref.rows(OtherMedicine)} - self.names.keys()
        """Names of medicines that the tables do not have: no misspelling of those that they do."""
        lists: dict[str, set[str]] = {}
        written: dict[str, set[str]] = {}
        for row in ref.rows(InputWord):
            lists.setdefault(row.list, set()).add(fold(row.word))
            written.setdefault(row.list, set()).update((row.word.casefold(), fold(row.word)))
        self.no_answer = lists["drug_no_answer"]
        self.salts = lists["drug_salt"]
        self.joins = lists["drug_join"]
        self.beside = lists["drug_form"] | self.salts | lists["drug_dose"]
        units = _either(written["drug_dose"])
        self.dose = re.compile(
            rf"{_NUMBER}\s*(?:(?:{units})(?!\w)(?:\s*/\s*(?:[0-9]+\s*)?(?:{units})(?!\w))*|(?!\w))",
            re.IGNORECASE,
        )
        numbered = {name for name in self.names if self.dose.search(name)}
        self.numbered = re.compile(
            rf"(?<!\w)(?:{_either(numbered)})(?!\w)" if numbered else r"(?!)", re.IGNORECASE
        )
        """Names that hold what would be read as a dose: `Diane-35`."""
        joins = rf"(?:{_either(written['drug_join'])})\.?(?!\S)"
        self.join = re.compile(
            rf"[{re.escape(_SEPARATORS)}](?:\s*{joins})?|(?<!\S){joins}", re.IGNORECASE
        )
        self.times = re.compile(
            rf"(?<!\w)({units})\s+{joins}\s+((?:{_NUMBER}\s*)?(?:{units}))(?!\w)", re.IGNORECASE
        )
        """Two times of one drug: `morgens und abends`."""
        compound = [re.escape(n) for n in self.names if set(n) & set(_SEPARATORS)]
        self.whole = re.compile("|".join([*compound, self.dose.pattern]), re.IGNORECASE)
        """What is not cut at a separator that stands in it."""
        self.longest = max(len(name.split()) for name in self.names)

    def resolve(self, word: str) -> tuple[str | None, Suggestion | None]:
        """Return (drug, suggestion) for one name.

        Only an exact match of a name, brand, salt or abbreviation resolves; a similar word
        becomes a suggestion, because two similar brand names can be two very different drugs.

        Raises
        ------
        UnreadListError
            If the word says something else, or more than one name.
        """
        key = fold(word)
        if key in self.names:
            return self.names[key], None
        bare = fold(self._without_doses(unicodedata.normalize("NFKC", word)).strip(_AT_ENDS))
        if bare in self.names:
            return self.names[bare], None
        if bare in self.no_answer or "?" in key:
            raise UnreadListError(
                "a word that says neither which drug nor plainly none",
                f"Write '{NOTHING}' if no drug is meant, or leave the cell empty if it is not "
                "known.",
            )
        drugs, unread = self._segment(_MARKS.sub("", self._without_doses(word)))
        if any((w in self.no_answer or w == NOTHING) and w not in self.beside for w in unread):
            raise UnreadListError(
                "a word such as 'no' or 'stopped' in the list",
                "List in each column only the drugs that belong there.",
            )
        if not drugs and not unread:  # a salt alone is a name of its own: calcium
            unread = [w for w in bare.split() if w in self.salts]
            if (alone := " ".join(unread)) in self.names:
                return self.names[alone], None
        if len(drugs) == 1 and not unread:
            return drugs[0], None
        if drugs:
            more = "without a separator between them" if len(drugs) > 1 else "and words beside it"
            raise UnreadListError(
                f"{' and '.join(drugs)} {more}",
                "Separate drugs by '|' and write only the name; start, dose, level and reaction "
                "belong in brackets: drug[start=2026-10-18;dose=400 mg/day].",
            )
        if not any(c.isalpha() for w in unread for c in w):
            raise UnreadListError(
                "a dose or a mark without a drug's name", "Write the name of each drug."
            )
        return None, self._suggest(unread)

    def held_with(self, word: str) -> tuple[tuple[str, str], ...]:
        """Return what else is in the product that a name of a list says: (name, name shown).

        Examples
        --------
        `Triumeq` is listed as dolutegravir: `("abacavir", "abacavir (Triumeq)")` and another.
        """
        found = self.products.search(fold(word))
        return tuple((part, f"{part} ({word})") for part in self.also[found[0]]) if found else ()

    def part_of(self, shown: str) -> str:
        """Return the name of a part that is shown with its product; any other name as it is."""
        part = _PART.fullmatch(shown)
        held = (shown for _, shown in self.held_with(part[2])) if part else ()
        return part[1] if part and shown in held else shown

    def _without_doses(self, text: str) -> str:
        """Return a text without its doses; a number that belongs to a name stays."""
        names = self.numbered.findall(text)
        between = (self.dose.sub(" ", part) for part in self.numbered.split(text))
        return "".join(a + b for a, b in zip_longest(between, names, fillvalue=""))

    def _segment(self, text: str) -> tuple[list[str], list[str]]:
        """Return the drugs named in a text, and the words that are neither name nor dose."""
        words = [w.strip(_AT_ENDS) for w in re.split(r"[\s()_:=]+", text)]
        words = [w for w in words if w]
        drugs: dict[str, None] = {}
        unread: list[str] = []
        while words:
            for size in range(min(self.longest, len(words)), 1, -1):
                name = fold(" ".join(words[:size]))
                if name in self.names:
                    drugs[self.names[name]] = None
                    del words[:size]
                    break
            else:
                word = words.pop(0)
                key = fold(word)
                if key in self.beside and not (word.isupper() and key in self.names):
                    continue
                if key in self.names:
                    drugs[self.names[key]] = None
                elif "-" in word.strip("-"):
                    words[:0] = [w for w in word.split("-") if w]
                elif (joined := _GLUED.fullmatch(key)) and joined[1] in self.names:
                    drugs[self.names[joined[1]]] = None
                elif (parts := _WORDS.findall(word)) != [word] and any(
                    fold(part) in self.names for part in parts
                ):
                    words[:0] = parts  # CBZ.VPA, CBZ<br>VPA: whatever stands between names
                else:
                    unread.append(key)
        return list(drugs), unread

    def _suggest(self, unread: list[str]) -> Suggestion | None:
        """Return the known name that an unknown one may be a misspelling of, or begins with.

        The name of another medicine is none: what the tables say of theirs is not true of it.
        """
        together = " ".join(unread)
        if self.others.intersection((together, *unread)):
            return None
        inside = [n for n in self.names if len(n) >= _LONG and self._is_inside(n, together)]
        inside = [n for n in inside if not any(n != o and n in o for o in inside)]
        if len({self.names[n] for n in inside}) > 1:
            raise UnreadListError("names of several drugs in one word", "Separate drugs by '|'.")
        halves = ((together[:i], together[i:]) for i in range(3, len(together) - 2))
        if any(one in self.names and other in self.names for one, other in halves):
            raise UnreadListError("names of several drugs in one word", "Separate drugs by '|'.")
        close = inside or misspelt(together, self.names)
        if not close and len(together) >= _SHORTEST:
            begun = [n for n in self.names if n.startswith(together)]
            close = begun if len({self.names[n] for n in begun}) == 1 else []
        for word in () if close or len(unread) == 1 else unread:
            if len(word) >= _LONG:
                close = close or misspelt(word, self.names)
        return Suggestion(close[0], self.names[close[0]]) if close else None

    def _is_inside(self, name: str, text: str) -> bool:
        """Say whether a word begins with a name, or has no more than a form or salt before it.

        Anything else in front makes another medicine: dex-, lev-, nor-, methyl-.
        """
        before, found, _ = text.partition(name)
        front = before.rpartition(" ")[2]
        return bool(found) and (not front or front in self.beside)

    def read(self, value: str) -> tuple[ListedDrug, ...]:
        """Read the list of a cell; empty if it is the word for nothing.

        Raises
        ------
        UnreadListError
            If any part of it cannot be read.
        """
        if fold(value).strip(_AT_ENDS) == NOTHING:
            return ()
        if fold(value) in self.no_answer:
            self.resolve(value)
        found = []
        for word, details in self._parts(value):
            if fold(word).strip(_AT_ENDS) == NOTHING:
                raise UnreadListError(
                    f"'{NOTHING}' beside a drug or in brackets",
                    f"Take '{NOTHING}' out, or the drugs.",
                )
            drug, suggestion = self.resolve(word)
            found.append(ListedDrug(word, drug, suggestion, details))
        return tuple(self._with_parts(found))

    def _with_parts(self, listed: list[ListedDrug]) -> Iterator[ListedDrug]:
        """Yield the drugs of a list, and behind each what else is in its product.

        What the list has by its own name is not said again.
        """
        said = {item.drug or fold(item.word) for item in listed}
        for item in listed:
            yield item
            pairs = item.details.split(";")
            shared = ";".join(p for p in pairs if p.partition("=")[0].strip() in _OF_ALL)
            for part, shown in self.held_with(item.word):
                drug, suggestion = self.resolve(part)
                if (key := drug or fold(part)) not in said:
                    said.add(key)
                    yield ListedDrug(shown, drug, suggestion, shared)

    def _parts(self, value: str) -> Iterator[tuple[str, str]]:
        """Yield each name of a list with what its brackets hold."""
        brackets: list[str] = []

        def hold(match: re.Match[str]) -> str:
            brackets.append(match[0][1:-1])
            return chr(_HELD + len(brackets) - 1)

        correct = "Correct the brackets: drug[key=value;key=value]|drug."
        if _PRIVATE.search(value):
            raise UnreadListError("a character of a private font", "Type the name again.")
        held = _BRACKETS.sub(hold, value)
        if "[" in held or "]" in held:
            raise UnreadListError("a bracket without its pair", correct)
        for item in held.split("|"):
            for part in self._cut(item):
                word, *rest = _PRIVATE.split(part.strip())
                if len(rest) > 1 or "".join(rest).strip(_AT_ENDS) or not word.strip(_AT_ENDS):
                    raise UnreadListError(
                        "an item without a name, or words behind its brackets", correct
                    )
                marks = _PRIVATE.findall(part)
                yield word.strip(), brackets[ord(marks[0]) - _HELD] if marks else ""

    def _cut(self, item: str) -> list[str]:
        """Cut an item at the other separators, but not inside a dose or a name with one."""
        holes: list[str] = []

        def hold(match: re.Match[str]) -> str:
            holes.append(match[0])
            return "\0"

        item = self.times.sub(r"\1 \2", item.replace("\0", " "))
        parts = self.join.split(self.whole.sub(hold, item))
        if len(parts) > 1 and not parts[-1].strip(_AT_ENDS):
            parts.pop()  # a separator at the end separates nothing
        filled = iter(holes)
        return [re.sub("\0", lambda _: next(filled), part) for part in parts]


@lru_cache(maxsize=8)
def drug_words(ref: Reference) -> DrugWords:
    """Return the words of a data package, worked out once."""
    return DrugWords(ref)


@lru_cache(maxsize=1024)
def read_drugs(ref: Reference, value: str) -> tuple[ListedDrug, ...]:
    """Read the list of a cell as `DrugWords.read` does; many patients take the same drugs."""
    return drug_words(ref).read(value)


def details_of(text: str, keys: tuple[str, ...]) -> Mapping[str, str]:
    """Read what brackets hold: `key=value` joined by semicolons, each key at most once.

    Raises
    ------
    UnreadListError
        If a part is not such a pair.
    """
    details: dict[str, str] = {}
    if text.strip() and not keys:
        raise UnreadListError(
            "brackets behind the name of a drug", "Write the names alone, joined with |."
        )
    for pair in filter(str.strip, text.split(";")):
        key, equals, content = (p.strip() for p in pair.partition("="))
        if not equals or key not in keys or key in details:
            raise UnreadListError(
                "brackets that hold something else, or a key twice",
                "In brackets, each at most once: " + ", ".join(f"{k}=" for k in keys),
            )
        details[key] = content
    return {key: content for key, content in details.items() if content}
