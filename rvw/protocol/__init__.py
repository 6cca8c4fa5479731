"""Every message that crosses a process border, as closed types: one frozen struct each, unknown fields refused."""
