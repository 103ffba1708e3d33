"""The menu that takes a figure along: four files, made only when wanted, each named after the figure."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core import sheets
from pages.parts import take_along


def screen() -> None:
    from pages.parts.take_along import take_along

    def give() -> None:
        raise AssertionError("drawing the page must not make the figure's files")

    take_along(give, name="Running & jogging", key="here")


def test_four_files_are_offered_and_none_is_made_before_it_is_wanted() -> None:
    at = AppTest.from_function(screen).run(timeout=30)
    assert not at.exception
    assert [button.label for button in at.get("download_button")] == [
        "Picture (PNG)", "Drawing (SVG)", "Numbers (CSV)", "Page for any browser (HTML)",
    ]  # fmt: skip


def test_a_page_carries_title_words_and_stamp() -> None:
    sheet = sheets.Intervals(rows=[("a", 0.5, 0.4, 0.6)], title="How <sure>?", stamp=sheets.Stamp(note="of 5 sources"))
    page = take_along.page(sheet)
    assert "<title>How &lt;sure&gt;?</title>" in page and "of 5 sources" in page
    assert 'content="Similarity with 95 % intervals. a 0.50 (0.40 to 0.60)."' in page and 'src="http' not in page


def test_names_of_files_are_plain() -> None:
    stems = [take_along.file_stem(name) for name in ("Running & jogging", "../../etc/passwd", "läuft 跑", "", "-" * 9, "x" * 99)]
    assert stems == ["running-jogging", "etc-passwd", "läuft-跑", "figure", "figure", "x" * 60]
