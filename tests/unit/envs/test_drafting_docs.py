"""What is read from the docstring of a world."""

from skillwright.envs.drafting_docs import Entry, read_page


class Lift:
    """Holds a lift.

    ## Description
    A lift hangs on a **rope**, see [the drawing](lift.png).
    It goes up and down.

    ```{figure} lift.png
    :name: lift
    ```

    ## Action Space
    The action says where to go:

    - 0: Go down
    - 1: Stay *here*

    ## Observation Space
    | Num | Observation         | Min  | Max | Type (Unit)    |
    |-----|---------------------|------|-----|----------------|
    | 0   | height of the lift  | 0    | 9   | position (m)   |
    | 1   | `velocity` of it    | -Inf | Inf | velocity (m/s) |
    | excluded | weight         | 0    | 9   | mass (kg)      |

    | part | id |
    |------|----|
    | 2    | 3  |

    ## Episode End
    When the lift arrives.

    ## Arguments
    | Num | Observation | Min | Max | Unit |
    | 7   | nothing     | 0   | 1   | (m)  |
    """


class Bare:
    """Does something of its own."""


class Silent:
    pass


def test_the_description_and_the_end_are_kept_as_plain_words():
    assert read_page(Lift).description == (
        "A lift hangs on a rope, see the drawing. It goes up and down.\n\nWhen the lift arrives."
    )


def test_numbered_rows_of_the_observations_table_are_read_with_their_units():
    assert read_page(Lift).observation == {
        0: Entry("height of the lift", "m"),
        1: Entry("velocity of it", "m/s"),
    }


def test_a_list_of_choices_is_read_where_there_is_no_table():
    assert read_page(Lift).action == {0: Entry("Go down", ""), 1: Entry("Stay here", "")}


def test_a_docstring_without_headings_is_the_description():
    page = read_page(Bare)
    assert (page.description, page.observation, page.action) == ("Does something of its own.", {}, {})


def test_a_class_without_a_docstring_says_nothing():
    assert read_page(Silent) == ("", {}, {})
