"""The command writes the page and the questionnaire, and the page holds all that it needs."""

import base64
import hashlib
import re

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands


@pytest.fixture(scope="module", params=["en", "es"])
def page(request, tmp_path_factory):
    out = tmp_path_factory.mktemp("form")
    done = CliRunner().invoke(commands, ["form", "--out", str(out), "--language", request.param])
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in out.iterdir()) == ["entry.html", "questionnaire.json"]
    return (out / "entry.html").read_text(encoding="utf-8")


def test_the_page_has_one_script_and_allows_no_other(page):
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "form-action 'none'; base-uri 'none'"
    )


def test_the_page_refers_to_nothing_outside_and_keeps_nothing(page):
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
    assert not re.search(r"url\(|@import", page)
    kept = (
        r"localStorage|sessionStorage|indexedDB|cookie|fetch\(|XMLHttpRequest|WebSocket|sendBeacon"
    )
    assert not re.search(kept, page)


def test_a_language_without_texts_is_refused(tmp_path):
    done = CliRunner().invoke(commands, ["form", "--out", str(tmp_path), "--language", "xx"])
    assert done.exit_code == 2
    assert not list(tmp_path.iterdir())
