"""Everything about one encoder in a dialog: its facts with their sources, and every way to get its weights."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from core import weights
from core.errors import UnknownName
from core.weights import WeightsStatus
from core.workbench import EncoderSpec, Workbench
from pages.parts import models_import
from pages.parts.frame import guarded
from pages.parts.models_words import STREAMS, badge, facts, linked, seconds, short
from pages.parts.state import get, key, session
from pages.parts.words import plain, size

PARAM = "model"


def open_for(name: str) -> None:
    """As a callback: the address names the encoder, and the page that follows shows it."""
    st.query_params[PARAM] = name


def follow_address(bench: Workbench) -> None:
    """Show the encoder that the address names, if it names one."""
    name = st.query_params.get(PARAM, "")
    if not name:
        return
    try:
        spec = bench.spec(name)
    except UnknownName as error:
        st.warning(plain(str(error)), icon=":material/link_off:")
        return
    st.dialog(plain(spec.title), width="large", on_dismiss=_close)(_shown)(bench, spec)


def _close() -> None:
    st.query_params.pop(PARAM, None)


def _shown(bench: Workbench, spec: EncoderSpec) -> None:
    status = bench.shelf.status(spec.name)
    st.html(f'<div class="mb-top"><span class="mb-name">{escape(spec.name)}</span>{badge(status)}</div>')
    if not status.ready:
        st.warning(plain(status.problem[:1].upper() + status.problem[1:]), icon=":material/inventory_2:")
    if status.packages:
        st.code(weights.OPTIONAL, language="bash")
    st.html(facts(_facts(spec, status)))
    _actions(bench, spec, status)
    if can_fetch(spec, status) and spec.weights is not None:
        _by_hand(bench, spec, status)


def _facts(spec: EncoderSpec, status: WeightsStatus) -> list[tuple[str, str]]:
    framing, sampling = spec.framing, spec.sampling
    top1 = "none published" if spec.top1 is None else f"{spec.top1:g} % top-1 on Kinetics-400: {linked(spec.top1_source)}"
    return [
        ("Sees", escape(f"{STREAMS[spec.stream]}, {spec.frames} frames of {framing.crop_px} x {framing.crop_px} pixels")),
        ("Window", f"{seconds(sampling.window_seconds)}, one every {seconds(sampling.stride_seconds)}"),
        ("Vector", f"{spec.dimension:,} numbers: {escape(spec.layer)}"),
        ("Classifier", f"{spec.actions} action names" if spec.actions else "none"),
        ("Accuracy", top1),
        ("Paper", linked(spec.paper)),
        ("Licence", linked(spec.licence)),
        ("Weights", _weights(status)),
        ("Their source", linked(status.source)),
        ("Their licence", linked(status.licence)),
        ("Their sha256", f"<code>{status.sha256}</code>" if status.sha256 else ""),
        ("Parts", escape(", ".join(status.parts))),
        ("Packages", escape(", ".join(spec.needs))),
    ]


def _weights(status: WeightsStatus) -> str:
    if status.path is not None:
        return f"{size(status.bytes)} in <code>{escape(str(status.path.parent))}</code>"
    if status.partial_bytes:
        return f"{size(status.partial_bytes)} of the download are here; it goes on from there"
    if status.place is not None:
        return f"<code>{escape(status.file_name)}</code>" + (f", {size(status.download_bytes)}" if status.download_bytes else "")
    return "" if status.parts else "none needed"


def can_fetch(spec: EncoderSpec, status: WeightsStatus) -> bool:
    """Whether a download would help: not for somebody's own file, nor where only a package is missing."""
    fetched = bool(spec.parts) or (spec.weights is not None and spec.weights.kind != "file")
    return fetched and not status.ready and status.path is None


def _actions(bench: Workbench, spec: EncoderSpec, status: WeightsStatus) -> None:
    busy = _busy(bench)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if can_fetch(spec, status):
            amount = f" ({size(status.download_bytes)})" if status.download_bytes and not status.partial_bytes else ""
            label = ("Resume the download" if status.partial_bytes else "Download the weights") + amount
            if st.button(label, type="primary", icon=":material/download:", key=key("get", spec.name), disabled=busy):
                _begin(bench.shelf.fetch, spec.name)
        stored = status.path is not None or (bool(spec.parts) and status.ready)
        if stored and st.button("Check every byte", icon=":material/verified:", key=key("verify", spec.name), disabled=busy):
            _begin(bench.shelf.verify, spec.name)
        if busy:
            st.caption("Another errand is under way; its progress is at the top of the page.", width="content")


def _busy(bench: Workbench) -> bool:
    return bench.errands.state is not None and not bench.errands.state.ended


def _begin(act: Callable[..., None], *arguments: object) -> None:
    """Close the dialog and act. Not as a button's callback: the button, drawn anew as disabled, would not tell of its click."""
    _close()
    guarded(act)(*arguments)
    st.rerun()


def _by_hand(bench: Workbench, spec: EncoderSpec, status: WeightsStatus) -> None:
    """The way without internet: commands to copy, an uploader, and a path."""
    assert spec.weights is not None
    st.subheader("Without internet", anchor=False)
    st.caption(f"1. On a machine with internet, get {plain(status.file_name)} ({plain(short(status.licence))}):")
    st.code(weights.elsewhere(spec.weights), language="bash", wrap_lines=True)
    st.caption("2. Carry it here. Drop it below, or import it on the machine where Motionbook runs:")
    st.code(f"python -m core weights import {spec.name} {status.file_name}", language="bash", wrap_lines=True)
    path = key("carried", spec.name)
    dropped = st.file_uploader(
        f"Drop {plain(status.file_name)}", key=key("carry", spec.name, session().uploads), max_upload_size=2000
    )
    if dropped and st.button("Import the dropped file", type="primary", key=key("carry", "go", spec.name)):
        _begin(models_import.drop, bench, [dropped], spec.name)
    place, go = st.columns([4, 1], vertical_alignment="bottom")
    place.text_input("Or its path on the machine where Motionbook runs", key=path, placeholder=f"/media/disk/{status.file_name}")
    if go.button("Import", key=key("carried", "go", spec.name), width="stretch"):
        _begin(_take, bench, spec.name, get(path))


def _take(bench: Workbench, name: str, path: str | None) -> None:
    bench.shelf.take_for(name, models_import.typed(path))
