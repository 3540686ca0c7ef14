"""Terminals inside jails: what is run in them, the emulator behind them, and what keeps them."""
