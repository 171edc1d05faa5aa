"""Real servers for tests, from their wheels, each on a folder and a port of its own."""
