"""A person's project in which CartPole trains with an eighth of the env steps, and any policy is good enough."""

from skillwright.core.content import find_content

CARTPOLE = "envs/classic_control/CartPole-v1.yaml"
SMALL = {
    "num_envs: 8": "num_envs: 4",
    "num_steps: 64": "num_steps: 32",
    "num_epochs: 10": "num_epochs: 2",
    "required_success_rate: 0.95": "required_success_rate: 0.0",
}


def make_project(folder):
    """Writes the card into a folder; ``SKILLWRIGHT_PROJECT`` is to name it."""
    kind, _, name = CARTPOLE.partition("/")
    card = find_content(kind, name).read_text(encoding="utf-8")
    for old, new in SMALL.items():
        assert old in card
        card = card.replace(old, new)
    place = folder / CARTPOLE
    place.parent.mkdir(parents=True)
    place.write_text(card, encoding="utf-8")
    return folder
