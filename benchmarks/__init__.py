"""Speed and weight of batchtui, each beside a baseline of the same run: `python -m benchmarks`."""
