"""Table and picture of docs/speed.md are those of what was measured."""

from xml.etree import ElementTree

from benchmarks import speed_page


def test_the_page_shows_what_was_measured() -> None:
    found = speed_page.read_data()
    assert speed_page.text_of(found) in speed_page.PAGE.read_text(encoding="utf-8")
    drawn = speed_page.picture(found)
    assert drawn == speed_page.PICTURE.read_text(encoding="utf-8")
    circles = ElementTree.fromstring(drawn).findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == len(found) * (1 + len(speed_page.TOTALS))
    for stages in found.values():
        assert {speed_page.READ, *speed_page.ALL} == {*stages}
        # A ratio is that of its own size.
        assert float(stages[speed_page.READ]["of_htslib"]) == 1
