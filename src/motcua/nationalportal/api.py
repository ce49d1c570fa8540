"""The front door of nationalportal."""

__all__: list[str] = []
