package io.ringfence.bench.forwarding;

import io.ringfence.bench.peer.Floor;
import io.ringfence.bench.peer.LinuxBridge;
import io.ringfence.bench.peer.OpenVswitch;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.peer.Vdev;
import io.ringfence.bench.peer.Vm;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A switch that is compared. */
enum Contender {
    RINGFENCE(
            "ringfence",
            "Ringfence",
            "a worker for each guest, under SCHED_DEADLINE in periods of 4 ms, with half of what the kernel lets be reserved of the CPU.",
            null) {
        @Override
        SwitchProcess start(Guests guests, Place place, boolean offloads) {
            return ringfence("deadline", false, guests, place);
        }
    },
    RINGFENCE_RECLAIM(
            "ringfence-reclaim",
            "Ringfence (reclaim)",
            "the same with reclaim: on, its workers using what is left unused of the CPU.",
            null) {
        @Override
        SwitchProcess start(Guests guests, Place place, boolean offloads) {
            return ringfence("deadline", true, guests, place);
        }
    },
    RINGFENCE_OTHER(
            "ringfence-other",
            "Ringfence (other)",
            "the same with scheduling: other, its workers under SCHED_OTHER.",
            null) {
        @Override
        SwitchProcess start(Guests guests, Place place, boolean offloads) {
            return ringfence("other", false, guests, place);
        }
    },
    DPDK_VHOST(
            "dpdk",
            "DPDK vhost PMD",
            "testpmd joins two vhost ports on one polling thread, without looking at addresses.",
            Peer.TESTPMD) {
        @Override
        SwitchProcess start(Guests guests, Place place, boolean offloads) {
            List<Vdev.Vhost> ports = guests.sockets().stream()
                    .map(Vdev.Vhost::at)
                    .map(port -> offloads ? port.withOffloads() : port)
                    .toList();
            Testpmd process = Testpmd.start(place.hugepages(), place.switchCpu(), ports, START_LIMIT);
            process.start();
            return process;
        }
    },
    OVS("ovs", "Open vSwitch with DPDK", "a bridge that learns addresses, on one polling thread.", Peer.OPEN_VSWITCH) {
        @Override
        SwitchProcess start(Guests guests, Place place, boolean offloads) {
            return OpenVswitch.start(
                    new OpenVswitch.Resources(place.hugepages(), place.switchCpu(), place.loadCpu(), offloads),
                    place.folder(),
                    guests.sockets(),
                    MTU,
                    START_LIMIT);
        }
    },
    BRIDGE(
            "bridge",
            "Linux bridge, TAP",
            "a plain thread for each guest writes its frames to a TAP device and reads those for it, which is what vhost-net does, but by a system call for each frame.",
            Peer.LINUX_BRIDGE) {
        @Override
        SwitchProcess start(Guests guests, Place place, boolean offloads) {
            return LinuxBridge.start(place.switchCpu(), guests.sockets(), MTU, START_LIMIT);
        }
    },
    FLOOR(
            "floor",
            "Floor, no switch",
            "one polling thread joins the two guests by a mere copy: what the load, the rings and the caches cost by themselves.",
            null) {
        @Override
        SwitchProcess start(Guests guests, Place place, boolean offloads) {
            return Floor.start(place.switchCpu(), guests.sockets(), START_LIMIT);
        }
    };

    static final Duration START_LIMIT = Duration.ofSeconds(40);
    /** So that frames of 1518 bytes, without frame check sequence, pass. */
    private static final int MTU = 1504;

    private final String word;
    private final String title;
    private final String method;
    private final @Nullable Peer peer;

    Contender(String word, String title, String method, @Nullable Peer peer) {
        this.word = word;
        this.title = title;
        this.method = method;
        this.peer = peer;
    }

    private static SwitchProcess ringfence(String rung, boolean reclaims, Guests guests, Place place) {
        RingfenceFile file = RingfenceFile.forCpu(place.switchCpu(), MTU).scheduling(rung);
        for (Vm vm : guests.vms()) {
            file.vm(vm);
            if (reclaims) {
                file.reclaiming();
            }
        }
        return RingfenceProcess.startOnRung(rung, place.folder(), file.text(), START_LIMIT);
    }

    /** As it is called on the command line. */
    String word() {
        return word;
    }

    /** How reports call it. */
    String title() {
        return title;
    }

    /** How it carries frames, in one sentence. */
    String method() {
        return method;
    }

    /** Whether it is Ringfence, whatever schedules its workers. */
    boolean isRingfence() {
        return this == RINGFENCE || this == RINGFENCE_RECLAIM || this == RINGFENCE_OTHER;
    }

    /** Why it cannot be started here, with the remedy; empty if nothing is missing. */
    Optional<String> obstacle() {
        return Optional.ofNullable(peer).flatMap(Peer::obstacle);
    }

    /**
     * Starts it for two guests, with its packet work on one CPU.
     *
     * @param offloads whether the guests leave checksums and segmentation to each other; Ringfence lets them anyhow
     */
    abstract SwitchProcess start(Guests guests, Place place, boolean offloads);

    /** Why guests cannot have packed queues there; empty if they can. */
    Optional<String> packedRingsObstacle() {
        return switch (this) {
            case BRIDGE -> Optional.of("not measured: it has split queues only, as vhost-net");
            case FLOOR -> Optional.of("not measured: it has split queues only");
            default -> Optional.empty();
        };
    }

    /** Why it cannot carry frames that guests leave to each other to be cut; empty if it can. */
    Optional<String> largeFramesObstacle() {
        return this == BRIDGE || this == FLOOR ? largeFramesNote() : Optional.empty();
    }

    /** Whether it connects to guests with such frames, which listen then. */
    boolean connectsForLargeFrames() {
        return this == OVS;
    }

    /** What to know of it about such frames; empty if nothing is special. */
    Optional<String> largeFramesNote() {
        return switch (this) {
            case BRIDGE ->
                Optional.of(title + ": not measured, for its TAP devices are used without virtio-net headers.");
            case FLOOR -> Optional.of(title + ": not measured, for it offers no offloads.");
            case DPDK_VHOST ->
                Optional.of(
                        title
                                + ": testpmd in mode io carries the bytes, but not what the sender asked for. The driver notes a request as"
                                + " flags of reception, and makes one of flags of transmission; a real guest would drop such a frame.");
            case OVS ->
                Optional.of(
                        title + ": with userspace-tso-enable=true; its ports connect to the guests, since those that"
                                + " listen drop frames longer than one of DPDK's buffers.");
            case RINGFENCE, RINGFENCE_RECLAIM, RINGFENCE_OTHER -> Optional.empty();
        };
    }
}
