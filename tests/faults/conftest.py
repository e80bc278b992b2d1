from tests.integrations.database.conftest import (  # noqa: F401 - pytest finds fixtures by name
    engine,
    template,
    url,
)
from tests.workflows.conftest import (  # noqa: F401 - as above
    client,
    office,
    temporal,
)
