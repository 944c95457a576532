"""The decorator of small compiled functions that are given arrays and make none.

numba counts the references to every array a function is handed, once more at each call. Counting
took two thirds of the sampler's time. A function that makes no array, keeps none and gives none
back needs no counts: its caller holds all that it reads.
"""

# mypy: disallow-untyped-defs=False

from numba import njit
from numba.core.options import DefaultOptions

# numba's own name for it is private: where it goes, counts come back and nothing else changes
_UNCOUNTED = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}


def njit_uncounted(function):
    """Compile `function`, cached and without the GIL, with no counting of references.

    Parameters
    ----------
    function : callable
        Makes no array (no ``np.empty``, no ``copy``) and returns numbers; numba refuses to
        compile it otherwise.

    Returns
    -------
    callable
        The compiled function.
    """
    return njit(nogil=True, cache=True, **_UNCOUNTED)(function)
