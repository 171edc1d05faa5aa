"""The work of the commands of the closed loop, loaded when a command is called."""
