from django.apps import AppConfig


class ReorganisationConfig(AppConfig):
    name = "motcua.reorganisation"
    label = "reorganisation"
    default_auto_field = "django.db.models.BigAutoField"
