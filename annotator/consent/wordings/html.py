"""A document's Markdown as HTML: nothing gets in but what is on the list of tags."""

from markdown_it import MarkdownIt
from markupsafe import Markup
from nh3 import clean

_TAGS = {"h2", "h3", "p", "ul", "ol", "li", "strong", "em", "a", "code", "blockquote", "hr", "br", "div",
         "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip


def as_html(body: str) -> Markup:
    """Return a document's Markdown as HTML; what is not on the list of tags is dropped."""
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(body)
    html = html.replace("<table>", '<div class="wide"><table class="rows">').replace("</table>", "</table></div>")
    kept = clean(html, tags=_TAGS, attributes={"a": {"href"}, "div": {"class"}, "table": {"class"}})
    return Markup(kept)  # noqa: S704  # nh3 has just cleaned it
