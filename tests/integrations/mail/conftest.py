"""The real database's fixtures, for what is delivered and remembered."""

from tests.integrations.database.conftest import (  # noqa: F401 - pytest finds fixtures by name
    engine,
    template,
    url,
)
from tests.integrations.slack.scene import scene  # noqa: F401 - as above
