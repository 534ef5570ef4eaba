import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3]))  # the benchmarks are not installed
