import pytest

from skillwright.rewards.proposers.search.genome import Genome, Term
from skillwright.rewards.records import Program

TERMS = (
    Term(name="near", expression="np.exp(-np.abs(n.x) / 0.5)", weight=2.5),
    Term(name="fuel", expression="-a.main", weight=0.1),
)


def test_a_genome_survives_its_program():
    assert Genome.parse(Genome(terms=TERMS).program("Why.")) == Genome(terms=TERMS)


def test_a_purpose_cannot_break_out_of_its_docstring():
    program = Genome(terms=TERMS).program('x""" + evil("""\\')
    compile(program.source, "p", "exec")
    assert Genome.parse(program) == Genome(terms=TERMS)


def test_of_terms_with_one_name_the_last_counts():
    other = Term(name="near", expression="n.x", weight=1.0)
    assert Genome.of([*TERMS, other]).terms == (other, TERMS[1])


@pytest.mark.parametrize(
    "body",
    ["x = n.x\n    return {'x': x}", "return n.x", "return {**n.x}", "pass"],
    ids=["assigns", "array", "spread", "none"],
)
def test_a_program_that_does_more_than_list_terms_has_no_genome(body):
    genome = Genome.parse(Program(source=f"def reward(s, a, n):\n    {body}\n"))
    assert genome is None or not genome.terms
