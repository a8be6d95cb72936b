"""Hooks of the documentation site: pages from outside `docs`, and links that leave the site.

The pages are read in the checkout too, where a link may lead to a table or to code. On the site
such a link becomes the name of the file, and one to another site its address.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = {
    "config/README.md": "configuration.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "reporting-faults.md",
}
"""Files outside `docs` that are pages of the site, by the page's name."""
_FENCE = re.compile(r"^(```\w+) .*$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside."""
    for place, name in OUTSIDE.items():
        text = (ROOT / place).read_text(encoding="utf-8")
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite the links that leave the folder of the documents."""
    inside = {file.src_uri for file in files}
    origin = {name: place for place, name in OUTSIDE.items()}
    source = origin.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    return rewrite(markdown, source, inside)


def rewrite(markdown: str, source: str, inside: set[str]) -> str:
    """Return a page with its links as the site has them.

    Parameters
    ----------
    source
        Path of the page in the checkout.
    inside
        Paths of what the site holds, below `docs`.

    Examples
    --------
    >>> rewrite("[rows](../reference/drugs.tsv), [keys](../config/README.md)", "docs/a.md", set())
    'rows (`reference/drugs.tsv`), [keys](configuration.md)'
    """
    here = posixpath.dirname(OUTSIDE.get(source, source.removeprefix("docs/")))

    def replaced(found: re.Match[str]) -> str:
        text, target, anchor = found[1], found[2], found[3] or ""
        if "://" in target:
            return f"{text} (`{target}`)"
        place = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        page = OUTSIDE.get(place, place.removeprefix("docs/"))
        if place in OUTSIDE or (place.startswith("docs/") and page in inside):
            return f"[{text}]({posixpath.relpath(page, here or '.')}{anchor})"
        named = text.strip("`") in (place, target, posixpath.basename(place))
        return f"`{place}`" if named else f"{text} (`{place}`)"

    # Words behind the language of a block are for the tests.
    return _LINK.sub(replaced, _FENCE.sub(r"\1", markdown))
