package io.ringfence.bench.isolation;

import io.ringfence.bench.peer.RingfenceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A way to schedule the workers, and to hold neighbours back. */
enum Variant {
    DEADLINE("deadline", "Ringfence: SCHED_DEADLINE, metered, in a partition", "deadline", "", ""),
    UNMETERED("unmetered", "SCHED_DEADLINE, throttled by the kernel", "deadline", "", "unmetered"),
    SHARED("shared", "one polling thread for all VMs", "other", "", "shared-thread"),
    OTHER("other", "SCHED_OTHER", "other", "", ""),
    SHAPER("shaper", "SCHED_OTHER and token buckets", "other", "rate: 1Mpps, bandwidth: 2Gbps", ""),
    FIFO("fifo", "SCHED_FIFO", "fifo", "", "");

    private static final Duration START_LIMIT = Duration.ofSeconds(40);

    private final String word;
    private final String title;
    private final String rung;
    private final String limit;
    private final String diagnosis;

    /**
     * A way to run Ringfence.
     *
     * @param rung of the scheduling ladder, no other
     * @param limit of each aggressor, empty for none
     * @param diagnosis a word of {@code run --diagnose}, empty for none
     */
    Variant(String word, String title, String rung, String limit, String diagnosis) {
        this.word = word;
        this.title = title;
        this.rung = rung;
        this.limit = limit;
        this.diagnosis = diagnosis;
    }

    /** As it is called on the command line. */
    String word() {
        return word;
    }

    /** How reports call it. */
    String title() {
        return title;
    }

    /** How it holds aggressors back, empty if it does not. */
    String limit() {
        return limit;
    }

    /** Whether it is what Ringfence promises: the targets are for this one. */
    boolean isFull() {
        return this == DEADLINE;
    }

    /**
     * Starts a dataplane like this.
     *
     * @param folder for its sockets and counters
     * @throws io.ringfence.bench.peer.PeerException if this host refuses; says why
     */
    RingfenceProcess start(Path folder, int cpu) {
        List<String> options = List.of(
                // Not in /run/ringfence, where only root may write, and where operators look for what is in service.
                "-Dringfence.run.directory=" + folder, "-Dringfence.scheduling.first=" + rung);
        RingfenceProcess process = RingfenceProcess.start(
                options,
                diagnosis.isEmpty() ? List.of() : List.of("--diagnose", diagnosis),
                Guest.configuration(folder, cpu, rung, limit),
                START_LIMIT);
        if (!process.output().contains("scheduling " + rung)) {
            process.close();
            throw new IllegalStateException(
                    "scheduling %s was asked for; the dataplane printed: %s".formatted(rung, process.output()));
        }
        return process;
    }
}
