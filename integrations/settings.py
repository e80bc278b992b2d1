"""Every setting, from `UNDERSIGNED_*` environment variables or a `.env` file."""

from datetime import timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator may set. `.env.example` lists the same names with examples."""

    model_config = SettingsConfigDict(
        env_prefix="UNDERSIGNED_", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Field(Path(".undersigned"), description="Where `run` keeps its data.")
    host: str = Field("127.0.0.1", description="Address that the API listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port of the API; 0 takes a free one.")
    public_url: str | None = Field(None, description="Address people reach the API by, for links.")
    admin_key: SecretStr | None = Field(
        None, description="The first admin key, `und_<id>_<secret>`; made when not set."
    )

    database_url: SecretStr | None = Field(
        None, description="PostgreSQL 14+, `postgresql://…`; embedded by `run` when not set."
    )
    temporal_address: str | None = Field(
        None, description="`host:port` of Temporal; embedded by `run` when not set."
    )
    temporal_namespace: str = Field("default", description="Temporal namespace.")
    temporal_tls: bool = Field(default=False, description="Connect to Temporal by TLS.")
    temporal_api_key: SecretStr | None = Field(None, description="API key of Temporal Cloud.")
    deployment: str | None = Field(
        None,
        description="Worker deployment name for pinned worker versions; none runs unversioned.",
    )
    build_id: str | None = Field(None, description="Build id of this worker in its deployment.")

    slack_bot_token: SecretStr | None = Field(None, description="`xoxb-…` of the Slack app.")
    slack_signing_secret: SecretStr | None = Field(
        None, description="Signing secret of the Slack app, for HTTP."
    )
    slack_app_token: SecretStr | None = Field(
        None, description="`xapp-…`; Slack is then reached by Socket Mode."
    )
    slack_client_id: str | None = Field(
        None, description="Client id of the Slack app, to install it in several workspaces."
    )
    slack_client_secret: SecretStr | None = Field(
        None, description="Client secret of the Slack app, for the same."
    )
    slack_store_keys: SecretStr | None = Field(
        None,
        description="Keys that tokens of installed workspaces are encrypted with, newest first.",
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", description="Slack's Web API; the sandbox has another address."
    )
    slack_trust_email: bool = Field(
        default=False,
        description="Take a Slack account for the person with its e-mail address at once. Only "
        "where an identity provider sets the addresses and members can't change them.",
    )

    smtp_host: str | None = Field(
        None, description="Mail server that requests go by which Slack does not deliver."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`starttls`, `tls` from the first byte, or `none`."
    )
    smtp_user: str | None = Field(None, description="Who signs in there.")
    smtp_password: SecretStr | None = Field(None, description="The password for it.")
    smtp_sender: str | None = Field(
        None, description="Address that e-mails come from: `Undersigned <u@example.com>`."
    )

    decision_wait: timedelta = Field(
        timedelta(seconds=10), description="How long a decision waits for a worker, then 504."
    )

    reopenings: int = Field(
        3, ge=1, le=100, description="How often a stage may reopen in an hour before it is held."
    )
    quiet: timedelta = Field(
        timedelta(seconds=30),
        ge=timedelta(0),
        le=timedelta(days=10),
        description="How long a reopened stage waits for more changes before owners are asked.",
    )
    gathering: timedelta = Field(
        timedelta(minutes=1),
        ge=timedelta(0),
        le=timedelta(hours=1),
        description="How long a reminder waits for others to the same person, to be one message.",
    )

    digests: bool = Field(
        default=True, description="Whether people get a digest each morning, managers each week."
    )
    digest_zone: str = Field(
        "UTC", description="Zone of the people who have none on file, for their digests."
    )
    digest_hour: str = Field(
        "09:00",
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="When the working day of those begins who have no hours on file.",
    )
    digest_jitter: timedelta = Field(
        timedelta(minutes=5),
        ge=timedelta(0),
        le=timedelta(minutes=10),
        description="By how much, at random, digests come later than the working day begins.",
    )

    @field_validator("digest_zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"zone {zone!r} is not known; use one as Europe/Paris") from error

    @field_validator("smtp_sender")
    @classmethod
    def _an_address(cls, sender: str | None) -> str | None:
        from integrations.mail.letters import address_in  # only where it is set

        if sender is not None:
            address_in(sender)
        return sender

    @model_validator(mode="after")
    def _mails_safely(self) -> "Settings":
        if (self.smtp_host is None) != (self.smtp_sender is None):
            raise ValueError("set both UNDERSIGNED_SMTP_HOST and UNDERSIGNED_SMTP_SENDER, or none")
        is_near = self.smtp_host in {"localhost", "127.0.0.1", "::1"}
        if self.smtp_user and self.smtp_security == "none" and not is_near:
            raise ValueError("a password goes to UNDERSIGNED_SMTP_HOST by starttls or tls only")
        return self

    @property
    def slack_is_configured(self) -> bool:
        """Whether cards can be sent at all."""
        return self.slack_bot_token is not None or self.slack_is_installable

    @property
    def slack_is_installable(self) -> bool:
        """Whether the app can be installed in workspaces by OAuth."""
        wanted = (self.slack_client_id, self.slack_client_secret, self.slack_store_keys)
        return all(wanted)
