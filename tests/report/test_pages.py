"""Compiled templates are kept where they may be, and believed only if they are whole."""

import os
import sys

import jinja2
import markupsafe
import pytest

from epilepsy_pgx.report.pages import CompiledTemplates, escaped, page_template


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a template, of which Python keeps compiled code."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    page_template.cache_clear()
    (tmp_path / "a.html").write_text("one {{ x }} {% include 'b.html' %}")
    (tmp_path / "b.html").write_text("two")
    return tmp_path


def render(folder, x="<"):
    """Render the template as a new process would."""
    page_template.cache_clear()
    return page_template("a.html", folder).render(x=x)


def kept(folder):
    return sorted((folder / "__pycache__").glob("*"))


@pytest.fixture
def compiled(monkeypatch):
    """Names of the templates that were compiled."""
    names = []
    real = jinja2.Environment.compile

    def compile(self, source, name=None, *args, **kwargs):
        names.append(name)
        return real(self, source, name, *args, **kwargs)

    monkeypatch.setattr(jinja2.Environment, "compile", compile)
    return names


def test_a_template_is_compiled_once(folder, compiled):
    assert render(folder) == render(folder) == "one &lt; two"
    assert compiled == ["a.html", "b.html"]
    files = kept(folder)
    assert len(files) == 2
    assert not any(path.stat().st_mode & 0o022 for path in files)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\0" + path.read_bytes()[1:]),
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\xff"),
        lambda path: os.chmod(path, 0o666),
    ],
    ids=["short", "empty", "digest", "code", "anybody's"],
)
def test_what_is_not_whole_is_made_again(folder, compiled, change):
    render(folder)
    for path in kept(folder):
        change(path)
    assert render(folder) == "one &lt; two"
    assert compiled == ["a.html", "b.html"] * 2
    render(folder)
    assert compiled == ["a.html", "b.html"] * 2


def test_a_template_that_has_changed_is_compiled_again(folder, compiled):
    render(folder)
    (folder / "b.html").write_text("three {{ x }}")
    assert render(folder) == "one &lt; three &lt;"
    assert compiled == ["a.html", "b.html", "b.html"]


def test_code_of_another_jinja2_is_not_taken(folder, compiled, monkeypatch):
    render(folder)
    monkeypatch.setattr(jinja2, "__version__", "0.0")
    assert render(folder) == "one &lt; two"
    assert compiled == ["a.html", "b.html"] * 2


def test_nothing_is_kept_where_python_keeps_nothing(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert render(folder) == "one &lt; two"
    assert not kept(folder)


def test_a_folder_that_cannot_be_written_is_no_problem(folder, compiled):
    # A file stands where the folder would be made, which stops the superuser too.
    (folder / "__pycache__").write_text("")
    assert render(folder) == render(folder) == "one &lt; two"
    assert compiled == ["a.html", "b.html"] * 2


def test_compiled_templates_lie_where_python_is_told(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
    render(folder)
    place = CompiledTemplates(folder).place("0" * 40)
    assert place.is_relative_to(tmp_path / "elsewhere")
    assert len([*place.parent.glob("*.jinja")]) == 2
    assert not kept(folder)


@pytest.mark.parametrize(
    "value",
    ["", "a1", "a b", "<b>", "&amp;", "'\"", "é<", markupsafe.Markup("<b>"), 3, 1.5, None, ("<",)],
    ids=repr,
)
def test_values_are_escaped_as_jinja_does(value):
    assert escaped(value) == markupsafe.escape(value)


def test_what_a_template_calls_with_names_or_more_is_called_as_jinja_does(folder):
    (folder / "a.html").write_text(
        "{% macro m(x, y='<') %}[{{ x }}{{ y }}]{% endmacro %}"
        "{{ m('a') }}{{ m('a', y='b') }}{{ m(*['c', 'd']) }}{{ x['k'].upper() }}"
    )
    page_template.cache_clear()
    page = page_template("a.html", folder).render(x={"k": "&"})
    assert page == "[a&lt;][ab][cd]&amp;"
