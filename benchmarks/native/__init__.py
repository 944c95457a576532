"""A scalar C++17 twin of the compiled kernel: yardstick and third engine (see README.md)."""
