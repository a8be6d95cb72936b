"""Letters that turn the direction of the text around them, made visible."""

import re

_LETTERS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SPANS = re.compile(f"[{_LETTERS}]")
"""They open or close a stretch of text that is read in another direction, up to the next line."""


def spell_directions(text: str) -> str:
    """Return a text with these letters as their numbers, so that none reaches beyond its place.

    Marks that stand for a single letter without width are left: they turn nothing around.

    Examples
    --------
    >>> spell_directions("Ada \\u202egm 002")
    'Ada [U+202E]gm 002'
    """
    # To look for each letter by itself is much quicker, and hardly any text has one.
    if text.isascii() or not any(letter in text for letter in _LETTERS):
        return text
    return _SPANS.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
