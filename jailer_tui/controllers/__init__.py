"""Controllers carry out actions: from the selection to a request, a dialog or another screen."""
