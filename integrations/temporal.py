"""Connecting to Temporal. What is done with the client is decided elsewhere."""

import asyncio
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import TLSConfig

from integrations.search_attributes import SEARCH_ATTRIBUTES
from integrations.settings import Settings

_CONNECT = timedelta(seconds=10)


async def connect(settings: Settings, address: str | None = None) -> Client:
    """Connect to the Temporal that the settings name, or to `address`.

    Raises RPCError or RuntimeError when it cannot be reached.
    """
    key = settings.temporal_api_key
    tls: bool | TLSConfig = settings.temporal_tls
    return await asyncio.wait_for(
        Client.connect(
            address or settings.temporal_address or "127.0.0.1:7233",
            namespace=settings.temporal_namespace,
            data_converter=pydantic_data_converter,
            api_key=key.get_secret_value() if key else None,
            tls=tls,
        ),
        _CONNECT.total_seconds(),
    )


async def register_search_attributes(client: Client) -> None:
    """Make the search attributes known; those that are stay. Raises RPCError."""
    service, namespace = client.operator_service, client.namespace
    known = await service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    missing = {
        name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        for name, _ in SEARCH_ATTRIBUTES
        if name not in known.custom_attributes
    }
    if missing:
        await service.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
        )
