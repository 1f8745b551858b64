package io.ringfence.bench.peer;

/** A switch in a process of its own, which runs until it is closed: what benchmarks compare. One thread drives it. */
public abstract class SwitchProcess implements AutoCloseable {
    final PeerProcess process;

    SwitchProcess(PeerProcess process) {
        this.process = process;
    }

    /** The id of the process that carries the frames. */
    public final long pid() {
        return process.pid();
    }

    /** Whether that process runs. */
    public final boolean isAlive() {
        return process.isAlive();
    }

    /** What it has printed, for whoever has to find out why it ended. */
    public final String output() {
        return process.outputFrom(0);
    }

    /** Ends it, and takes back all that it has created on this host. */
    @Override
    public abstract void close();
}
