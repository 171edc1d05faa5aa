"""How settings are read and explained.

What is this service told, and by whom? Receives a model of settings, a file, the environment and a command's options.
Gives checked values, each with the place it came from, in words and as a file to begin with. Never knows what a setting
is for: that stands in the model.
"""
