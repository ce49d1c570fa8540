"""The front door of conversion."""

__all__: list[str] = []
