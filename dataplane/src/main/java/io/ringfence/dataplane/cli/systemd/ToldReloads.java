package io.ringfence.dataplane.cli.systemd;

import io.ringfence.dataplane.control.Dataplane;
import io.ringfence.dataplane.control.Reloader;
import org.jspecify.annotations.Nullable;

/** Tells the service manager of each reload, and what runs after it. */
public final class ToldReloads implements Reloader.Observer {
    private final ServiceManager manager;
    private final Dataplane dataplane;

    /** Of this dataplane. */
    public ToldReloads(ServiceManager manager, Dataplane dataplane) {
        this.manager = manager;
        this.dataplane = dataplane;
    }

    @Override
    public void begins() {
        manager.reloading();
    }

    @Override
    public void ended(@Nullable String refusal) {
        String running = dataplane.summary();
        manager.ready(refusal == null ? running : running + "; the last reload was refused: " + refusal);
    }
}
