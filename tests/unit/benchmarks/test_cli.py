import pytest
from benchmarks.cli import PAGE, QUESTIONS, main
from benchmarks.records import RESULTS, Results
from benchmarks.report import write_page


def test_the_page_in_the_docs_is_what_the_results_say():
    assert PAGE.read_text(encoding="utf-8") == write_page(QUESTIONS, Results(RESULTS))


def test_an_unknown_benchmark_is_refused_with_the_names_of_all(capsys):
    assert main(["run", "sped"]) == 2
    assert "there are speed, limit" in capsys.readouterr().err


def test_repeats_must_be_positive():
    with pytest.raises(SystemExit) as ended:
        main(["run", "--repeats", "0"])
    assert ended.value.code == 2
