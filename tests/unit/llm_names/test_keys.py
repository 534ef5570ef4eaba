from pathlib import Path

import pytest

from skillwright.llm.keys import find_key, key_variables, redact
from skillwright.llm.spec import parse_spec

CANARY = "sk-canary/+0123456789"
SERVER = parse_spec("vllm:m@http://my-box.lan:8000/v1")


def test_a_providers_key_is_taken_from_its_variable(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    found = find_key(parse_spec("openai:gpt-5"))
    assert found is not None
    assert (found.secret.get_secret_value(), found.source, found.name) == (CANARY, "environment", "OPENAI_API_KEY")


def test_a_key_is_not_in_what_is_printed_of_it(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert CANARY not in repr(find_key(parse_spec("openai:gpt-5")))


def test_a_server_gets_the_key_that_is_named_for_it(monkeypatch):
    assert key_variables(SERVER) == ("SKILLWRIGHT_KEY_MY_BOX_LAN_8000", "SKILLWRIGHT_KEY_MY_BOX_LAN")
    monkeypatch.setenv("SKILLWRIGHT_KEY_MY_BOX_LAN", "of the host")
    assert find_key(SERVER).name == "SKILLWRIGHT_KEY_MY_BOX_LAN"
    monkeypatch.setenv("SKILLWRIGHT_KEY_MY_BOX_LAN_8000", "of the port")
    assert find_key(SERVER).secret.get_secret_value() == "of the port"


def test_a_server_never_gets_a_providers_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert find_key(SERVER) is None
    assert find_key(parse_spec("ollama:m")) is None


def test_an_empty_variable_holds_no_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    assert find_key(parse_spec("openai:gpt-5")) is None


def test_what_needs_no_key_has_none():
    assert find_key(parse_spec("replay:a.jsonl")) is None


@pytest.fixture
def keyring_of(monkeypatch):
    """Puts a keyring of its own into the real package."""
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend

    before = keyring.get_keyring()

    def put(passwords):
        class Drawer(KeyringBackend):
            priority = 1

            def get_password(self, service, username):
                return passwords[service, username]

            def set_password(self, service, username, password):
                passwords[service, username] = password

            def delete_password(self, service, username):
                del passwords[service, username]

        keyring.set_keyring(Drawer())

    yield put
    keyring.set_keyring(before)


def test_a_key_is_found_in_the_keyring(keyring_of):
    keyring_of({("skillwright", "OPENAI_API_KEY"): CANARY})
    found = find_key(parse_spec("openai:gpt-5"))
    assert (found.secret.get_secret_value(), found.source) == (CANARY, "keyring")


def test_the_environment_counts_before_the_keyring(keyring_of, monkeypatch):
    keyring_of({("skillwright", "OPENAI_API_KEY"): "other"})
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert find_key(parse_spec("openai:gpt-5")).source == "environment"


def test_a_keyring_that_breaks_counts_as_none(keyring_of):
    keyring_of({})
    assert find_key(parse_spec("openai:gpt-5")) is None


def test_a_key_is_taken_out_of_a_text_however_it_is_written(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    key = find_key(parse_spec("openai:gpt-5")).secret
    assert redact(f"wrong key {CANARY}, and /?k=sk-canary%2F%2B0123456789", key) == "wrong key [key], and /?k=[key]"


def test_a_text_without_a_key_is_left_alone():
    assert redact("wrong", None) == "wrong"


def test_no_source_file_reads_a_secret_but_where_a_request_is_made():
    """Only these may unwrap a key: whoever else did could print it."""
    sources = Path(__file__).resolve().parents[3] / "src" / "skillwright"
    readers = {
        file.relative_to(sources).as_posix() for file in sources.rglob("*.py") if "get_secret_value" in file.read_text()
    }
    assert readers <= {"llm/keys.py", "llm/embeddings/served.py", "llm/served_models.py", "llm/langchain_model.py"}
