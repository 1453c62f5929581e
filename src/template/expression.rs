//! `{{ host.name }}` and `{{ vars.x }}` in inventory strings.
