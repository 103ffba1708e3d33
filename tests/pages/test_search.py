"""The Search page: asking, filters, feedback, picks, links and what stands where there is nothing to show."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.searching import read
from tests.pages.conftest import pieces, press, sound, texts
from tests.tiny import make_clip


def cards(at: AppTest) -> list[dict]:
    return [card for piece in pieces(at, "motionbook_previews") for card in piece["cards"]]


def params(at: AppTest) -> dict[str, list[str]]:
    told = {name: at.query_params[name] for name in at.query_params}
    return {name: [value] if isinstance(value, str) else list(value) for name, value in told.items()}


def clip_id(bench, name: str) -> str:
    return next(clip.clip_id for clip in bench.library.clips() if clip.name == name)


def test_an_empty_library_says_where_clips_come_from(screen):
    told = texts(sound(screen("search")))
    assert "There is nothing to search yet" in told and "What are you looking for" not in told


def test_nothing_asked_yet_offers_questions_that_one_click_asks(library, screen):
    at = sound(screen("search"))
    assert "Type what you are looking for" in texts(at) and cards(at) == []
    at = sound(press(at, "jogging"))
    assert params(at)["q"] == ["label:jogging"] and cards(at)
    assert "most like jogging is" in texts(at)


def test_what_is_typed_is_a_label_words_or_an_expression_and_nonsense_is_told(library, screen):
    at = sound(screen("search", q="label:running"))
    box = at.multiselect(key="motionbook.search.queries")
    at = sound(box.set_value([*box.value, "jogging", "colour:red"]).run())
    assert params(at)["q"] == ["label:running", "label:jogging"]
    assert "“colour:red” was left out" in texts(at)


def test_a_card_says_how_alike_where_and_whose(library, screen):
    at = sound(screen("search", q="label:running", encoder="toy", fold="0"))
    found = {card["title"]: card for card in cards(at)}
    assert not {"run-ann.mp4", "run-bob.mp4"} & set(found), "a query does not find itself"
    card = found["jog-ann.mp4"]
    assert card["badges"] == ["own source"] and card["lines"][-1] == "jogging · ann" and card["lines"][1].startswith("0.0–1.")
    assert found["wave-cat.mp4"]["badges"] == ["synthetic"]
    assert found["**bold** :red[x] $y$ <script>.mp4"]["lines"][-1] == "no label · unknown source"
    order = [float(card["figure"].replace("−", "-")) for card in cards(at)]
    assert order == sorted(order, reverse=True)


def test_filters_narrow_the_list_stand_as_chips_and_in_the_link(library, screen):
    at = sound(screen("search", q="label:running", fold="0"))
    at = sound(at.multiselect(key="motionbook.search.labels").set_value(["jogging", ""]).run())
    assert {card["title"][:3] for card in cards(at)} == {"jog", "**b"}
    assert sorted(params(at)["label"]) == ["", "jogging"]
    at = sound(at.segmented_control(key="motionbook.search.own").set_value("hide").run())
    assert params(at)["own"] == ["hide"] and {card["title"][:3] for card in cards(at)} == {"**b"}
    at = sound(press(at, "label\\: jogging"))
    assert "label: jogging" not in texts(at) and params(at)["label"] == [""]
    at = sound(at.number_input(key="motionbook.search.shortest_seconds").set_value(100.0).run())
    assert cards(at) == [] and "widen them" in texts(at)
    at = sound(press(at, "Clear filters"))
    assert cards(at) and set(params(at)) == {"q", "encoder", "own", "fold"}


def test_a_link_restores_a_search_and_says_what_it_could_not_read(library, screen, workbench):
    like = clip_id(workbench(), "jog-bob.mp4")[:12]
    asked = {
        "q": ["label:running"],
        "encoder": "toy",
        "own": "hide",
        "moments": "1",
        "top": "2",
        "fold": "0",
        "more": [f"clip:{like}@0-1"],
    }
    at = sound(screen("search", **asked))
    assert read(params(at))[0] == read(asked)[0]
    assert "more like jog-bob.mp4 0–1 s" in texts(at) and len(cards(at)) == 2
    told = texts(sound(screen("search", q="label:running", own="nonsense", more="label:running")))
    assert "Own ('nonsense')" in told and "must be a clip or a part of one" in told


def test_a_link_cannot_make_this_machine_open_a_file(library, screen):
    told = texts(sound(screen("search", q="file:/etc/passwd")))
    assert "File: queries work on the command line only" in told and "Type what you are looking for" in told


def test_a_take_that_is_gone_says_so_and_what_to_do(library, screen):
    at = sound(screen("search", q="take:0123456789ab"))
    assert "record or drop it again" in texts(at) and at.multiselect(key="motionbook.search.queries").value == [
        "take:0123456789ab"
    ]


def test_an_unknown_name_leaves_the_controls_and_names_what_is_near(library, screen):
    at = sound(screen("search", q="label:runing"))
    assert "running" in texts(at) and at.multiselect(key="motionbook.search.queries").value == ["label:runing"]


def page():
    import streamlit as st

    from pages.parts import search_asking as asking
    from pages.parts.bench import found
    from pages.parts.previews import Event
    from pages.parts.search_answer import _act, _cards

    asking.follow(["toy"])
    asking.keep()
    cards = _cards(found(asking.current()))
    name = next(iter(cards))
    for kind in ("more", "less", "pick", "fold", "open"):
        st.button(kind, on_click=_act, args=(cards, Event(kind, name, ((name, True),) * (kind == "pick"))))
    st.button("undo", on_click=asking.undo)
    st.button("clear", on_click=asking.forget_feedback)


def test_what_is_done_with_a_card_is_kept_and_can_be_undone(library):
    at = AppTest.from_function(page)
    at.query_params["q"] = "label:running"
    at.query_params["fold"] = "0"
    at = sound(at.run())
    here = at.session_state["motionbook.session"]

    def given() -> tuple[int, int]:
        return len(here.search.more), len(here.search.less)

    at = sound(press(at, "more"))
    assert given() == (1, 0)
    at = sound(press(at, "more"))
    assert given() == (0, 0), "the same again takes it back"
    at = sound(press(press(at, "more"), "less"))
    assert given() == (0, 1), "one card is either the one or the other"
    for expected in ((1, 0), (0, 0)):
        at = sound(press(at, "undo"))
        assert given() == expected
    at = sound(press(press(at, "less"), "clear"))
    assert given() == (0, 0) and here.searches, "clearing can be undone too"
    at = sound(press(press(press(at, "pick"), "open"), "fold"))
    assert len(here.picked) == 1 and here.opened and here.unfolded == {here.opened}


def test_picked_clips_are_labelled_compared_and_pinned(library, screen, workbench):
    at = sound(screen("search", q="label:running", encoder="toy", fold="0"))
    at = sound(press(at, "Pick all 4"))
    assert "4 clips picked" in texts(at) and all(card["picked"] for card in cards(at))
    (link,) = [one.proto for one in at.get("page_link") if one.proto.label.startswith("Compare 4 clips")]
    assert "clips%3A" in link.query_string and "label%3Arunning" in link.query_string
    at.selectbox(key="motionbook.set.label").set_value("running")
    at = sound(press(at, "Set"))
    assert {clip.label for clip in workbench().library.clips()} == {"running"}
    at = sound(press(at, "Undo: label"))
    assert "jogging" in {clip.label for clip in workbench().library.clips()}
    at = sound(press(at, "Pin to notebook"))
    (entry,) = workbench().library.notebooks.all()
    (cell,) = workbench().library.notebooks.get(entry.notebook_id).cells
    assert cell.kind == "search" and read(cell.question)[0] == read({"q": "label:running", "encoder": "toy", "fold": "0"})[0]


def test_a_dropped_clip_is_asked_for_and_not_kept(library, screen, workbench, tmp_path):
    bench = workbench()
    before = len(bench.library.clips())
    take = bench.takes.take(make_clip(tmp_path / "wave.mp4", 3), "wave.mp4")
    bench.takes.embeddings(take.take_id, "toy")
    at = sound(screen("search", q=take.query, encoder="toy", fold="0"))
    assert "most like wave.mp4 is" in texts(at) and "**wave.mp4** is not in the library" in texts(at)
    assert len(bench.library.clips()) == before and len(cards(at)) == before
