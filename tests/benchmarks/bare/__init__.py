"""The floors that live in processes: the libraries alone, doing the same with nothing around them.

`python -m tests.benchmarks.bare.NAME JSON` runs one until it is told to end.
"""
