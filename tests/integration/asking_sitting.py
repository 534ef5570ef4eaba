"""One sitting of a run that asks a model for four replies, one after the other; says what it got.

Called with the home folder, the run's id and the server's address. Writes the JSON line
``{"words": [...], "tokens": ...}``.
"""

import json
import signal
import sys
from pathlib import Path

from pydantic import BaseModel

from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.llm.asking import Asker, AskSettings
from skillwright.llm.exchanges import enter_journal
from skillwright.llm.langchain_model import Abilities, LangChainModel
from skillwright.llm.ledger import Ledger


class Word(BaseModel):
    word: str


class NoPrices:
    def price_of(self, model):
        return None


def main(place, run_id, url):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    journal = Journal(Database.open(Home.open(Path(place))))
    ledger = enter_journal(Ledger(prices=NoPrices()), journal, run_id)
    model = LangChainModel(
        spec="vllm:tiny@loopback", provider="openai", model="tiny", base_url=url, abilities=Abilities(n=False)
    )
    settings = AskSettings(timeout_s=60.0, max_requests=1)
    asker = Asker(model=model, steps=Steps(journal, run_id), ledger=ledger, settings=settings)
    answers = asker.ask("word.md", {}, Word, samples=range(4), role="planner")
    tokens = ledger.spending().tokens
    print(json.dumps({"words": [value.word for value in answers.values], "tokens": tokens}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
