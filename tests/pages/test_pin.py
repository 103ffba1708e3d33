"""The pin: one click keeps a question, one more takes it back."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import press, sound


def page() -> None:
    from pages.parts import frame, pin
    from pages.parts.bench import workbench

    with frame.boundary():
        frame._tell()  # what the callbacks said; the navigation needs the whole app
        for name in ("one", "two"):
            pin.pin(workbench(), "comparison", {"queries": [f"label:{name}"], "encoder": "toy"}, title=f"*{name}*", key=name)


def pins(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def test_a_pin_makes_the_first_notebook_and_can_be_taken_back(library, workbench):
    at = sound(AppTest.from_function(page).run())
    assert pins(at) == ["Pin to notebook"] * 2
    at = sound(at.button[0].click().run())
    shelf = workbench().library.notebooks
    (entry,) = shelf.all()
    (cell,) = shelf.get(entry.notebook_id).cells
    assert (entry.title, cell.kind, cell.title) == ("My notebook", "comparison", "*one*")
    assert cell.question == {"queries": ["label:one"], "encoder": "toy"}
    assert pins(at) == ["Pinned", "Undo", "Pin to notebook"] and "Pinned to My notebook" in at.toast[0].value
    at = sound(press(at, "Undo"))
    assert shelf.get(entry.notebook_id).cells == () and pins(at) == ["Pin to notebook"] * 2


def test_a_second_pin_goes_into_the_same_notebook_and_undo_after_a_deletion_is_quiet(library, workbench):
    at = sound(AppTest.from_function(page).run().button[0].click().run())
    at = sound(press(at, "Pin to notebook"))
    (entry,) = workbench().library.notebooks.all()
    assert entry.cells == 2
    workbench().library.notebooks.forget(entry.notebook_id)
    assert not sound(press(at, "Undo")).error
