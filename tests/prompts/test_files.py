"""Reading files row by row, and what is said of those that cannot be read."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import Invalid
from annotator.prompts import files
from annotator.prompts.columns import Columns
from annotator.prompts.formats import lines, objects
from annotator.prompts.rows import Problem, Record


def rows(name: str, data: str | bytes, **more: Any) -> list[tuple[int, Any]]:  # noqa: ANN401  # what Columns takes
    """Return line and values of each row, or line and code of what is wrong with it."""
    raw = data.encode() if isinstance(data, str) else data
    found = files.read(io.BytesIO(raw), name, Columns(**more))
    return [(row.line, dict(row.values) if isinstance(row, Record) else row.code) for row in found]


def refused(name: str, data: str | bytes, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # what Columns takes
    """Return code and facts of the refusal of a whole file."""
    with pytest.raises(Invalid) as refusal:
        rows(name, data, **more)
    return {"code": refusal.value.code, **refusal.value.facts}


def test_json_lines() -> None:
    data = '\ufeff{"instruction": "a"}\r\n\n  {"instruction": "b\\u2028c", "n": 1}'
    assert rows("x.jsonl", data) == [(1, {"instruction": "a"}), (3, {"instruction": "b\u2028c", "n": 1})]
    assert rows("x.NDJSON", '{"a": 1}') == [(1, {"a": 1})]


def test_bad_lines_of_json_are_named_and_the_others_read() -> None:
    data = (
        b'{"a": 1}\n{"a": \n["a"]\n"\xff"\n{"a": NaN}\n'
        + b"[" * 100_000
        + b'\n{"a": 1'
        + b"0" * 5000
        + b'}\n{"a": 2}\n'
    )
    assert rows("x.jsonl", data) == [
        (1, {"a": 1}), (2, "row_not_json"), (3, "row_not_object"), (4, "row_not_utf8"), (5, "row_not_json"),
        (6, "row_not_json"), (7, "row_not_json"), (8, {"a": 2}),
    ]  # fmt: skip


def test_a_huge_line_is_passed_over_without_being_held() -> None:
    class Counted(io.BytesIO):
        most = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            part = super().readline(size)
            self.most = max(self.most, len(part))
            return part

    stream = Counted(b'{"a": "' + b"x" * (3 * lines.LONGEST_LINE) + b'"}\n{"a": 2}\n')
    found = list(files.read(stream, "x.jsonl", Columns()))
    assert [row.code if isinstance(row, Problem) else row.line for row in found] == ["row_long", 2]
    assert stream.most <= lines.LONGEST_LINE + 1


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_a_json_list_is_read_element_by_element_whatever_the_name(name: str) -> None:
    data = '\n [\n {"a": 1},\n {"a":\n 2}, "b" ,{"a": "]"}]\n'
    assert rows(name, data) == [(3, {"a": 1}), (4, {"a": 2}), (5, "row_not_object"), (5, {"a": "]"})]
    assert rows("x.json", '{"a": 1}\n{"a": 2}\n') == [(1, {"a": 1}), (2, {"a": 2})]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40) | st.just('\\u \n"{[,'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(
    st.lists(st.dictionaries(st.text(max_size=8), JSON_VALUES, max_size=4), min_size=1, max_size=30), st.integers(1, 50)
)
def test_a_json_list_reads_the_same_wherever_its_buffer_is_cut(values: list[dict[str, Any]], size: int) -> None:
    text = json.dumps(values, ensure_ascii=False, indent=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "_CHUNK", size)
        assert [value for _line, value in rows("x.json", text.encode("utf-8", "surrogatepass"))] == values


@pytest.mark.parametrize(
    ("name", "data", "code", "line"),
    [
        ("x.json", '[\n{"a": 1},\n{"a": oops}\n]', "file_json_broken", 3),
        ("x.json", '[{"a": 1}\n{"a": 2}]', "file_json_broken", 2),
        ("x.json", '[{"a": 1}]\n[', "file_json_broken", 2),
        ("x.json", '[{"a": 1},\n', "file_json_unfinished", 2),
        ("x.json", '[{"a": 1}\n', "file_json_unfinished", 2),
        ("x.json", '[\n{"a": "never ends\n', "file_json_broken", 2),
        ("x.json", '[\n{"a": "' + "x" * 3_000_000, "file_row_long", 2),
        ("x.json", b'[\n{"a": "\xff"}]', "file_not_utf8", 2),
        ("x.json", '{\n "a": 1\n}', "file_json_shape", 1),
        ("x.json", "[]", "file_empty", None),
        ("x.jsonl", "", "file_empty", None),
        ("x.jsonl", "\ufeff\n \n", "file_empty", None),
        ("x.csv", "", "file_empty", None),
        ("x.csv", "instruction,input\n", "file_empty", None),
        ("x.csv", "question,input\na,b\n", "file_no_column", 1),
        ("x.tsv", "a\tb\nc\td\n", "file_no_column", 1),
        ("x.csv", "instruction,id,id\na,b,c\n", "file_column_twice", 1),
        ("x.csv", 'instruction,id\na,1\n"b,2\nc,3\n', "file_table_broken", 3),
        ("x.csv", 'instruction,id\n"a"b,1\n', "file_table_broken", 2),
        ("x.csv", b"instruction\xff,id\na,1\n", "file_not_utf8", 1),
        ("x.csv", "instruction\n" + "x" * 3_000_000, "file_row_long", 2),
        ("x.csv", "instruction\n" + "x" * 200_000, "file_table_broken", 2),
        ("x.txt", "A sentence.\n", "file_text_needs_template", None),
        ("x.docx", "anything", "file_kind_unknown", None),
        ("noname", "anything", "file_kind_unknown", None),
        ("x.parquet", "PAR1 but not really", "file_parquet_broken", 1),
        ("x.jsonl", '{"instruction": "a"}'.encode("utf-16"), "file_other_encoding", None),
        ("x.csv", b"PK\x03\x04 zipped", "file_archive", None),
        ("x.jsonl", b"\x1f\x8b\x08 gzipped", "file_archive", None),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_naming_file_and_line(
    name: str, data: str | bytes, code: str, line: int | None
) -> None:
    refusal = refused(name, data)
    assert (refusal["code"], refusal["file"], refusal.get("line")) == (code, name, line)


def test_comma_separated_values() -> None:
    data = '\ufeff"instruction",topic,\r\n"a ""b""\nc",x,1\r\n\r\n,,\r\nd,y\r\ne,z,2\r\n'
    assert rows("x.csv", data) == [
        (2, {"instruction": 'a "b"\nc', "topic": "x", "column_3": "1"}), (6, "row_cells"),
        (7, {"instruction": "e", "topic": "z", "column_3": "2"}),
    ]  # fmt: skip


def test_semicolons_where_the_header_has_them() -> None:
    assert rows("x.csv", "prompt;id\na, b;1\n") == [(2, {"prompt": "a, b", "id": "1"})]


def test_a_row_that_is_no_utf8_is_named_by_the_line_where_it_begins() -> None:
    data = b'prompt,id\n"a\nb\xff",1\nc,2\n'
    assert rows("x.csv", data) == [(2, "row_not_utf8"), (4, {"prompt": "c", "id": "2"})]


def test_tab_separated_values_have_no_quoting() -> None:
    assert rows("x.tsv", 'prompt\tid\n"a" he said\t1\n"b\t2\n') == [
        (2, {"prompt": '"a" he said', "id": "1"}), (3, {"prompt": '"b', "id": "2"}),
    ]  # fmt: skip


def test_a_text_a_line() -> None:
    data = b"One.\r\n\n  \nTw\xc3\xb3.\n\xff\nlast"
    assert rows("x.txt", data, with_template=True) == [
        (1, {"text": "One.\r\n"}), (4, {"text": "Twó.\n"}), (5, "row_not_utf8"), (6, {"text": "last"}),
    ]  # fmt: skip


def test_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {"prompt": ["a", None], "n": [1, 2], "price": [Decimal("1.50"), None], "deep": [{"x": ["y"]}, None]}
    )
    pq.write_table(table, tmp_path / "x.parquet")
    assert rows("x.parquet", (tmp_path / "x.parquet").read_bytes()) == [
        (1, {"prompt": "a", "n": 1, "price": "1.50", "deep": {"x": ["y"]}}),
        (2, {"prompt": None, "n": 2, "price": None, "deep": None}),
    ]
    pq.write_table(pa.table({"prompt": ["a", "b"], "raw": [b"x", None]}), tmp_path / "x.parquet")
    assert rows("x.parquet", (tmp_path / "x.parquet").read_bytes()) == [
        (1, "row_value_kind"), (2, {"prompt": "b", "raw": None}),
    ]  # fmt: skip
    pq.write_table(pa.table({"question": ["a"]}), tmp_path / "x.parquet")
    assert refused("x.parquet", (tmp_path / "x.parquet").read_bytes())["code"] == "file_no_column"
    cut_off = (tmp_path / "x.parquet").read_bytes()[:-10]
    assert refused("x.parquet", cut_off)["code"] == "file_parquet_broken"


def test_a_mapped_column_counts_as_the_header_s(tmp_path: Path) -> None:
    assert rows("x.csv", "question\na\n", mapping={"instruction": "question"}) == [(2, {"question": "a"})]
    pq.write_table(pa.table({"chat": [[{"say": "a"}]]}), tmp_path / "x.parquet")
    data = (tmp_path / "x.parquet").read_bytes()
    assert len(rows("x.parquet", data, mapping={"instruction": "chat.0.say"})) == 1


@given(st.binary(max_size=200), st.sampled_from([".jsonl", ".json", ".csv", ".tsv", ".parquet"]))
def test_any_bytes_are_rows_or_a_refusal(data: bytes, suffix: str) -> None:

    refusals = []
    try:
        rows(f"x{suffix}", data)
    except Invalid as refusal:
        refusals.append(refusal)
    assert all(refusal.facts["file"] == f"x{suffix}" for refusal in refusals)
