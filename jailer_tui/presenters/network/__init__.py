"""The network as rows and lines: pure, without a widget."""
