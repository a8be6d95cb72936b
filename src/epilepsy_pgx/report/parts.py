"""The parts of reports that patients share, and their JSON, made once for all of them.

Most of what a report says of a drug, a gene or a check is said of other patients too, letter for
letter. Such parts are made one object, and what is written of that object is kept.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin, get_type_hints

from epilepsy_pgx.authorisation import Content
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.hidden import escape_hidden
from epilepsy_pgx.model import Interpretation, PatientReport
from epilepsy_pgx.report.content import NOT_CONTENT, SPLIT, content_of, sorted_encoder
from epilepsy_pgx.report.said import Filler
from epilepsy_pgx.report.serialise import SCHEMA_VERSION, report_from_json
from epilepsy_pgx.sharing import OfPart, Recent

if TYPE_CHECKING:
    import msgspec

_OWN = ("patient", "authorisation", "content")
"""Fields that no two patients share."""
_VERSION = f'"{SCHEMA_VERSION}"'.encode()


@cache
def _encoder() -> "msgspec.json.Encoder":
    import msgspec

    return msgspec.json.Encoder(decimal_format="string", order="deterministic")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


class SharedParts:
    """Makes equal parts of reports one object.

    Parts are equal if they are written alike. Numbers may be equal and written in two ways, so
    that to compare the parts themselves would not do.
    """

    def __init__(self) -> None:
        self._by_text: Recent[tuple[type, bytes], object] = Recent()
        self._shared: Recent[int, object] = Recent()

    def report(self, report: PatientReport) -> PatientReport:
        """Return a report whose parts are those of earlier reports where they are alike."""
        said = self._of_fields(report.interpretation)
        made: PatientReport = replace(self._of_fields(report), interpretation=said)
        return made

    def _of_fields(self, whole: Any) -> Any:
        found: dict[str, object] = {}
        kind: type = type(whole)
        for name in _names(kind):
            value = getattr(whole, name)
            if name in _OWN or name == SPLIT:
                continue
            if isinstance(value, tuple):
                parts = [self._part(x) if _is_part(x) else x for x in value]
                found[name] = tuple(parts)
            elif _is_part(value):
                found[name] = self._part(value)
        return replace(whole, **found)

    def _part(self, part: object) -> object:
        if self._shared.get(id(part)) is part:
            return part
        key = (type(part), _encoder().encode(part))
        one = self._by_text.get(key)
        if one is None:
            self._by_text.put(key, part)
            one = part
        self._shared.put(id(one), one)
        return one


def _is_part(value: object) -> bool:
    return isinstance(value, tuple) or is_dataclass(value)


class _Written:
    """One part of a report as JSON."""

    __slots__ = ("_formatted", "plain", "sorted")

    def __init__(self, plain: bytes, ordered: bytes) -> None:
        self.plain, self.sorted = plain, ordered
        self._formatted: dict[int, bytes] = {}

    def formatted(self, depth: int) -> bytes:
        """Return it as it stands in a file, so many levels deep."""
        if depth not in self._formatted:
            import msgspec

            text = escape_hidden(msgspec.json.format(self.plain, indent=1))
            # A line feed in a text is written as two letters.
            self._formatted[depth] = text.replace(b"\n", b"\n" + b" " * depth)
        return self._formatted[depth]


class JsonParts:
    """Writes drafts as JSON, part by part: the same bytes as `report_to_json` of the whole.

    Parameters
    ----------
    filler
        Puts words beside ids; None for JSON without words.
    """

    def __init__(self, filler: Filler | None) -> None:
        self._filler = filler
        self._part = OfPart(self._write)

    def render(self, report: PatientReport, *, compact: bool = False) -> bytes:
        """Return a draft with its digests.

        Parameters
        ----------
        compact
            True for one line without spaces.
        """
        if self._filler is not None:
            report = self._filler.alone(report)
        digests: dict[str, str] = {}
        said = _Members(self, report.interpretation, f"{SPLIT}.", digests)
        whole = _Members(self, report, "", digests, {SPLIT: said})
        content = content_of(digests)
        return whole.text(0, compact, content) + b"\n"

    def content(self, report: PatientReport) -> Content:
        """Return the digests of a draft as it is, with words only where it has them."""
        digests: dict[str, str] = {}
        _Members(self, report.interpretation, f"{SPLIT}.", digests)
        _Members(self, report, "", digests, {SPLIT: None})
        return content_of(digests)

    def written(self, value: Any) -> _Written:
        """Return a part as JSON."""
        if _is_part(value):
            return self._part(value)
        # A word or a number: nothing is said in it, and nothing is gained by keeping it.
        text = _encoder().encode(value)
        return _Written(text, text)

    def _write(self, value: Any) -> _Written:
        if self._filler is not None:
            value = self._filler.filled(value)
        return _Written(_encoder().encode(value), sorted_encoder().encode(value))


class _Members:
    """The fields of a report, or of what it says, with the digest of each."""

    def __init__(
        self,
        parts: JsonParts,
        whole: Any,
        above: str,
        digests: dict[str, str],
        inner: "Mapping[str, _Members | None]" = MappingProxyType({}),
    ) -> None:
        self._members: dict[str, _Written | list[_Written] | _Members | None] = {}
        kind: type = type(whole)
        for name in _names(kind):
            if name in inner:
                self._members[name] = inner[name]
                continue
            value = getattr(whole, name)
            several = isinstance(value, tuple)
            made = [parts.written(x) for x in (value if several else (value,))]
            self._members[name] = made if several else made[0]
            if above or name not in NOT_CONTENT:
                ordered = b",".join(x.sorted for x in made)
                text = b"[" + ordered + b"]" if several else ordered
                digests[above + name] = hashlib.sha256(text).hexdigest()

    def text(self, depth: int, compact: bool, content: Content | None = None) -> bytes:
        """Return the object as it stands in a file."""
        feed = b"" if compact else b"\n" + b" " * (depth + 1)
        colon = b":" if compact else b": "
        members = []
        for name, made in self._members.items():
            if content is not None and name == "content":
                made = _Written(_encoder().encode(content), b"")
            members.append(b'"' + name.encode() + b'"' + colon + _text(made, depth + 1, compact))
        return b"{" + feed + (b"," + feed).join(members) + feed[:-1] + b"}"


def _text(made: "_Written | list[_Written] | _Members | None", depth: int, compact: bool) -> bytes:
    """Return the value of a field as it stands in a file."""
    if isinstance(made, _Members):
        return made.text(depth, compact)
    if isinstance(made, _Written):
        return made.plain if compact else made.formatted(depth)
    if not made:
        return b"[]"
    if compact:
        return b"[" + b",".join(x.plain for x in made) + b"]"
    feed = b"\n" + b" " * (depth + 1)
    return b"[" + feed + (b"," + feed).join(x.formatted(depth + 1) for x in made) + feed[:-1] + b"]"


class _Field(NamedTuple):
    """How a field of a report is read."""

    name: str
    several: bool
    """True if its value is a list of parts."""
    read: "msgspec.json.Decoder[Any]"
    """Reads its value, or each part of it."""


@cache
def _fields(kind: type) -> tuple[_Field, ...]:
    import msgspec

    hints = get_type_hints(kind)
    found = []
    for name in _names(kind):
        inner = get_args(hints[name])
        several = get_origin(hints[name]) is tuple and inner[1:] == (...,)
        decoder = msgspec.json.Decoder(inner[0] if several else hints[name])
        found.append(_Field(name, several, decoder))
    return tuple(found)


class PartsReader:
    """Reads the reports that a stage of this run has written, a line each.

    What is written alike is one object, read once: most of a line was written of patients before.
    """

    def __init__(self) -> None:
        import msgspec

        self._members = msgspec.json.Decoder(dict[str, msgspec.Raw])
        self._items = msgspec.json.Decoder(list[msgspec.Raw])
        self._parts: Recent[tuple[object, bytes], object] = Recent()
        self._written = JsonParts(None)

    def read(self, line: bytes) -> PatientReport:
        """Return the report of a line.

        Raises
        ------
        ValueError
            As `report_from_json` does; and if the report is not that of which it has the digests.
        """
        report = self._whole(line)
        if report.content != self._written.content(report):
            raise ValueError("edited")
        return report

    def _whole(self, line: bytes) -> PatientReport:
        import msgspec

        try:
            members = self._members.decode(line)
            if bytes(members["schema_version"]) == _VERSION:
                said = self._members.decode(members.pop(SPLIT))
                made = Interpretation(**self._read(Interpretation, said))
                return PatientReport(**self._read(PatientReport, members), interpretation=made)
        except (msgspec.MsgspecError, LookupError, TypeError, RecursionError):
            pass
        # It is no such report: this says what it is.
        return report_from_json(line, own=True)

    def _read(self, kind: type, members: "Mapping[str, msgspec.Raw]") -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in _fields(kind):
            text = members.get(field.name)
            if text is None:
                continue
            if field.name in _OWN:
                found[field.name] = field.read.decode(text)
            elif field.several:
                found[field.name] = tuple([self._part(field, x) for x in self._items.decode(text)])
            else:
                found[field.name] = self._part(field, text)
        return found

    def _part(self, field: _Field, text: "msgspec.Raw") -> object:
        key = (field.read, bytes(text))
        part = self._parts.get(key)
        if part is None:
            part = field.read.decode(text)
            self._parts.put(key, part)
        return part
