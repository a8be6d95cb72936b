"""Letters that are not seen: they turn the text around them, or steer a terminal."""

import re

_LETTERS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
_HIDDEN = re.compile(f"[{_LETTERS}]")


def spell_hidden(text: str) -> str:
    """Return a text with these letters as their numbers, so that none reaches beyond its place.

    Tabs and line feeds are left: they are what a page or a table is made of.

    Examples
    --------
    >>> spell_hidden("Ada \\u202egm 002")
    'Ada [U+202E]gm 002'
    """
    # A whole page or report passes here, and hardly any has one.
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def on_one_line(text: str) -> str:
    """Return such a text without tabs and line feeds, which would begin another line of a log.

    Examples
    --------
    >>> on_one_line("EX01\\nEX02: all well")
    'EX01 EX02: all well'
    """
    return spell_hidden(re.sub(r"\r\n|[\t\n\r]", " ", text))


def escape_hidden(data: bytes) -> bytes:
    """Return JSON with these letters as its escapes: it means the same, and hides nothing.

    Examples
    --------
    >>> escape_hidden('"Ada \\u202egm"'.encode())
    b'"Ada \\\\u202egm"'
    """
    if data.isascii() and b"\x7f" not in data:
        return data
    text = data.decode("utf-8")
    # Line feeds between values stay; within a text JSON has them escaped.
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode("utf-8")
