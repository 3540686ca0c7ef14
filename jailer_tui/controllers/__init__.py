"""What the keys do: from the selection to a request, a dialog or another screen."""
