"""Templates are rendered strictly, and a broken one is a person's mistake with a file and a line."""

import hashlib

import pytest

from skillwright.core import ConfigError, NotFound
from skillwright.core.content import content_roots
from skillwright.prompts import render_prompt


@pytest.fixture
def template(tmp_path, monkeypatch):
    """Writes a template into a person's own project."""
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path))
    (tmp_path / "prompts").mkdir()

    def write(text, name="mine.md"):
        path = tmp_path / "prompts" / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_variables_are_filled_in(template):
    template("{% for word in words %}\n- {{ word }}\n{% endfor %}\nend {{ number }}")
    assert render_prompt("mine.md", words=["a", "b"], number=3).text == "- a\n- b\nend 3"


def test_the_hash_is_that_of_the_template_and_not_of_the_text(template):
    source = "Dear {{ reader }}, größer"
    template(source)
    first, second = render_prompt("mine.md", reader="A"), render_prompt("mine.md", reader="B")
    assert first.text != second.text
    assert first.template == second.template == hashlib.sha256(source.encode()).hexdigest()


def test_a_variable_may_have_any_name(template):
    template("{{ name }}")
    assert render_prompt("mine.md", name="A").text == "A"


def test_a_changed_template_has_another_hash(template):
    template("one")
    before = render_prompt("mine.md").template
    template("two")
    assert render_prompt("mine.md").template != before


def test_a_template_of_the_persons_project_wins_over_ours(template):
    template("Mine.", name="reflection.md")
    assert render_prompt("reflection.md").text == "Mine."


def test_the_built_in_template_is_used_where_the_project_has_none(template):
    template("Mine.", name="other.md")
    built_in = content_roots("prompts")[-1] / "reflection.md"
    variables = {
        "generation": 0,
        "num_trained": 0,
        "num_candidates": 0,
        "timesteps": 0,
        "best": None,
        "candidates": [],
        "note": "",
    }
    rendered = render_prompt("reflection.md", **variables)
    assert rendered.template == hashlib.sha256(built_in.read_bytes()).hexdigest()


def test_an_unknown_template_is_not_found_with_a_suggestion():
    with pytest.raises(NotFound, match=r"did you mean 'reflection\.md'"):
        render_prompt("reflections.md")


def test_a_template_outside_the_folder_is_refused():
    with pytest.raises(ConfigError, match=r"without '\.\.'"):
        render_prompt("../pyproject.toml")


def test_a_missing_variable_is_named_with_the_file(template):
    path = template("one\n{{ missing }}\n")
    with pytest.raises(ConfigError, match="'missing' is undefined") as caught:
        render_prompt("mine.md", given=1)
    assert str(caught.value).startswith(str(path))


def test_a_missing_variable_is_named_with_its_line(template):
    path = template("one\n{{ missing }}\n")
    with pytest.raises(ConfigError) as caught:
        render_prompt("mine.md")
    assert str(caught.value).startswith(f"{path}:2: ")


@pytest.mark.parametrize("broken", ["{% if %}", "{{ 1 + }}", "{% for x in y %}", "{{ x | nofilter }}", "{% nothing %}"])
def test_a_broken_template_is_named_with_file_and_line(template, broken):
    path = template(f"first\nsecond\n{broken}\n")
    with pytest.raises(ConfigError, match="the template cannot be rendered") as caught:
        render_prompt("mine.md", x=1, y=[])
    where = str(caught.value).partition(": ")[0]
    assert where in (f"{path}:3", f"{path}:4")  # an unclosed block is found where the text ends


@pytest.mark.parametrize(
    "trick",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ words.append.__self__.__class__ }}",
        "{{ (words | attr('__class__')) }}",
        "{{ words.append('more') }}",
        "{{ '{0.__class__}'.format(words) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ words['__class__'] }}",
    ],
)
def test_a_template_cannot_reach_behind_its_variables(template, trick):
    template(trick)
    words = ["a"]
    with pytest.raises(ConfigError, match="the template cannot be rendered"):
        render_prompt("mine.md", words=words)
    assert words == ["a"]


@pytest.mark.parametrize(
    "mistake",
    ["{{ '%.3f' | format('text') }}", "{{ 1 / 0 }}", "{{ 'a' + 1 }}", "{{ range(10 ** 9) }}", "{% include 'x.md' %}"],
)
def test_a_template_that_computes_nonsense_is_the_templates_mistake(template, mistake):
    path = template(f"first\n{mistake}\n")
    with pytest.raises(ConfigError) as caught:
        render_prompt("mine.md")
    assert str(path) in str(caught.value)


def test_a_template_that_is_no_text_is_named(template):
    path = template(b"\xff\xfe\x00")
    with pytest.raises(ConfigError) as caught:
        render_prompt("mine.md")
    assert str(path) in str(caught.value)
