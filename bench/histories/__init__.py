"""Random histories of the closed loop, and what must hold after every step of each."""
