"""The commands of the documents: blocks of shell, and what their pages say comes out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = sorted((ROOT / "docs/tutorials").glob("*.md"))
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(epilepsy-pgx [^`]+)`")
_INDENTED = re.compile(r"^ {4,}(epilepsy-pgx .+)$", re.MULTILINE)
ELSEWHERE = {
    "cluster": "needs a scheduler",
    "container": "takes minutes, and programs of its own",
    "multiqc": "tests/report/test_multiqc.py runs MultiQC",
    "release": "tests/test_release.py runs the script",
}
"""Why a block is not replayed, by the word behind its language."""


@dataclass
class Block:
    """A block of shell, and the lines that must come out of it."""

    script: str
    expected: list[str] = field(default_factory=list)


def blocks(page: Path) -> list[Block]:
    """Return what is to be replayed of a page."""
    found: list[Block] = []
    for language, word, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "sh" and not word.strip():
            found.append(Block(text))
        elif language == "sh":
            assert word.strip() in ELSEWHERE, f"{page.name}: {word}"
        elif language == "output":
            found[-1].expected += text.splitlines()
    return found


def commands(page: Path) -> Iterator[str]:
    """Yield every command line of a page that calls this program, on one line."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for _, _, body in _BLOCK.findall(text):
        for line in body.splitlines():
            bare = re.sub(
                r"^\s*(?:\$ |\w+=\$\(|- run: )*(?:[\w./$-]+/)?(?=epilepsy-pgx )", "", line
            )
            if bare.startswith("epilepsy-pgx "):
                yield bare
    yield from _INDENTED.findall(text)
    yield from _SPAN.findall(text)
