import pytest

from skillwright.llm.lengths import Overlong, guess_tokens, read_overlong


@pytest.mark.parametrize(
    ("said", "overlong"),
    [
        (
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 204308 tokens.",
            Overlong(128000, 128000 - 204308),
        ),
        (
            "This model's maximum context length is 4097 tokens, however you requested 4231 tokens (3975 in your "
            "prompt; 256 for the completion).",
            Overlong(4097, 4097 - 3975),
        ),
        ("Requested tokens (2285) exceed context window of 2048", Overlong(2048, 2048 - 2285)),
        ("prompt is too long: 210000 tokens > 200000 maximum", Overlong(200000, -10000)),
        ("max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens", Overlong(None, 8192)),
        ("`max_tokens` must be less than or equal to `8192`, the maximum value", Overlong(None, 8192)),
        (
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
            Overlong(32768, 32768 - 40000),
        ),
        ("input length exceeds maximum context length", Overlong(None, None)),
    ],
)
def test_what_servers_say_about_lengths_is_read(said, overlong):
    assert read_overlong(said) == overlong


@pytest.mark.parametrize(
    "said",
    [
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "response_format of type json_schema is not supported",
        "Rate limit reached for 200000 tokens per minute",
        "",
    ],
)
def test_other_errors_are_not_about_lengths(said):
    assert read_overlong(said) is None


def test_an_estimate_is_near_what_tokenizers_make_of_english_and_code():
    assert 8 <= guess_tokens(["The lander should touch down softly between the flags."]) <= 16
    assert guess_tokens(["a", ""]) == 2
