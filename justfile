# Short names for the scripts, which work without `just` as well.

# everything that must hold before a change lands
check:
    .ci/run

# all tests, or those whose name contains a filter
test *arguments:
    ./scripts/test {{ arguments }}

# measure; alone on the machine
bench *arguments:
    ./scripts/bench {{ arguments }}

# format the sources
fmt:
    cargo fmt --all
