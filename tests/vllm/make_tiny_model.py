"""Writes a Llama of random weights with a chat template into a folder: 2 layers, 1.8 MB, for a real server to load."""

import argparse
from pathlib import Path
from typing import Final

SPECIAL: Final = ("<|end|>", "<|start|>", "<|stop|>")
CORPUS: Final = (
    "Write a reward for this task: the lander must come down softly between the flags.",
    "def reward(s, a, n):\n    return {'upright': -abs(n.angle)}\n",
    '{"name": "walk", "score": 0.5, "steps": ["stand", "step"], "done": true, "next": null}',
)
CHAT: Final = (
    "{% for message in messages %}<|start|>{{ message['role'] }}\n{{ message['content'] }}<|stop|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)
LENGTH: Final = 2048


def write_tokenizer(folder: Path) -> int:
    """Trains a tokenizer on bytes, so that it can write any text; returns the size of its vocabulary."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=384, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    end, _, stop = SPECIAL
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=end, pad_token=end, eos_token=stop, model_max_length=LENGTH
    )
    wrapped.chat_template = CHAT
    wrapped.save_pretrained(folder)
    return len(wrapped)


def write_model(folder: Path, vocab_size: int) -> None:
    """Draws the weights."""
    import torch
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    ends = {"bos_token_id": 0, "pad_token_id": 0, "eos_token_id": 2}
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=LENGTH,
        **ends,
    )
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(do_sample=True, **ends)
    model.save_pretrained(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    place: Path = parser.parse_args().folder
    place.mkdir(parents=True, exist_ok=True)
    write_model(place, write_tokenizer(place))
