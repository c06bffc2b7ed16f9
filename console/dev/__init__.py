"""Everything that runs the console on one machine: servers, supervisor, test runner, bench."""
