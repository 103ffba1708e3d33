"""Compare."""

from __future__ import annotations

import numpy as np
import pytest

from core.timelines import Timelines
from pages.parts.state import key
from tests.pages.conftest import films, pieces, press, sound, texts

SIDES, ENCODER, VIEW = key("compare", "sides"), key("compare", "encoder"), key("compare", "view")
RUN_JOG = ["label:running", "label:jogging"]


def address(at) -> dict[str, list[str]]:
    return {name: values if isinstance(values, list) else [values] for name, values in at.query_params.items()}


def test_an_empty_library_leads_to_samples(screen):
    assert "nothing to compare yet" in texts(sound(screen("compare")))


def test_running_and_jogging_are_chosen_by_themselves(library, screen):
    at = sound(screen("compare"))
    assert at.session_state[SIDES] == RUN_JOG
    assert "Running and jogging" in texts(at)
    assert "Within running" in texts(at) and "2 clips of 2 sources against 2 clips of 2 sources" in texts(at)
    assert address(at)["q"] == RUN_JOG and address(at)["encoder"] == ["toy"] and address(at)["cell"] == ["0,1"]
    assert not at.warning


def test_the_answer_begins_with_how_sure_it_is(library, screen):
    """Two people who do both: nothing is claimed, and what is lacking is told."""
    at = sound(screen("compare"))
    written = texts(at)
    assert "**Whether running and jogging differ cannot be said yet:** clips of one side are alike at" in written
    assert "2 clips of 2 sources and 2 of 2, 2 of them on both sides." in written
    assert "No interval: it needs at least 3 sources on a side" in written and "4 more sources that do both" in written
    told = {metric.label: metric.value for metric in at.metric}
    assert told["p"] in ("0.50", "1.00") and told["Smallest p"] == "0.50" and {"Gap", "ROC AUC", "Silhouette"} <= told.keys()
    assert all(metric.help for metric in at.metric) and len(at.latex) == 4
    at.selectbox(key=key("compare", "Row")).set_value(1).run()
    assert "Clips of jogging of different sources are" in texts(sound(at))


def test_three_groups_are_also_taken_together(library, screen):
    at = sound(screen("compare", q=[*RUN_JOG, "label:waving <b>&[x](y)"]))
    assert "All 3 together, running, jogging and waving" in texts(at)


def test_every_setting_of_a_link_is_taken_up(library, screen):
    at = sound(screen("compare", q=["label:jogging", "label:running"], view="clips", cell="1,3"))
    assert at.session_state[SIDES] == ["label:jogging", "label:running"]
    assert at.session_state[VIEW] == "clips" and address(at)["cell"] == ["1,3"]
    assert len([film for film in films(at) if film["url"]]) == 2


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"q": ["label:runing", "label:jogging"]}, "running"),
        ({"q": ["nonsense", *RUN_JOG]}, "kind:value"),
        ({"q": RUN_JOG, "encoder": "abacus"}, "abacus"),
        ({"q": RUN_JOG, "view": "<script>"}, "groups is shown instead"),
        ({"q": RUN_JOG, "cell": "a,b"}, "two numbers"),
        ({"q": ["file:/etc/passwd", *RUN_JOG]}, "command line only"),
        ({"q": ["clip:zz", *RUN_JOG]}, "hex digits"),
        ({"q": ["action:jogging", *RUN_JOG]}, "classifier"),
        ({"q": [f"label:{'x' * 5000}", *RUN_JOG]}, "shorten"),
    ],
)
def test_what_a_link_gets_wrong_is_told_and_the_rest_is_shown(library, screen, params, told):
    at = sound(screen("compare", **params))
    assert told in "\n".join(warning.value for warning in at.warning).replace("\\", "")


def test_a_cell_outside_the_table_falls_back(library, screen):
    at = sound(screen("compare", q=RUN_JOG, cell="7,9"))
    assert address(at)["cell"] == ["0,1"]


def test_the_pickers_choose_a_cell_without_a_mouse(library, screen):
    at = sound(screen("compare"))
    at.selectbox(key=key("compare", "Row")).set_value(1).run()
    assert address(sound(at))["cell"] == ["1,1"]
    assert "Within jogging" in texts(at)


def test_other_depth_other_names(library, screen):
    at = sound(screen("compare"))
    at.segmented_control(key=VIEW).set_value("clips").run()
    rows = at.selectbox(key=key("compare", "Row"))
    assert list(rows.options) == ["run-ann", "run-bob", "jog-ann", "jog-bob"]
    assert address(at)["view"] == ["clips"] and address(at)["cell"] == ["0,3"]  # run-ann against jog-bob
    at.selectbox(key=key("compare", "Column")).set_value(2).run()
    assert "They are of one source" in texts(sound(at))  # run-ann against jog-ann


def test_a_single_clip_and_hostile_names_can_be_compared(library, screen, workbench):
    odd = next(clip for clip in workbench().library.clips() if "script" in clip.name)
    at = sound(screen("compare", q=[f"clip:{odd.clip_id[:12]}", "label:waving <b>&[x](y)"]))
    assert "<script>" not in "".join(text.value for text in [*at.markdown, *at.subheader, *at.caption]).replace("\\<", "")
    assert len([film for film in films(at) if film["url"]]) == 2


def test_a_comparison_is_remembered_once(library, screen, workbench):
    at = sound(screen("compare"))
    at.selectbox(key=key("compare", "Row")).set_value(1).run()
    sound(screen("compare"))
    (kept,) = workbench().library.recent_comparisons()
    assert kept.payload["queries"] == RUN_JOG and kept.title == "running, jogging"
    assert kept.payload["sentence"].startswith("Running and jogging: ")


