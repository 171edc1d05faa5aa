"""Commands that decide: a file of events, or a simulated platform; and how what came of it is shown."""
