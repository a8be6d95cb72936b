"""The command `model`: a table in, the same with probabilities out, one line for each fault."""

import pytest

from tests.command import run

HEAD = "sample\tonset_months\tprotein"


def ask(tmp_path, text, model="scn1a"):
    """Run the command on a text; return what it did, and the rows that it wrote."""
    table, out = tmp_path / "in.tsv", tmp_path / "out.tsv"
    table.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = run("model", model, "--table", table, "--out", out)
    rows = []
    if out.exists():
        rows = [x.split("\t") for x in out.read_text(encoding="utf-8").splitlines()]
    return done, rows


def test_rows_are_answered_in_their_order(tmp_path):
    rows = ["a\t6.6\tp.Arg1636Gln", "b\t6\ttruncating", "c\t.\tp.R222*", "d\t0\tp.R222*"]
    rows += ["e\t6\tp.Phe100Leu", "f\t6\tp.Lys5_Gly9del", "g\t6\t."]
    done, found = ask(tmp_path, "\n".join([HEAD, *rows]) + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert found[0] == [*HEAD.split("\t"), "probability", "lower", "upper", "status"]
    assert [x[:3] for x in found[1:]] == [x.split("\t") for x in rows]
    assert [x[6] for x in found[1:]] == [
        "computed",
        "computed",
        "no_onset",
        "onset_outside_training_range",
        "no_residue_score",
        "not_missense_or_truncating",
        "no_variant",
    ]
    assert found[2][3:6] == ["97.21", "95.12", "98.42"]
    assert all(x[3:6] == ["."] * 3 for x in found[3:])


@pytest.mark.parametrize("form", ["bom", "crlf", "quoted", "columns", "notes"])
def test_the_form_of_a_table_does_not_matter(tmp_path, form):
    text = f"{HEAD}\na\t6\ttruncating\n"
    text = {
        "bom": "\ufeff" + text,
        "crlf": text.replace("\n", "\r\n"),
        "quoted": text.replace("truncating", '"truncating"'),
        "columns": "Protein\tSample\tnote\tOnset_Months\ntruncating\ta\tx\t6\n",
        "notes": f"# from the clinic\n\n{text}\n",
    }[form]
    done, found = ask(tmp_path, text)
    assert (done.returncode, done.stderr) == (0, "")
    assert found[1][-4:] == ["97.21", "95.12", "98.42", "computed"]


def test_a_class_of_the_table_counts(tmp_path):
    rows = ["a\t6\ttruncating\tBenign", "b\t6\ttruncating\tLP", "c\t6\ttruncating\t."]
    done, found = ask(tmp_path, "\n".join([f"{HEAD}\tclass", *rows]))
    assert done.returncode == 0
    assert [x[-1] for x in found[1:]] == ["benign_class", "computed", "computed"]


def test_faults_are_a_line_each_and_the_others_are_answered(tmp_path):
    rows = ["a\tsix\ttruncating", "b\t6\tp.Arg100Trp", ".\t6\ttruncating", "d\t6\ttruncating"]
    rows += ["e\t6", "f\t-1\tnonsense", "g\t2000\ttruncating", "h\t6,5\ttruncating"]
    done, found = ask(tmp_path, "\n".join([HEAD, *rows]))
    assert done.returncode == 3
    assert [x[0] for x in found[1:]] == ["d"]
    lines = done.stderr.splitlines()
    assert len(lines) == 8  # row f has two
    assert all("in.tsv:" in x and "found" in x and "expected" in x for x in lines)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (f"{HEAD}\na\tsix\ttruncating\n", "months"),
        ("sample,onset_months,protein\na,6,truncating\n", "commas"),
        ("sample\tonset\tprotein\na\t6\ttruncating\n", "onset_months"),
        (f"{HEAD}\tstatus\na\t6\ttruncating\tx\n", "status"),
        (f"{HEAD}\tProtein\na\t6\ttruncating\tx\n", "twice"),
        (b"\x1f\x8b123", "gzip"),
        ("sample\tonset_months\tprotein\nä\t6\tx\n".encode("latin-1"), "UTF-8"),
        ("", "onset_months"),
    ],
)
def test_a_table_of_which_nothing_can_be_used_writes_nothing(tmp_path, text, word):
    done, found = ask(tmp_path, text)
    assert done.returncode == 2
    assert not found
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_table_stays_empty(tmp_path):
    done, found = ask(tmp_path, HEAD + "\n")
    assert (done.returncode, len(found)) == (0, 1)


def test_a_name_in_the_numbers_of_an_isoform_is_said(tmp_path):
    done, found = ask(tmp_path, f"{HEAD}\na\t6\tp.R1625Q\n")
    assert (done.returncode, found[1][-1]) == (0, "computed")
    assert "1998-residue isoform" in done.stderr


def test_a_model_that_no_table_has(tmp_path):
    done, _ = ask(tmp_path, HEAD, model="scn99")
    assert done.returncode == 2
    assert "scn1a" in done.stderr
