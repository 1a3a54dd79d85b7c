"""The bench's tools for an assistant, by the Model Context Protocol: `tools` says which, `server` serves them.

Only `server` loads the SDK (`mcp`), which is installed by an extra of its own.
"""
