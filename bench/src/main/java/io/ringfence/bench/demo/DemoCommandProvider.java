package io.ringfence.bench.demo;

import io.ringfence.dataplane.cli.CommandProvider;

/** Adds {@code demo} to the command line. */
public final class DemoCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new DemoCommand();
    }
}
