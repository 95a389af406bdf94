"""Which column means what."""

import pytest

from annotator.errors import Invalid
from annotator.prompts.columns import Columns, parse_map


def test_the_usual_names_are_known() -> None:
    columns = Columns()
    assert columns.pick({"prompt": "a", "output": "b", "id": 3, "topic": "x"}) == (
        {"instruction": "a", "completion": "b", "external_id": 3}, {"topic": "x"},
    )  # fmt: skip
    assert columns.pick({"inputs": "a", "targets": "b"})[0] == {"instruction": "a", "completion": "b"}
    assert columns.pick({"instruction": "a", "input": "", "completion": None}) == ({"instruction": "a"}, {})


def test_what_is_mapped_is_not_metadata_and_what_lies_beside_it_is() -> None:
    columns = Columns(parse_map(["completion=instances.0.output", "input=instances.0.input"]))
    row = {
        "instruction": "Sum up.",
        "instances": [{"input": "Long", "output": "Short"}, {"input": "Other"}],
        "easy": False,
    }
    picked, rest = columns.pick(row)
    assert picked == {"instruction": "Sum up.", "input": "Long", "completion": "Short"}
    assert rest == {"instances": [{}, {"input": "Other"}], "easy": False}
    assert row["instances"] == [{"input": "Long", "output": "Short"}, {"input": "Other"}]
    assert columns.pick({"instruction": "a", "instances": [{"input": "b", "output": "c"}]})[1] == {}
    assert columns.pick({"instruction": "a", "instances": "b"})[1] == {"instances": "b"}


def test_a_column_may_have_a_dot_in_its_name() -> None:
    picked, rest = Columns(parse_map(["instruction=text.en"])).pick({"text.en": "a", "text.fr": "b"})
    assert (picked, rest) == ({"instruction": "a"}, {"text.fr": "b"})


def test_a_template_needs_the_sentence_only() -> None:
    columns = Columns(with_template=True)
    assert columns.pick({"sentence": "It rained.", "instruction": "x"}) == (
        {"text": "It rained."},
        {"instruction": "x"},
    )
    assert columns.main == "text"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["completion"], "map_malformed"),
        (["completion="], "map_malformed"),
        (["=output"], "map_malformed"),
        (["answer=output"], "map_field_unknown"),
        (["completion=a", "completion=b"], "map_field_twice"),
    ],
)
def test_maps_that_cannot_be_read(words: list[str], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_map(words)
    assert refusal.value.code == code


def test_a_template_leaves_no_instruction_to_map() -> None:
    with pytest.raises(Invalid):
        Columns({"instruction": "a"}, with_template=True)
    with pytest.raises(Invalid):
        Columns({"text": "a"})


def test_a_path_that_no_row_has_is_a_slip() -> None:
    columns = Columns(parse_map(["completion=instances.0.output"]))
    columns.pick({"instruction": "a", "instance": []})
    with pytest.raises(Invalid) as refusal:
        columns.check_found()
    assert (refusal.value.code, refusal.value.facts["path"]) == ("map_path_never_found", "instances.0.output")
    columns.pick({"instruction": "a", "instances": [{"output": ""}]})
    columns.check_found()
