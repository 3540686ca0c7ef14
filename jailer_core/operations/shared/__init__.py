"""What several operations share: steps, rules and facts about configurations."""
