"""Real servers for tests, each on a free port of this machine and gone when its test ends."""
