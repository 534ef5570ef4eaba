"""The language models of a run: who fills which role, and the one ledger they all share."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from skillwright.agents.run_types import ModelUse, RunRequest
from skillwright.core import Home
from skillwright.core.steps import Steps
from skillwright.llm import Ledger, Limits
from skillwright.llm.asking import Asker, AskSettings
from skillwright.llm.exchanges import enter_journal
from skillwright.llm.models import make_model
from skillwright.llm.prices import PriceList
from skillwright.llm.profiles import Role, RoleProfile, choose_role
from skillwright.llm.spec import NONE, ModelSpec, parse_specs
from skillwright.rewards.progress import Observer

__all__ = ["Crew", "settle_roles"]


def settle_roles(request: RunRequest, home: Home) -> dict[Role, RoleProfile]:
    """Decides which models work in which role, so that a resumed run has the same ones.

    Args:
        request: what the person asked for.
        home: where checks of models are remembered.

    Returns:
        Every role that has a model, with all its models' names.

    Raises:
        ConfigError: a name or the agent profile is wrong.
        NotFound: there is no such provider or profile.
        ModelUnavailable: a package, a key or a file is missing.
    """
    roles = {}
    for role in get_args(Role):
        chosen = choose_role(role, typed=request.model, profile=request.profile)
        if chosen.models != (NONE,):
            for spec in chosen.models:
                make_model(spec, home=home)
            roles[role] = chosen.settings.model_copy(update={"model": ",".join(map(str, chosen.models))})
    return roles


@dataclass(frozen=True)
class Crew:
    """Asks models on behalf of one run."""

    request: RunRequest
    roles: Mapping[Role, RoleProfile]
    home: Home
    steps: Steps
    observer: Observer

    @cached_property
    def ledger(self) -> Ledger:
        """What the run has spent, earlier sittings included."""
        ledger = Ledger(
            prices=PriceList.read(),
            limits=Limits(max_usd=self.request.max_usd, max_tokens=self.request.max_tokens),
            role_limits={role: profile.budget.limits for role, profile in self.roles.items()},
        )
        return enter_journal(ledger, self.steps.journal, self.steps.run_id)

    def askers(self, role: Role) -> dict[str, Asker]:
        """Gives whoever asks the models of a role.

        Args:
            role: the role.

        Returns:
            Name of each model -> its asker; empty if the role has no model.
        """
        profile = self.roles.get(role)
        return {} if profile is None else {str(spec): self._asker(spec, profile) for spec in parse_specs(profile.model)}

    def uses(self) -> list[ModelUse]:
        """Says what each model was asked for so far, and what it cost."""
        if not self.roles:
            return []
        return [ModelUse(*who, spending) for who, spending in self.ledger.by_role_and_model().items()]

    def _asker(self, spec: ModelSpec, profile: RoleProfile) -> Asker:
        usual = AskSettings()
        settings = AskSettings(
            temperature=profile.temperature, max_tokens=profile.max_tokens or usual.max_tokens, seed=self.request.seed
        )
        return Asker(
            model=make_model(spec, home=self.home),
            steps=self.steps,
            ledger=self.ledger,
            settings=settings,
            said=self.observer.said,
            stream=self.observer.heard,
        )
