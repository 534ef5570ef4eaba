import pytest

from skillwright.core import ConfigError
from skillwright.learners.devices import settle_device


def test_the_cpu_needs_no_look_at_torch():
    assert settle_device("cpu") == "cpu"


def test_auto_takes_a_gpu_where_torch_sees_one():
    import torch

    assert settle_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("wanted", ["cuda:99", "gpu", "cpu:x"])
def test_a_device_that_is_not_there_is_refused_with_a_way_out(wanted):
    with pytest.raises(ConfigError, match="--device cpu"):
        settle_device(wanted)
