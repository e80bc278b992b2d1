import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import Text
from sqlalchemy import any_, cast, literal
