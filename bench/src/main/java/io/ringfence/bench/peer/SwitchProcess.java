package io.ringfence.bench.peer;

/** A switch in a process of its own, which runs until it is closed: what benchmarks compare. One thread drives it. */
public interface SwitchProcess extends AutoCloseable {
    /** The id of the process that carries the frames. */
    long pid();

    /** Whether that process runs. */
    boolean isAlive();

    /** What it has printed, for whoever has to find out why it ended. */
    String output();

    /** Ends it, and takes back all that it has created on this host. */
    @Override
    void close();
}
