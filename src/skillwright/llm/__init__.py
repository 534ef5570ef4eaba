"""Language models behind one door: asked through prompt templates, answered with typed values, counted and journalled.

The parts that need a database (``llm.asking``, ``llm.exchanges``, ``llm.replay``) and the model behind LangChain
(``llm.langchain_model``) are imported from their own modules, so that this package stays cheap to import.
"""

from skillwright.llm.chat import ChatModel, Message, Question, Replies, Reply, Stream, Usage, unheard
from skillwright.llm.failures import ModelError
from skillwright.llm.ledger import Ledger, Limits, Price, Prices, Spending

__all__ = [
    "ChatModel",
    "Ledger",
    "Limits",
    "Message",
    "ModelError",
    "Price",
    "Prices",
    "Question",
    "Replies",
    "Reply",
    "Spending",
    "Stream",
    "Usage",
    "unheard",
]
