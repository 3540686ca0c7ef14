"""From the model to words in columns: pure, without a widget."""
