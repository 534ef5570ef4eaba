"""Linear algebra is held to one thread whatever has been loaded before, and whatever the environment says."""

import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
from skillwright.learners.threads import one_thread
if sys.argv[1] == "torch":
    import torch
with one_thread():
    from scipy.linalg import cython_blas
    from threadpoolctl import threadpool_info
    print(json.dumps([pool["num_threads"] for pool in threadpool_info()]))
"""


@pytest.mark.parametrize("loaded", ["nothing", "torch"])
def test_every_pool_of_threads_is_held_to_one(loaded):
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    environment["OPENBLAS_NUM_THREADS"] = "2"
    given = subprocess.run(
        [sys.executable, "-c", PROGRAM, loaded], env=environment, capture_output=True, text=True, check=True
    )
    threads = json.loads(given.stdout)
    assert threads
    assert set(threads) == {1}
