"""A correction names answers: each is asked under the key it has in the case, a row by itself."""

from procedures.definition import load


def test_a_row_that_is_named_is_asked_by_itself() -> None:
    """The second receipt is asked as the second: an answer under the first's key would overwrite that one."""
    form = load("medical-benefit").again(("receipt.paid#2",), ())
    (field,) = form.fields
    assert (field.key, tuple(field.answer_keys()), field.group) == (
        "receipt.paid#2",
        ("receipt.paid#2",),
        "",
    )
    assert field.label.ja.endswith("（2）")
    assert field.label_of("receipt.paid#2") == field.label
    assert tuple(form.missing(field, {})) == ("receipt.paid#2",)
    assert form.field("receipt.paid#2") is field
    assert form.applicable({"receipt.paid#2": "700"}) == {"receipt.paid#2": "700"}


def test_a_list_that_is_named_whole_may_get_rows() -> None:
    """Where all receipts are missing, as many as there are can be given."""
    (field,) = load("medical-benefit").again(("receipt.paid",), ()).fields
    assert field.repeat > 1


def test_the_first_row_beside_another_is_one_question() -> None:
    """No key is asked twice on a page."""
    form = load("medical-benefit").again(("receipt.paid", "receipt.paid#3"), ())
    keys = [key for field in form.fields for key in field.answer_keys()]
    assert keys == ["receipt.paid", "receipt.paid#3"]
