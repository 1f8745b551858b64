package io.ringfence.bench.isolation;

import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.Policing;
import java.util.Optional;

/** What is compared: ways to schedule Ringfence's workers and to hold neighbours back, and other switches. */
enum Variant {
    DEADLINE("deadline", "Ringfence: SCHED_DEADLINE, metered, in a partition", ringfence("deadline", "")),
    SLEEPING(
            "sleeping",
            "SCHED_DEADLINE, on a CPU that may sleep while it is idle",
            new Launch.Ringfence("deadline", SpareCpu.ASLEEP, "", "")),
    RECLAIM(
            "reclaim",
            "SCHED_DEADLINE, and all VMs use what others leave of the CPU",
            new Launch.Ringfence("deadline", SpareCpu.RECLAIMED, "", "")),
    UNMETERED("unmetered", "SCHED_DEADLINE, throttled by the kernel", ringfence("deadline", "unmetered")),
    SHARED("shared", "one polling thread for all VMs", ringfence("other", "shared-thread")),
    OTHER("other", "SCHED_OTHER", ringfence("other", "")),
    SHAPER(
            "shaper",
            "SCHED_OTHER and token buckets",
            new Launch.Ringfence("other", SpareCpu.POLLED, "rate: 1Mpps, bandwidth: 2Gbps", ""),
            "rate: 1Mpps, bandwidth: 2Gbps"),
    FIFO("fifo", "SCHED_FIFO", ringfence("fifo", "")),
    OVS("ovs", "Open vSwitch with DPDK, a learning bridge on one polling thread", new Launch.Ovs(null)),
    OVS_POLICED(
            "ovs-policed",
            "the same with policers on the aggressors' ports",
            new Launch.Ovs(new Policing(1_000_000, 2_000_000)),
            "1 Mpps by an OpenFlow meter, 2 Gbit/s by the port's policer"),
    DPDK(
            "dpdk",
            "DPDK's vhost PMD, pairs of ports joined by testpmd on one polling thread: a patch panel that looks at no"
                    + " address, not a switch",
            new Launch.PatchPanel()),
    BRIDGE(
            "bridge",
            "Linux bridge of TAP devices; one plain SCHED_OTHER thread for each VM writes its frames to the device and reads"
                    + " those for it, which is what vhost-net does, but by a system call for each frame",
            new Launch.Bridge());

    private final String word;
    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // all of them are records of words and numbers
    private final Launch launch;

    private final String limit;

    Variant(String word, String title, Launch launch) {
        this(word, title, launch, "");
    }

    Variant(String word, String title, Launch launch, String limit) {
        this.word = word;
        this.title = title;
        this.launch = launch;
        this.limit = limit;
    }

    private static Launch ringfence(String rung, String diagnosis) {
        return new Launch.Ringfence(rung, SpareCpu.POLLED, "", diagnosis);
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

    /** Whether it is another switch than Ringfence. */
    boolean isPeer() {
        return !(launch instanceof Launch.Ringfence);
    }

    /** How it is started. */
    Launch launch() {
        return launch;
    }

    /** Why it cannot be started here, with the remedy; empty if nothing is missing. */
    Optional<String> obstacle() {
        return launch.peer().flatMap(Peer::obstacle);
    }
}
