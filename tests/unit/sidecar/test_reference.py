from tools.make_agent_reference import PAGE, page


def test_the_reference_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text() == page(), "run tools/make_agent_reference.py"
