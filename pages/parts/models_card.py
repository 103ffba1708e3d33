"""An encoder as a card: what it sees, what it needs, how good it is known to be, and the button that helps next."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.workbench import Workbench
from pages.parts import models_detail, models_errand
from pages.parts.frame import guarded
from pages.parts.models_words import Model, accuracy, badge, facts, sees, short, weights
from pages.parts.state import key

STYLE = """<style>
  .mb-model {font-weight: 640; font-size: 1rem; line-height: 1.3;}
  .mb-name {font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .8rem; opacity: .72;}
  .mb-state {font-size: .8rem; font-weight: 600; white-space: nowrap;}
  .mb-state::before {content: ""; display: inline-block; width: .55rem; height: .55rem; border-radius: 50%; margin-right: .35rem;
    border: 2px solid currentColor; box-sizing: border-box;}
  .mb-ready {color: #0F8A7E;} .mb-ready::before {background: currentColor;}
  .mb-lacking {opacity: .72;}
  .mb-facts {display: grid; grid-template-columns: max-content 1fr; gap: .12rem .8rem; font-size: .85rem;}
  dl.mb-facts, .mb-facts dt, .mb-facts dd {margin: 0; padding: 0;} dl.mb-facts {margin-top: .4rem;}
  .mb-facts a {color: inherit;}
  .mb-facts dt {opacity: .68;} .mb-facts dd {overflow-wrap: anywhere;}
  .mb-top {display: flex; justify-content: space-between; gap: .6rem; align-items: baseline;}
</style>"""


def groups(bench: Workbench, shown: Sequence[Model]) -> None:
    """The cards of each family below its name."""
    for group in dict.fromkeys(model.group for model in shown):
        members = [model for model in shown if model.group == group]
        ready = sum(model.status.ready for model in members)
        st.subheader(f"{group} · {ready} of {len(members)} ready", anchor=False)
        with st.grid("auto", min_column_width=290, gap="small", key=key("models", group)):
            for model in members:
                with st.container(border=True, key=f"model-{model.spec.name}", gap="small", height="stretch"):
                    _card(bench, model)


def _card(bench: Workbench, model: Model) -> None:
    spec, status = model.spec, model.status
    rows = [
        ("Sees", escape(sees(spec))),
        ("Vector", f"{spec.dimension:,} numbers"),
        ("Kinetics-400", accuracy(spec)),
        ("Weights", escape(weights(status))),
        ("Licence", escape(short(status.licence))),
    ]
    st.html(
        f'<div class="mb-top"><span class="mb-name">{escape(spec.name)}</span>{badge(status)}</div>'
        f'<div class="mb-model">{escape(spec.title)}</div>{facts(rows)}'
    )
    if models_errand.is_about(bench, spec.name):
        st.caption("Under way: see the top of the page.")
        return
    with st.container(horizontal=True, gap="small"):
        st.button("Details", key=key("details", spec.name), on_click=models_detail.open_for, args=(spec.name,), type="tertiary")
        if models_detail.can_fetch(spec, status):
            label = "Resume download" if status.partial_bytes else "Download"
            st.button(
                label, key=key("fetch", spec.name), on_click=guarded(bench.shelf.fetch), args=(spec.name,),
                icon=":material/download:", type="tertiary",
            )  # fmt: skip
