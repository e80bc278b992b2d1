"""The one workflow runner: every Worker and every Replayer uses it."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASSED_THROUGH = (
    "activities",
    "cel_expr_python",
    "integrations",
    "lifecycle",
    "pydantic",
    "pydantic_core",
    "rfc8785",
)
"""Modules that every workflow shares: pure, or only named by signatures; importing them anew for
each workflow would cost a second."""


def workflow_runner(*, without: tuple[str, ...] = ()) -> SandboxedWorkflowRunner:
    """Give the runner; `without` sandboxes modules that are otherwise shared, to check them."""
    modules = [name for name in PASSED_THROUGH if name not in without]
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*modules)
    )
