"""Where networks are computed: a GPU where torch sees one, else the CPU."""

from skillwright.core.errors import ConfigError, MissingExtra

__all__ = ["settle_device"]


def settle_device(wanted: str) -> str:
    """Chooses a device, or checks that a wanted one is there.

    Args:
        wanted: ``auto``, or what torch calls a device: ``cpu``, ``cuda``, ``cuda:1``, ``mps``.

    Returns:
        What torch calls it.

    Raises:
        ConfigError: torch knows no such device, or does not see it here.
        MissingExtra: torch is not installed.
    """
    if wanted == "cpu":
        return wanted
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("torch", "learn") from error
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=wanted)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ConfigError(
            f"torch cannot compute on {wanted!r} here ({str(error).splitlines()[0]}); use --device cpu, or install a "
            "build of torch that sees the device"
        ) from error
    return wanted
