"""Accounts, officials, positions, parties and the tokens of systems."""

from django.contrib.auth.models import AbstractUser


class Account(AbstractUser):
    """Tài khoản: what a person signs in with."""
