package io.ringfence.bench.calibrate;

import io.ringfence.dataplane.cli.CommandProvider;

/** Adds {@code calibrate} to the command line. */
public final class CalibrateCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new CalibrateCommand();
    }
}
