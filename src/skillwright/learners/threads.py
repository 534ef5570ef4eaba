"""One thread for linear algebra: with small networks, more of them make training slower and use every core."""

from contextlib import AbstractContextManager
from importlib import import_module

__all__ = ["one_thread"]


def one_thread() -> AbstractContextManager[object]:
    """Holds BLAS and OpenMP to one thread until the context ends, also where no variable of the environment does.

    Side by side, candidates are trained in processes; measured with two threads on two cores, a training took twice the
    CPU time.
    """
    from threadpoolctl import threadpool_limits

    import_module("scipy.linalg.cython_blas")  # the BLAS of compiled code: only what has been loaded can be held
    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits
