"""From a sentence to a plan: with a language model, or by the words of the card alone."""
