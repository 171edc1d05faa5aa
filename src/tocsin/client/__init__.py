"""What a platform's own program uses to ask Tocsin.

What does Tocsin conclude of this, and what if it does not answer? Receives events, or web requests and a mapping. Gives
a Decision within a local time budget: Tocsin's own, or the one that its user chose for when there is none. Never raises
into its host unless told to, never waits for a service that is known to be down, and never logs what an event says.
"""
