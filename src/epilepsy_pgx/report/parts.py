"""The parts of reports that patients share, and their JSON, made once for all of them.

Most of what a report says of a drug, a gene or a check is said of other patients too, letter for
letter. Such parts are made one object, and what is written of that object is kept.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin, get_type_hints

from epilepsy_pgx.authorisation import Content
from epilepsy_pgx.frozen import names_of, replace
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
_LISTS = 64
"""Lists of parts that are kept: a few times those of one report, as many differ from the last."""
_VERSION = f'"{SCHEMA_VERSION}"'.encode()


@cache
def _encoder() -> "msgspec.json.Encoder":
    import msgspec

    return msgspec.json.Encoder(decimal_format="string", order="deterministic")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return names_of(kind)


class SharedParts:
    """Makes equal parts of reports one object.

    Parts are equal if they are written alike. Numbers may be equal and written in two ways, so
    that to compare the parts themselves would not do.
    """

    def __init__(self) -> None:
        self._by_text: Recent[tuple[type, bytes], object] = Recent()
        self._shared: Recent[int, object] = Recent()
        self._lists: Recent[tuple[int, ...], tuple[Any, ...]] = Recent(_LISTS)

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
                found[name] = self._list(value)
            elif _is_part(value):
                found[name] = self._part(value)
        return replace(whole, **found)

    def _list(self, several: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return a list of shared parts; of the same parts the same list."""
        if self._lists.get((id(several),)) is several:
            return several
        parts = tuple([self._part(x) if _is_part(x) else x for x in several])
        # Each list stands beside its key and holds its parts: no other gets their numbers.
        key = (-1, *map(id, parts))
        one = self._lists.get(key)
        if one is None:
            one = parts
            self._lists.put(key, one)
        self._lists.put((id(one),), one)
        return one

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
    kind: type = type(value)
    return _is_kind_of_part(kind)


@cache
def _is_kind_of_part(kind: type) -> bool:
    return issubclass(kind, tuple) or is_dataclass(kind)


class _Written:
    """One part of a report as JSON."""

    __slots__ = ("_digest", "_formatted", "plain", "sorted")

    def __init__(self, plain: bytes, ordered: bytes) -> None:
        self.plain, self.sorted = plain, ordered
        self._formatted: dict[int, bytes] = {}
        self._digest = ""

    @property
    def digest(self) -> str:
        """The digest of what it says."""
        self._digest = self._digest or hashlib.sha256(self.sorted).hexdigest()
        return self._digest

    def formatted(self, depth: int) -> bytes:
        """Return it as it stands in a file, so many levels deep."""
        if depth not in self._formatted:
            import msgspec

            text = escape_hidden(msgspec.json.format(self.plain, indent=1))
            # A line feed in a text is written as two letters.
            self._formatted[depth] = text.replace(b"\n", b"\n" + b" " * depth)
        return self._formatted[depth]


class _Several:
    """A list of parts as JSON."""

    __slots__ = ("_digest", "_parts", "_texts")

    def __init__(self, parts: list[_Written]) -> None:
        self._parts = parts
        self._texts: dict[tuple[int, bool], list[bytes]] = {}
        self._digest = ""

    @property
    def digest(self) -> str:
        """The digest of what they say."""
        if not self._digest:
            text = b",".join([part.sorted for part in self._parts])
            self._digest = hashlib.sha256(b"[%b]" % text).hexdigest()
        return self._digest

    def texts(self, depth: int, compact: bool) -> list[bytes]:
        """Return it as it stands in a file, so many levels deep: pieces to be joined."""
        if (depth, compact) not in self._texts:
            self._texts[depth, compact] = self._pieces(depth, compact)
        return self._texts[depth, compact]

    def _pieces(self, depth: int, compact: bool) -> list[bytes]:
        if not self._parts:
            return [b"[]"]
        feed = b"" if compact else b"\n" + b" " * (depth + 1)
        pieces = [b"[" + feed]
        for part in self._parts:
            pieces += (part.plain if compact else part.formatted(depth + 1), b"," + feed)
        pieces[-1] = feed[:-1] + b"]"
        return pieces


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
        self.several: OfPart[tuple[Any, ...], _Several] = OfPart(self._write_several, _LISTS)
        """Returns a list of parts as JSON."""

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
        return b"".join([*whole.texts(0, compact, content), b"\n"])

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

    def _write_several(self, values: tuple[Any, ...]) -> _Several:
        return _Several(list(map(self.written, values)))

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
        self._members: dict[str, _Written | _Several | _Members | None] = {}
        kind: type = type(whole)
        for name in _names(kind):
            if name in inner:
                self._members[name] = inner[name]
                continue
            value = getattr(whole, name)
            made = parts.several(value) if isinstance(value, tuple) else parts.written(value)
            self._members[name] = made
            if above or name not in NOT_CONTENT:
                digests[above + name] = made.digest

    def texts(self, depth: int, compact: bool, content: Content | None = None) -> list[bytes]:
        """Return the object as it stands in a file: pieces to be joined, once for the whole."""
        feed = b"" if compact else b"\n" + b" " * (depth + 1)
        colon = b'":' if compact else b'": '
        pieces, before = [], b"{" + feed + b'"'
        for name, made in self._members.items():
            if content is not None and name == "content":
                made = _Written(_encoder().encode(content), b"")
            pieces.append(before + name.encode() + colon)
            before = b"," + feed + b'"'
            if isinstance(made, _Members | _Several):
                pieces += made.texts(depth + 1, compact)
            elif made is None:
                pieces.append(b"[]")
            else:
                pieces.append(made.plain if compact else made.formatted(depth + 1))
        pieces.append(feed[:-1] + b"}")
        return pieces


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
        self._lists: Recent[tuple[object, bytes], tuple[object, ...]] = Recent(_LISTS)
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
                found[field.name] = self._list(field, text)
            else:
                found[field.name] = self._part(field, text)
        return found

    def _list(self, field: _Field, text: "msgspec.Raw") -> tuple[object, ...]:
        key = (field.read, bytes(text))
        parts = self._lists.get(key)
        if parts is None:
            parts = tuple([self._part(field, x) for x in self._items.decode(text)])
            self._lists.put(key, parts)
        return parts

    def _part(self, field: _Field, text: "msgspec.Raw") -> object:
        key = (field.read, bytes(text))
        part = self._parts.get(key)
        if part is None:
            part = field.read.decode(text)
            self._parts.put(key, part)
        return part
