import pytest

from skillwright.core.errors import ConfigError, NotFound
from skillwright.llm.providers import PROVIDERS
from skillwright.llm.spec import NONE, ModelSpec, parse_spec, parse_specs


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("none", NONE),
        (" none ", NONE),
        ("openai:gpt-5-mini", ModelSpec("openai", "gpt-5-mini")),
        ("anthropic:claude-sonnet-4-5", ModelSpec("anthropic", "claude-sonnet-4-5")),
        ("ollama:qwen3:8b", ModelSpec("ollama", "qwen3:8b")),
        ("replay:runs/a b.jsonl", ModelSpec("replay", "runs/a b.jsonl")),
        ("replay:a@b.jsonl", ModelSpec("replay", "a@b.jsonl")),
        ("vllm:org/m@http://h:8000/v1", ModelSpec("vllm", "org/m", "http://h:8000/v1")),
        ("vllm:org@2/m@https://h/api/v1/", ModelSpec("vllm", "org@2/m", "https://h/api/v1")),
        ("vllm:m@http://[::1]:8000/v1", ModelSpec("vllm", "m", "http://[::1]:8000/v1")),
        ("ollama:m@http://box:11434/v1", ModelSpec("ollama", "m", "http://box:11434/v1")),
    ],
)
def test_a_name_is_taken_apart(text, spec):
    assert parse_spec(text) == spec


@pytest.mark.parametrize("name", [provider.example for provider in PROVIDERS.values()])
def test_every_providers_example_is_a_name_and_is_written_back_as_it_was(name):
    assert str(parse_spec(name)) == name


def test_a_server_named_without_a_path_is_asked_below_v1():
    assert parse_spec("vllm:m@http://h:8000") == parse_spec("vllm:m@http://h:8000/v1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a model's name is empty; write PROVIDER:MODEL"),
        ("gpt-4o", "'gpt-4o' does not say whose model it is; write PROVIDER:MODEL, such as openai:gpt-5-mini"),
        ("non", "did you mean 'none'?"),
        ("opnai", "did you mean 'openai'?"),
        ("openai", "'openai' needs a model after it: openai:MODEL, such as openai:gpt-5-mini"),
        ("openai:", "'openai:' names no model; write openai:MODEL, such as openai:"),
        ("replay:", "write replay:FILE"),
        ("none:x", "'none' stands alone"),
        ("http://localhost:8000/v1", "is an address; name the model too: vllm:MODEL@URL"),
        ("vllm:m", "does not say where the server is; write vllm:Qwen/Qwen3-8B@http://localhost:8000/v1"),
        ("vllm:@http://h/v1", "names no model; write vllm:MODEL@URL"),
        ("vllm:m@ftp://h/v1", "must begin with http:// or https:// and name a host"),
        ("vllm:m@localhost:8000", "must begin with http:// or https:// and name a host"),
        ("vllm:m@http://h:port/v1", "the address is wrong"),
        ("openai:m@http://h/v1", "openai has its own server and takes no address; write vllm:MODEL@URL"),
        ("vllm:m@http://h/v1?k=1", "an address holds no password, no '?'"),
    ],
)
def test_a_wrong_name_is_answered_with_what_would_be_right(text, said):
    with pytest.raises(ConfigError) as caught:
        parse_spec(text)
    assert said in str(caught.value)


def test_an_unknown_provider_is_answered_with_a_close_one_and_with_all():
    with pytest.raises(NotFound, match=r"did you mean 'openai'.*in 'opneai:gpt-5'; there are anthropic"):
        parse_spec("opneai:gpt-5")


@pytest.mark.parametrize("address", ["http://me:canary@h/v1", "ftp://me:canary@h/v1", "http://h/v1?key=canary"])
def test_what_may_be_a_secret_in_an_address_is_refused_and_not_repeated(address):
    with pytest.raises(ConfigError) as caught:
        parse_spec(f"vllm:m@{address}")
    assert "canary" not in str(caught.value)


def test_several_models_are_named_with_commas():
    assert parse_specs("openai:a, ollama:b") == (ModelSpec("openai", "a"), ModelSpec("ollama", "b"))


@pytest.mark.parametrize(("text", "said"), [("ollama:b,ollama:b", "named twice"), ("openai:a,none", "alone")])
def test_a_list_of_models_that_makes_no_sense_is_refused(text, said):
    with pytest.raises(ConfigError, match=said):
        parse_specs(text)


def test_ollama_is_asked_on_this_machine_unless_its_own_variable_says_otherwise(monkeypatch):
    assert parse_spec("ollama:m").url == "http://localhost:11434/v1"
    monkeypatch.setenv("OLLAMA_HOST", "box:1234")
    assert parse_spec("ollama:m").url == "http://box:1234/v1"
    assert parse_spec("ollama:m@http://other/v1").url == "http://other/v1"
