"""The front door of exchange."""

from motcua.exchange.connector import Answer, Connector, Outcome, Parcel

__all__ = ["Answer", "Connector", "Outcome", "Parcel"]
