"""How hard property tests search: quick by default, `HYPOTHESIS_PROFILE=thorough` for a long look."""

import os

from hypothesis import HealthCheck, settings

# Fixtures that examples share are folders, which each example writes anew; slow is a busy machine.
FINE = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
settings.register_profile("quick", max_examples=25, deadline=None, suppress_health_check=FINE)
settings.register_profile("thorough", max_examples=1000, deadline=None, suppress_health_check=FINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
