"""The reader of pages finds what it should find: one page per fault."""

import pytest

from tests.html import Page
from tests.html_faults import faults_of

GOOD = """<!doctype html>
<html lang="en" dir="ltr"><head><title>Join · Annotator</title><meta name="viewport" content="width=device-width"></head>
<body><main><h1>Join</h1>
<form method="post"><input type="hidden" name="csrf_token" value="x">
<label for="a">Name</label><input id="a" name="a"><textarea aria-label="Text" name="b" lang="ar" dir="rtl">
مرحبا</textarea>
<fieldset><legend>One of</legend><label><input type="radio" name="c" value="1">One</label></fieldset>
<select aria-label="More" name="d"><option value="1" selected>1</option></select><button>Go</button></form>
<p lang="yo-Latn" dir="ltr">Ẹ káàbọ̀</p><p lang="fa" dir="rtl">سلام</p><bdi>שלום</bdi><a href="#a">Up</a>
<br><svg viewBox="0 0 1 1"><path d="m1 1"/></svg></main></body></html>"""


def test_a_good_page_has_no_fault() -> None:
    assert faults_of(Page(GOOD)) == []


@pytest.mark.parametrize(
    ("part", "instead", "fault"),
    [
        ("<h1>Join</h1>", "<h1>Joining</h1>", "is not the h1"),
        ("<h1>Join</h1>", "<h1>Join</h1><h1>Join</h1>", "2 h1"),
        ('<html lang="en" dir="ltr">', '<html lang="en">', "<html> has no dir"),
        ('<p lang="fa" dir="rtl">', '<p lang="fa" dir="ltr">', "does not fit lang"),
        ('<p lang="fa" dir="rtl">', '<p lang="fa">', "without dir"),
        ('<p lang="fa" dir="rtl">', "<p>", "right-to-left text without dir"),
        ('<p lang="yo-Latn" dir="ltr">', '<p lang="yo-Latn" dir="rtl">', "does not fit lang"),
        ('lang="ar" dir="rtl"', "", "right-to-left text without dir"),
        ("<bdi>שלום</bdi>", "שלום", "right-to-left text without dir"),
        ('<label for="a">Name</label>', "", "no label"),
        ('<label for="a">', '<label for="z">', "leads to no id “z”"),
        ('<a href="#a">', '<a href="#b">', "leads nowhere"),
        ("<p ", '<p id="a" ', "stands 3 times"),
        ("<legend>One of</legend>", "", "without a fieldset and a legend"),
        ("<button>Go</button>", "<button></button>", "no words to read out"),
        ('<input type="hidden" name="csrf_token" value="x">', "", "0 tokens"),
        ("<br>", "<script>alert(1)</script>", "inline, which"),
        ("<br>", '<p style="color: red">x</p>', "inline style"),
        ("<br>", '<p onclick="x()">x</p>', "inline onclick"),
        ("<br>", '<script src="https://example.org/x.js"></script>', "another server"),
        ("<br>", "<h3>Far down</h3>", "h3 after h1"),
        ("<br>", "<div>", "closes <div>"),
        ("<br>", '<img src="/x.png">', "no alt"),
        ("<br>", "<form><input name=q aria-label=x><form></form></form>", "a form inside a form"),
    ],
)
def test_each_fault_is_found(part: str, instead: str, fault: str) -> None:
    assert part in GOOD
    found = faults_of(Page(GOOD.replace(part, instead)))
    assert any(fault in sentence for sentence in found), found


def test_a_form_is_sent_as_a_browser_would_send_it() -> None:
    form = Page(GOOD, path="/join").form(button="Go")
    assert (form.action, form.method) == ("/join", "post")
    assert form.filled({"a": "Ada", "c": 1}) == {
        "csrf_token": ["x"], "a": ["Ada"], "b": ["مرحبا"], "c": ["1"], "d": ["1"],
    }  # fmt: skip


def test_a_field_that_the_form_lacks_is_a_fault() -> None:
    with pytest.raises(AssertionError, match="the form has no"):
        Page(GOOD).form().filled({"z": 1})
