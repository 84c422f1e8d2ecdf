from gossamer.inject import annotation
from tools.make_inject_reference import PAGE, page


def test_the_page_of_the_injection_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"


def test_every_annotation_that_is_read_has_a_line() -> None:
    names = {
        value
        for name, value in vars(annotation).items()
        if name[0].isalpha() and name.isupper() and isinstance(value, str)
    }
    assert names - {annotation.PREFIX} <= {*annotation.MEANINGS, *annotation.OUTPUTS}
