"""Commands for those who run Tocsin: set it up, start it, look after it."""
