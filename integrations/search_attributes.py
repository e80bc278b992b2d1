"""What versions can be found by in Temporal's lists."""

from temporalio.common import SearchAttributeKey

MODEL = SearchAttributeKey.for_keyword("UndersignedModel")
VERSION = SearchAttributeKey.for_keyword("UndersignedVersion")
STATE = SearchAttributeKey.for_keyword("UndersignedState")
SEARCH_ATTRIBUTES = tuple((key.name, "Keyword") for key in (MODEL, VERSION, STATE))
