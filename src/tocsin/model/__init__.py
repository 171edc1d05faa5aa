"""The nouns that every stage shares.

What are we talking about? Receives nothing. Gives frozen structs (events, decisions, outcomes), their ids, fixed-point
numbers, spans of time and the error tree. Never reads a file, a clock or a network, and never knows another stage.
"""
