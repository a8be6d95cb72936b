"""Figures of what the tables hold, for a person or a program."""

import json
from collections.abc import Mapping

from epilepsy_pgx.reference.locators import locator_figures
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.pairs import pair_figures

Figures = Mapping[str, int | float | str]
"""Figures, or words, by what they are about."""


def table_stats(ref: Reference) -> dict[str, Mapping[str, Figures]]:
    """Return the figures by subject: of each, blocks of figures by name."""
    return {"locators": locator_figures(ref), "pairs": pair_figures(ref)}


def format_stats(stats: Mapping[str, Mapping[str, Figures]], form: str = "text") -> str:
    """Write figures for a person (`text`) or a program (`json`).

    Examples
    --------
    >>> print(format_stats({"pairs": {"all": {"not read": 2}}}), end="")
    pairs, all
        2  not read
    """
    if form == "json":
        return json.dumps({"stats": stats}, indent=1, ensure_ascii=False) + "\n"
    lines = []
    for subject, blocks in stats.items():
        for name, figures in blocks.items():
            width = max(map(len, map(str, figures.values())), default=0)
            lines.append(f"{subject}, {name}")
            lines += [f"    {value!s:>{width}}  {what}" for what, value in figures.items()]
    return "".join(f"{line}\n" for line in lines)
