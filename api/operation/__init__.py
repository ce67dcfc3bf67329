"""What an operator asks of a service beside its answers: whether it is well, what it holds, copies of it, its metrics."""
