"""What everything else stands on: errors, units, paths, random numbers, the kernels' cache.

It imports nothing: the cache of kernels is prepared before anything imports numba.
"""
