"""Letters that turn the direction of the text around them, made visible."""

import re

_SPANS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""They open or close a stretch of text that is read in another direction, up to the next line."""


def spell_directions(text: str) -> str:
    """Return a text with these letters as their numbers, so that none reaches beyond its place.

    Marks that stand for a single letter without width are left: they turn nothing around.

    Examples
    --------
    >>> spell_directions("Ada \\u202egm 002")
    'Ada [U+202E]gm 002'
    """
    return _SPANS.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
