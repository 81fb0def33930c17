"""A caller waits for an agent, is offered, and talks; or goes where his queue sends him."""
