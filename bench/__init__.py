"""Benchmarks with their peers in the same run. Run `make bench`, or `python -m bench.rules --json` in the benchmark
environment."""
