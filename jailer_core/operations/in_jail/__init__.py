"""Operations inside jails: commands, packages, services, signals.

Commands that the user's settings declare.
"""

from __future__ import annotations
