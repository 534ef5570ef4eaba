"""How models look: what is at hand, and what a check found."""

from rich.console import Console
from rich.text import Text

from skillwright.cli.display.numbers import MISSING, minute
from skillwright.cli.display.terminal import heading, print_lines, show_listing, table
from skillwright.llm.checked import Checked, Probe
from skillwright.llm.listing import ModelListing, ProviderRow, ServerRow
from skillwright.llm.prices import ListedPrice
from skillwright.llm.remembering import KnownModel

__all__ = ["show_checked", "show_models", "show_probe"]

_STYLES = {"yes": "green", "no": "red", "unknown": "yellow"}
_TITLES = {
    "reachable": "reachable",
    "context": "context length",
    "replies": "replies",
    "usage": "counts tokens",
    "samples": "several replies (n)",
    "json_schema": "JSON schema",
    "tools": "tools",
    "json_mode": "JSON mode",
    "seed": "seed",
    "stream_usage": "counts while streaming",
    "speed": "speed",
}


def show_models(console: Console, found: ModelListing) -> None:
    """Prints what is at hand.

    Args:
        console: where.
        found: what was found.
    """
    heading(console, "Providers")
    _show_providers(console, found.providers)
    heading(console, "Servers that answer")
    _show_servers(console, found.servers)
    heading(console, "Prices in US dollars per million tokens")
    _show_prices(console, found.prices)
    if found.checked:
        heading(console, "Checked before")
        _show_known(console, found.checked)


def show_probe(console: Console, probe: Probe) -> None:
    """Prints one thing that was tried.

    Args:
        console: where.
        probe: what was tried.
    """
    answer = (f"{probe.answer:<8}", _STYLES[probe.answer])
    console.print(Text.assemble((f"{_TITLES[probe.name]:<23}", "dim"), answer, probe.detail), soft_wrap=True)


def show_checked(console: Console, checked: Checked) -> None:
    """Prints the end of a check, below its probes.

    Args:
        console: where.
        checked: what was found.
    """
    console.print()
    print_lines(console, *checked.path)


def _show_providers(console: Console, providers: tuple[ProviderRow, ...]) -> None:
    listing = table("Provider", "Such as", "Installed", "Key")
    for row in providers:
        listing.add_row(row.name, row.example, "no" if row.install else "yes", _key(row))
    show_listing(console, listing)
    console.print()
    print_lines(console, *(f"{row.name} needs: {row.install}" for row in providers if row.install))
    print_lines(console, "A key is an environment variable, or in the keyring: keyring set skillwright VARIABLE")


def _key(row: ProviderRow) -> str:
    match row.key:
        case "missing":
            return f"missing: {row.key_variable}"
        case "environment" | "keyring":
            return f"present: {row.key_variable} ({row.key})"
        case _:
            return row.key


def _show_servers(console: Console, servers: tuple[ServerRow, ...]) -> None:
    if not servers:
        print_lines(console, "None on this machine, at the usual ports. Look elsewhere with --server URL.")
        return
    listing = table("Server", "Models", "To be named")
    for row in servers:
        listing.add_row(row.url, ", ".join(one.id for one in row.models) or row.problem or MISSING, row.naming)
    show_listing(console, listing)


def _show_prices(console: Console, prices: dict[str, ListedPrice]) -> None:
    listing = table("Model", "Input", "Output", "As of", "From", numeric=("Input", "Output"))
    for name, price in prices.items():
        amounts = (f"{price.input:.2f}", f"{price.output:.2f}")
        listing.add_row(name, *amounts, price.as_of.isoformat(), price.source)
    show_listing(console, listing)
    print_lines(console, "Any other price is not known; add it to agents/prices.yaml in a project of your own.")


def _show_known(console: Console, known: dict[str, KnownModel]) -> None:
    listing = table("Model", "Checked", "Can", "Context", "Tokens/s", numeric=("Context", "Tokens/s"))
    for name, one in known.items():
        abilities = one.abilities
        can = {
            "n": abilities.n,
            "JSON schema": abilities.json_schema,
            "tools": abilities.tools,
            "seed": abilities.seed,
            "usage while streaming": abilities.stream_usage,
        }
        context = f"{one.context_length:,}" if one.context_length else MISSING
        speed = MISSING if one.tokens_per_second is None else f"{one.tokens_per_second:.3g}"
        able = ", ".join(name for name, answer in can.items() if answer) or "none of the extras"
        listing.add_row(name, minute(one.checked_at), able, context, speed)
    show_listing(console, listing)
