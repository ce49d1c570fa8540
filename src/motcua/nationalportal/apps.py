from django.apps import AppConfig


class NationalportalConfig(AppConfig):
    name = "motcua.nationalportal"
    label = "nationalportal"
    default_auto_field = "django.db.models.BigAutoField"
