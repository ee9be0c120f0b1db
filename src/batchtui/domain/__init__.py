"""What things are: pure values and functions, with no I/O, no clock and no environment."""
