package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.Guest.Part;
import io.ringfence.bench.peer.LinuxBridge;
import io.ringfence.bench.peer.OpenVswitch;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.Policing;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.peer.Vdev;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a switch is started to which all guests attach. */
sealed interface Launch {
    /** For whatever is started. */
    Duration START_LIMIT = Duration.ofSeconds(40);

    /** As large as Ringfence's. */
    int MTU = 1500;

    /**
     * Starts it.
     *
     * @param company who will attach
     * @throws io.ringfence.bench.peer.PeerException if this host refuses; says why
     */
    SwitchProcess start(Place place, Company company);

    /** What must be installed for it. */
    default Optional<Peer> peer() {
        return Optional.empty();
    }

    /** Whether it works in huge pages. */
    default boolean needsHugepages() {
        return false;
    }

    /** Whether this aggressor can do there what it does. */
    default boolean allows(Aggressor aggressor) {
        return aggressor != Aggressor.GARBAGE && !aggressor.isOffloading();
    }

    /** The same with an aggressor in its own process. */
    default Launch with(Aggressor aggressor) {
        throw new IllegalArgumentException(aggressor.word() + " in " + this);
    }

    /** Makes a started one ready for runs with this aggressor. */
    default void prepare(SwitchProcess started, Company company, Aggressor aggressor) {}

    /**
     * Ringfence.
     *
     * @param rung of the scheduling ladder, no other
     * @param spare what becomes of CPU time that nobody uses
     * @param limit of each aggressor, empty for none
     * @param diagnosis a word of {@code run --diagnose}, empty for none
     */
    record Ringfence(String rung, SpareCpu spare, String limit, String diagnosis) implements Launch {
        private static final String SPOILT = "garbage,safepoints";

        @Override
        public SwitchProcess start(Place place, Company company) {
            return RingfenceProcess.startOnRung(
                    rung,
                    place.folder(),
                    List.of(),
                    diagnosis.isEmpty() ? List.of() : List.of("--diagnose", diagnosis),
                    company.configuration(place, rung, spare, limit),
                    START_LIMIT);
        }

        @Override
        public boolean allows(Aggressor aggressor) {
            return true;
        }

        @Override
        public Launch with(Aggressor garbage) {
            return new Ringfence(rung, spare, limit, diagnosis.isEmpty() ? SPOILT : diagnosis + "," + SPOILT);
        }
    }

    /**
     * A learning bridge of Open vSwitch in user space.
     *
     * @param policing of each aggressor, null for none
     */
    record Ovs(@Nullable Policing policing) implements Launch {
        @Override
        public SwitchProcess start(Place place, Company company) {
            OpenVswitch started = OpenVswitch.start(
                    new OpenVswitch.Resources(place.hugepages(), place.switchCpu(), place.loadCpu()),
                    place.folder(),
                    company.sockets(place),
                    MTU,
                    START_LIMIT);
            if (policing != null) {
                company.guests().stream()
                        .filter(Guest::isAggressor)
                        .forEach(guest -> started.police(guest.vm(place).socket(), policing));
            }
            return started;
        }

        @Override
        public Optional<Peer> peer() {
            return Optional.of(Peer.OPEN_VSWITCH);
        }

        @Override
        public boolean needsHugepages() {
            return true;
        }
    }

    /** The kernel's bridge of TAP devices, with a thread for each guest. */
    record Bridge() implements Launch {
        @Override
        public SwitchProcess start(Place place, Company company) {
            return LinuxBridge.start(place.switchCpu(), company.sockets(place), MTU, START_LIMIT);
        }

        @Override
        public Optional<Peer> peer() {
            return Optional.of(Peer.LINUX_BRIDGE);
        }
    }

    /** DPDK's vhost ports, joined in pairs by testpmd: a patch panel, on which nobody can reach a third one. */
    record PatchPanel() implements Launch {
        @Override
        public SwitchProcess start(Place place, Company company) {
            List<Path> sockets = company.sockets(place);
            try {
                for (Path socket : sockets) {
                    // DPDK does not listen on a socket file that it finds, and leaves its own behind.
                    Files.deleteIfExists(socket);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Testpmd.start(
                    place.hugepages(),
                    place.switchCpu(),
                    sockets.stream().map(Vdev.Vhost::at).toList(),
                    START_LIMIT);
        }

        @Override
        public Optional<Peer> peer() {
            return Optional.of(Peer.TESTPMD);
        }

        @Override
        public boolean needsHugepages() {
            return true;
        }

        @Override
        public boolean allows(Aggressor aggressor) {
            return aggressor != Aggressor.AIMED && aggressor != Aggressor.BOTH && Launch.super.allows(aggressor);
        }

        @Override
        public void prepare(SwitchProcess started, Company company, Aggressor aggressor) {
            // Of aggressors with one sink, one can be joined to it.
            Part sender = aggressor == Aggressor.DEAR ? Part.DEAR : Part.AGGRESSOR;
            ((Testpmd) started).forwardBetween(company.indexes(List.of(Part.VICTIM, Part.RECEIVER, sender, Part.SINK)));
        }
    }
}
