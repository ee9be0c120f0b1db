"""Every batch ever seen, in one SQLite file that several processes may use at once."""
