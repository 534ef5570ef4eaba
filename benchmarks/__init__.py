"""What proves the figures of docs/benchmarks.md: one module per question, every measurement a line in ``results``."""
