package io.ringfence.bench;

import io.ringfence.dataplane.cli.CommandProvider;

/** Adds {@code bench} to the command line. */
public final class BenchCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new BenchCommand();
    }
}
