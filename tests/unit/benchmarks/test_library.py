import pytest
from benchmarks import library as bench


@pytest.fixture(scope="module")
def measured():
    return bench.measure(2_000, 20)


def test_most_paraphrases_find_their_skill_first_and_nearly_all_among_five(measured):
    assert measured.anywhere.num_queries == measured.said.num_queries >= 100
    assert measured.anywhere.top_1 >= 0.66 and measured.anywhere.top_5 >= 0.90
    assert measured.said.top_1 >= 0.86 and measured.said.top_5 >= 0.94


def test_to_say_the_world_never_makes_a_search_find_less(measured):
    assert measured.said.top_1 >= measured.anywhere.top_1
    assert measured.said.top_5 >= measured.anywhere.top_5


def test_searches_among_two_thousand_skills_are_quick(measured):
    """The bound is wide: other work may share the machine."""
    assert 0 < measured.words.p50 < 200
    assert 0 < measured.both.p50 < 200


def test_the_page_says_on_what_it_was_measured_and_what_came_out(measured):
    page = bench.describe(measured, 0.5)
    assert "Among 2,000 made-up skills" in page
    assert f"| any world | 102 | {measured.anywhere.top_1:.0%} |" in page
    assert "Machine: " in page and "Commit " in page and "0.5 processes wanted" in page


def test_the_page_in_the_docs_is_of_a_full_measurement():
    assert "Among 100,000 made-up skills" in bench.PAGE.read_text(encoding="utf-8")
