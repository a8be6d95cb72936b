"""Read the JSON of a packet strictly, and say where each element stands.

Protocol Buffers' JSON is read as its standard asks: names in camelCase or snake_case, `null` as
absent, enumerations by word or number. Whatever two readers could read in two ways is a fault
with its path (`$.medicalActions[2].treatment.agent.label`): a name given twice, NaN, numbers out
of range, half a character, an object where a list is due. All faults of a packet come at once.
"""

import json
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass

MAX_BYTES = 8 * 2**20
"""A packet of one patient is some kilobytes; more is not read."""
MAX_DEPTH = 60
MAX_WORD = 120
"""Characters of a label that are shown."""
_LARGEST = Decimal(10) ** 9
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_SNAKE = re.compile(r"_+([a-z0-9])")
_HALF = re.compile("[\ud800-\udfff]")
_Place = tuple[Any, "str | int"]
"""A key, and the place of what holds it."""
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})([Tt ][\d:.]+([Zz]|[+-]\d{2}:?\d{2})?)?", re.ASCII)


def shown(text: object) -> str:
    """Return a word as it may be printed: on one line, without control characters, cut."""
    clean = "".join(
        " " if unicodedata.category(c)[0] in "CZ" else c for c in str(text)[: 4 * MAX_WORD]
    )
    words = " ".join(clean.split())
    return words if len(words) <= MAX_WORD else words[: MAX_WORD - 1] + "…"


@dataclass
class Faults:
    """What is wrong with one packet."""

    file: str
    sample: str
    found: list[Problem] = field(default_factory=list)

    def add(self, path: str, check: str, found: str, expected: str, fix: str) -> None:
        """Note a fault."""
        self.found.append(
            Problem(self.file, 0, path, f"phenopacket-{check}", found, expected, fix, self.sample)
        )

    def stop(self) -> None:
        """Raise what has been noted.

        Raises
        ------
        InputError
            If there is any fault.
        """
        if self.found:
            raise InputError(self.found)


class _Object(dict[str, Any]):
    """An object of the JSON, with the names that it gives twice."""

    __slots__ = ("twice",)
    twice: tuple[str, ...]


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object()
    twice = []
    for key, value in pairs:
        name = _SNAKE.sub(lambda m: m[1].upper(), key)
        if name in found:
            twice.append(name)
        found[name] = value
    found.twice = tuple(twice)
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"the number {word}")


@dataclass(frozen=True, slots=True)
class Element:
    """A value of a packet and its path. What is absent or `null` has the value None."""

    value: Any
    path: str
    faults: Faults

    def wrong(self, expected: str) -> None:
        """Note that the value is of another form."""
        kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
        found = next((k for t, k in kinds.items() if isinstance(self.value, t)), "a number")
        self.faults.add(self.path, "form", found, expected, "Export the packet anew.")

    def get(self, name: str) -> "Element":
        """Return an element of an object."""
        value = None
        if isinstance(self.value, dict):
            value = self.value.get(name)
        elif self.value is not None:
            self.wrong("an object")
        return Element(value, f"{self.path}.{name}", self.faults)

    def items(self, name: str) -> Iterator["Element"]:
        """Iterate over the elements of a list."""
        found = self.get(name)
        if found.value is not None and not isinstance(found.value, list):
            found.wrong("a list")
            return
        for number, value in enumerate(found.value or ()):
            item = Element(value, f"{found.path}[{number}]", self.faults)
            if isinstance(value, dict):
                yield item
            else:
                item.wrong("an object")

    def text(self, name: str) -> str:
        """Return a text as it may be printed; empty if absent."""
        found = self.get(name)
        if found.value is not None and not isinstance(found.value, str):
            found.wrong("text")
            return ""
        return shown(found.value or "")

    def flag(self, name: str) -> bool:
        """Return a truth value; False if absent."""
        found = self.get(name)
        if found.value is not None and not isinstance(found.value, bool):
            found.wrong("true or false")
        return found.value is True

    def number(self, name: str) -> Decimal | None:
        """Return a number; text that is one is read, as the standard asks."""
        found = self.get(name)
        value = found.value
        if isinstance(value, str):
            try:
                value = Decimal(value)
            except ArithmeticError:
                value = Decimal("NaN")
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite() or abs(value) > _LARGEST:
            found.wrong("a number up to a thousand million")
            return None
        return value

    def word(self, name: str, words: tuple[str, ...]) -> str:
        """Return a word of an enumeration, which may stand as its number; the first if absent."""
        found = self.get(name)
        value = found.value
        if value is None or value == "":
            return words[0]
        if isinstance(value, Decimal) and value in range(len(words)):
            return words[int(value)]
        if isinstance(value, str) and value.upper() in words:
            return value.upper()
        self.faults.add(
            found.path,
            "word",
            f"'{shown(value)}'",
            " or ".join(words),
            "Use one of these words or leave the element out.",
        )
        return words[0]

    def day(self, name: str) -> date | None:
        """Return the day of a timestamp."""
        text = self.text(name)
        if not text:
            return None
        match = _DAY.fullmatch(text)
        try:
            return date.fromisoformat(match[1] if match else "")
        except ValueError:
            self.faults.add(
                f"{self.path}.{name}",
                "date",
                "a text that is no date",
                "a timestamp such as 2026-10-18T00:00:00Z",
                "Correct it.",
            )
            return None

    def known(self, *names: str) -> None:
        """Note names that are almost, but not quite, those of the schema."""
        for name in self.value if isinstance(self.value, dict) else ():
            near = [] if name in names else get_close_matches(name, names, 1, 0.8)
            if near:
                self.faults.add(
                    f"{self.path}.{shown(name)}",
                    "name",
                    "a name that is not known",
                    f"'{near[0]}'",
                    "Correct the name.",
                )


