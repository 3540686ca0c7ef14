"""Presenters turn the model into text and columns: pure, without a widget."""
