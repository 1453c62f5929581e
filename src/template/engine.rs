//! Template files: the built-in ones, and those beside the inventory that override them by name.
