"""People's Markdown as safe HTML: no raw HTML, no pictures (a page must fetch nothing), links to http and mail only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

_READER = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table").disable("image")


def _link(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, _env: Any) -> str:
    tokens[at].attrSet("target", "_blank")
    tokens[at].attrSet("rel", "noopener noreferrer")
    if str(tokens[at].attrGet("href") or "").split(":")[0].lower() not in ("http", "https", "mailto"):
        tokens[at].attrSet("href", "#")
    return renderer.renderToken(tokens, at, options, _env)


_READER.add_render_rule("link_open", _link)


def html_of(markdown: str) -> str:
    """``markdown`` (CommonMark and tables) as HTML that needs no further cleaning."""
    return str(_READER.render(markdown))
