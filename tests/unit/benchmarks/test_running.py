from benchmarks.benchmark import Benchmark, Case, Size
from benchmarks.machine import describe_machine, list_versions
from benchmarks.protocol import Message
from benchmarks.records import Record, Results, newest
from benchmarks.report import write_page
from benchmarks.running import Order, run

from skillwright.core import WorkerDied


class Doubling(Case):
    number: int

    @property
    def label(self) -> str:
        return f"number {self.number}"


class Doubled(Message):
    value: int


def doubling(measured: list[int], *, num_cases: int = 3, broken: int | None = None) -> Benchmark[Doubling, Doubled]:
    def measure(case: Doubling) -> Doubled:
        if case.number == broken:
            raise WorkerDied("it broke")
        measured.append(case.number)
        return Doubled(value=2 * case.number)

    return Benchmark(
        name="doubling",
        title="How much is twice as much?",
        case_type=Doubling,
        result_type=Doubled,
        list_cases=lambda size: [Doubling(number=number) for number in range(size.num_repeats(num_cases))],
        measure=measure,
        render=lambda pairs: ", ".join(f"{case.number} -> {result.value}" for case, result in pairs) + "\n",
    )


def order(**settings) -> Order:
    return Order(**{"size": Size(), **settings})


def test_what_was_measured_on_this_machine_is_not_measured_again(tmp_path):
    measured, results = [], Results(tmp_path)

    run([doubling(measured, num_cases=2)], order(), results)
    run([doubling(measured)], order(), results)

    assert measured == [0, 1, 2]


def test_everything_is_measured_again_where_asked_for(tmp_path):
    measured, results = [], Results(tmp_path)

    run([doubling(measured)], order(), results)
    run([doubling(measured)], order(again=True), results)

    assert measured == [0, 1, 2, 0, 1, 2]


def test_only_matching_cases_are_measured(tmp_path):
    measured = []

    run([doubling(measured)], order(match="number 1"), Results(tmp_path))

    assert measured == [1]


def test_a_case_that_fails_is_counted_and_named_and_stops_no_other(tmp_path, capsys):
    measured, results = [], Results(tmp_path)

    num_failed = run([doubling(measured, broken=1)], order(), results)

    assert (num_failed, measured) == (1, [0, 2])
    assert "number 1 ... not measured: it broke" in capsys.readouterr().out
    assert [record.case for record in results.read("doubling")] == [{"number": 0}, {"number": 2}]


def record(number: int, value: int, cpu: str = "") -> Record:
    machine = describe_machine()
    return Record(
        benchmark="doubling",
        case={"number": number},
        result={"value": value},
        machine=machine.model_copy(update={"cpu": cpu}) if cpu else machine,
        versions=list_versions(),
        revision="abc",
        load=0.0,
    )


def test_the_newest_measurement_of_a_case_on_one_machine_counts():
    chosen = newest([record(1, 2), record(1, 3), record(1, 4, cpu="another"), record(2, 5)], describe_machine())

    assert [one.result for one in chosen] == [{"value": 3}, {"value": 5}]


def test_the_page_is_written_from_the_results_alone(tmp_path):
    results = Results(tmp_path)
    results.append(record(1, 7))

    page = write_page([doubling([])], results)

    assert "## How much is twice as much?" in page
    assert "1 -> 7" in page
    assert "commit abc" in page


def test_what_was_not_measured_is_said(tmp_path):
    assert "Not measured yet." in write_page([doubling([])], Results(tmp_path))
