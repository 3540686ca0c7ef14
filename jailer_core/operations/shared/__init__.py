"""Shared by several operations: steps, rules and facts about configurations."""
