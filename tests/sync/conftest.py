"""Property tests here measure truth, not speed: a busy machine must not make them fail."""

from hypothesis import settings

settings.register_profile("sync", deadline=None)
settings.load_profile("sync")