def test_nothing_chosen_is_an_invitation(library, screen):
    at = sound(screen("compare"))
    at.multiselect(key=SIDES).set_value([]).run()
    assert "Pick at least two groups" in texts(sound(at))


def test_one_group_alone_is_compared_with_itself(library, screen):
    at = sound(screen("compare", q=["label:running"]))
    assert "Within running" in texts(at)


def test_an_encoder_that_has_seen_nothing_offers_to_look(library, screen, workbench, monkeypatch):
    bench = workbench()
    first = next(iter(bench.encoders()))
    monkeypatch.setattr(bench, "fingerprint", lambda encoder=None: first.fingerprint("f" * 64))
    at = sound(screen("compare"))
    assert "has not seen 6 clips of 6" in texts(at) and "Embed the missing 6 clips" in texts(at)
    sound(press(at, "Embed the missing"))
    assert workbench().library.jobs()[0].total == 6
    workbench().library.cancel_job(workbench().library.jobs()[0].job_id)


def test_labels_of_one_source_say_why_there_is_no_number(library, screen, workbench):
    bench = workbench()
    bench.library.relabel([clip.clip_id for clip in bench.library.clips()], source="one")
    at = sound(screen("compare"))
    assert "one source" in texts(at) and "add clips of another person" in texts(at)


def inside(at) -> object:
    """The button that looks into the chosen cell."""
    return next(button for button in at.button if button.label.startswith("Look inside"))


def test_a_cell_is_looked_into_and_left_again(library, screen):
    at = sound(screen("compare", q=[*RUN_JOG, "label:waving <b>&[x](y)"]))
    (heatmap,) = pieces(at, "motionbook_heatmap")
    assert heatmap["rowNames"] == ["running", "jogging", "waving <b>&[x](y)"] and heatmap["chosen"] == [0, 1]
    assert heatmap["exact"][1] == heatmap["exact"][3] and heatmap["png"].startswith("data:image/png;base64,")
    inside(at).click().run()
    (heatmap,) = pieces(sound(at), "motionbook_heatmap")
    assert heatmap["rowNames"] == ["run-ann", "run-bob", "jog-ann", "jog-bob"], "of these two groups alone"
    assert heatmap["rowGroups"] == [1, 1, 0, 0] and heatmap["groupNames"] == ["jogging", "running"]
    assert address(at)["view"] == ["clips"] and address(at)["in"] == ["0,1"]
    inside(at).click().run()
    assert "2 windows of the first clip against 2 of the second. The line is" in texts(sound(at))
    assert address(at)["view"] == ["windows"] and len(address(at)["pair"][0].split(",")) == 2
    (player,) = pieces(at, "motionbook_sync")
    assert [film["title"] for film in player["films"]] == ["run-ann.mp4", "jog-bob.mp4"] and len(
        player["heat"]["rowSeconds"]
    ) == len(player["path"]) == 2
    press(at, "Clips of running and jogging")
    assert address(sound(at))["view"] == ["clips"] and address(at)["in"] == ["0,1"]
    press(at, "All groups")
    assert "view" not in address(sound(at)) and address(at)["cell"] == ["0,1"]


def test_moments_of_a_link_and_of_the_pair_that_plays(library, screen, workbench):
    ids = {clip.name: clip.clip_id[:12] for clip in workbench().library.clips()}
    at = sound(screen("compare", q=RUN_JOG, view="windows", pair=f"{ids['run-bob.mp4']},{ids['jog-ann.mp4']}"))
    assert [film["title"] for film in films(at)] == ["run-bob.mp4", "jog-ann.mp4"]
    at = sound(screen("compare", q=RUN_JOG, view="clips", cell="1,3"))
    at.segmented_control(key=VIEW).set_value("windows").run()
    assert [film["title"] for film in films(sound(at))] == ["run-bob.mp4", "jog-bob.mp4"]
    at = sound(screen("compare", q=RUN_JOG, view="windows", pair="ffffffffffff,000000000000"))
    assert "does not name two clips of these groups" in texts(sound(at)) and len(films(at)) == 2


def test_clips_that_are_alike_stand_together(library, screen):
    at = sound(screen("compare", q=RUN_JOG, view="clips", order="clustered"))
    (heatmap,) = pieces(at, "motionbook_heatmap")
    assert len(heatmap["tree"]) == 3 and not heatmap["sorted"]
    assert {name[:3] for name in heatmap["rowNames"][:2]} in ({"run"}, {"jog"}) and address(at)["order"] == ["clustered"]
    at.segmented_control(key=key("compare", "order")).set_value("labels").run()
    (heatmap,) = pieces(sound(at), "motionbook_heatmap")
    assert heatmap["tree"] is None and heatmap["rowNames"][0] == "run-ann" and "order" not in address(at)


def test_two_clips_lead_to_their_moments_and_their_rhythm(library, screen, workbench):
    at = sound(screen("compare"))
    assert "Count the rhythm of 2 clips" in texts(at)
    (link,) = [one for one in at.get("page_link") if "agree in time" in one.proto.label]
    assert "ask=agree" in link.proto.query_string


def test_moments_are_as_fine_as_they_were_read(library, screen, workbench):
    ids = {clip.name: clip.clip_id for clip in workbench().library.clips()}
    pair = [ids["run-ann.mp4"], ids["jog-bob.mp4"]]
    for clip_id in pair:
        Timelines(workbench()).timeline(clip_id, "toy")
    at = sound(screen("compare", q=RUN_JOG, view="windows", pair=",".join(clip_id[:12] for clip_id in pair)))
    (player,) = pieces(at, "motionbook_sync")
    assert np.diff(player["heat"]["rowSeconds"]).round(2).tolist() == [0.25] * (len(player["heat"]["rowSeconds"]) - 1)
    assert len(player["path"]) >= 2 and "a quarter of a second apart" in texts(at)
