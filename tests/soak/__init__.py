"""Load and faults that take longer than a test may: `make soak`."""
