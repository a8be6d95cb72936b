"""WCAG 2.2 AA by axe in Chromium, in light and dark."""

import html
import json
import os
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.html import HtmlRenderer
from tests.report.examples import example_reports

AXE = Path(
    os.environ.get("AXE_CORE", Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js")
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = (
    "axe.run(document,{runOnly:%s}).then(r=>{document.body.innerHTML='';"
    "const p=document.createElement('pre');p.id='out';"
    "p.textContent=JSON.stringify(r.violations.map(v=>[v.id,v.nodes[0].html]));"
    "document.body.appendChild(p)})"
)


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["EX01", "EX05", "EX08"])
def test_axe_finds_nothing(name, dark, tmp_path):
    browser = which("chromium") or which("google-chrome")
    if browser is None:
        pytest.skip("no chromium")
    if not AXE.is_file():
        pytest.skip("no axe-core: npm install axe-core, or set AXE_CORE to its axe.min.js")
    page = HtmlRenderer(load_reference()).render(example_reports()[name])
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    engine = AXE.read_text(encoding="utf-8").replace("</script", "<\\/script")
    script = f"<script>{engine}</script><script>{RUN % json.dumps(RULES)}</script></body>"
    source = tmp_path / "page.html"
    source.write_text(page.replace("</body>", script), encoding="utf-8")
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
         "--virtual-time-budget=20000", *scheme, "--dump-dom", source.as_uri()],
        check=True, capture_output=True, text=True, timeout=60,
    )
    found = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, "axe gave no answer"
    assert json.loads(html.unescape(found[1])) == []
