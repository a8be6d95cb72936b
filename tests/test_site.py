"""The documentation site: every page has its place, and nothing of it lies elsewhere."""

import doctest
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
OUTSIDE = re.compile(
    r"""(?:(?:src|href|action|srcset)\s*=\s*["']?|url\(["']?|@import\s+["'])(?:https?:)?//"""
)


def pages(entry: object) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    return [page for part in parts for page in pages(part)]


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_hooks", ROOT / "release/site.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_menu_has_every_page_once(hooks: ModuleType) -> None:
    own = [p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs").rglob("*.md")]
    assert sorted(pages(CONFIG["nav"])) == sorted([*own, *hooks.OUTSIDE.values()])


def test_no_font_and_no_line_of_the_maker_is_fetched() -> None:
    assert CONFIG["theme"]["font"] is False
    assert CONFIG["extra"]["generator"] is False


def test_the_examples_of_the_hooks(hooks: ModuleType) -> None:
    assert doctest.testmod(hooks) == (0, 1)


@pytest.mark.parametrize(
    ("source", "written", "shown"),
    [
        ("docs/a.md", "[b](b.md#c)", "[b](b.md#c)"),
        ("docs/sub/a.md", "[b](../b.md)", "[b](../b.md)"),
        ("docs/sub/a.md", "[keys](../../config/README.md)", "[keys](../configuration.md)"),
        ("config/README.md", "[b](../docs/b.md)", "[b](b.md)"),
        ("docs/a.md", "[`LICENSE`](../LICENSE)", "`LICENSE`"),
        ("docs/a.md", "[it](https://example.org/x)", "it (`https://example.org/x`)"),
        ("docs/a.md", "```sh cluster\nls\n```", "```sh\nls\n```"),
    ],
)
def test_links_that_leave_the_documents(
    hooks: ModuleType, source: str, written: str, shown: str
) -> None:
    assert hooks.rewrite(written, source, {"b.md"}) == shown


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<script src="https://x.org/a.js">', True),
        ('<img src="//x.org/a.png">', True),
        ("a{background:url(https://x.org/a.png)}", True),
        ("@import 'https://x.org/a.css'", True),
        ('<a href="index.html">https://x.org</a>', False),
    ],
)
def test_what_counts_as_a_reference_to_elsewhere(text: str, found: bool) -> None:
    assert bool(OUTSIDE.search(text)) is found


@pytest.mark.slow
def test_the_built_pages_refer_to_nothing_elsewhere(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "mkdocs", "build", "--quiet", "-d", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    made = [p for p in tmp_path.rglob("*") if p.suffix in (".html", ".css", ".xml")]
    assert len(made) > 50
    for path in made:
        text = re.sub(r"<(pre|code)\b.*?</\1>", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert not OUTSIDE.search(text), path.name
    home = (tmp_path / "index.html").read_text(encoding="utf-8")
    for page in pages(CONFIG["nav"]):
        assert page.replace(".md", ".html") in home, page