def _walk(top: Any, faults: Faults) -> None:
    """Note names given twice and text that is no Unicode, wherever they stand."""
    waiting: list[tuple[Any, _Place | None, int]] = [(top, None, 0)]
    while waiting:
        value, place, depth = waiting.pop()
        if depth > MAX_DEPTH:
            faults.add(
                _path(place)[:MAX_WORD],
                "json",
                f"more than {MAX_DEPTH} levels",
                "a packet",
                "Export the packet anew.",
            )
            return
        if isinstance(value, _Object):
            for name in value.twice:
                faults.add(
                    _path((place, name)),
                    "name-once",
                    "the name twice",
                    "once",
                    "Leave one of the two out.",
                )
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            if any(isinstance(w, str) and _HALF.search(w) for w in (key, inner)):
                faults.add(
                    _path((place, key)),
                    "text",
                    "half a character",
                    "Unicode text",
                    "Export the packet anew.",
                )
            elif isinstance(inner, dict | list):
                waiting.append((inner, (place, key), depth + 1))


def _path(place: "_Place | None") -> str:
    parts = []
    while place is not None:
        place, key = place
        parts.append(f"[{key}]" if isinstance(key, int) else f".{shown(key)}")
    return "$" + "".join(reversed(parts))


def parse_json(text: str, faults: Faults) -> Element:
    """Return the top of a packet.

    Raises
    ------
    InputError
        If the text is not strict JSON.
    """
    try:
        top = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_refuse,
        )
    except json.JSONDecodeError as error:
        raise InputError.one(
            "phenopacket-json",
            file=faults.file,
            line=error.lineno,
            found="text that is not JSON",
            expected="a GA4GH Phenopacket (JSON; YAML is not read)",
            fix="Export the packet as JSON.",
            sample=faults.sample,
        ) from None
    except (ValueError, ArithmeticError) as error:
        found = str(error) if type(error) is ValueError else "a number out of range"
        faults.add("$", "json", found, "finite numbers", "Correct the number.")
    except RecursionError:
        faults.add("$", "json", "too many levels", "a packet", "Export the packet anew.")
    faults.stop()
    if not isinstance(top, dict):
        faults.add(
            "$",
            "subject",
            "no object",
            "a GA4GH Phenopacket of version 2",
            "Export one packet per patient.",
        )
        faults.stop()
    _walk(top, faults)
    faults.stop()
    return Element(top, "$", faults)


def read_text(path: Path, sample: str) -> str:
    """Return the text of a packet's file.

    Raises
    ------
    InputError
        If it is no regular file of UTF-8 text, or far larger than any packet.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            found = "no regular file"
        else:
            with path.open("rb") as handle:
                data = handle.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                found = f"more than {MAX_BYTES >> 20} MB"
            elif data.startswith(_OTHER_ENCODINGS):
                found = "UTF-16 or UTF-32"
            else:
                return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = "another encoding"
    except (OSError, ValueError):
        found = "a file that cannot be read"
    raise InputError.one(
        "phenopacket-readable",
        file=str(path),
        found=found,
        expected="UTF-8 JSON",
        fix="Check the path; save the packet as UTF-8.",
        sample=sample,
    )
