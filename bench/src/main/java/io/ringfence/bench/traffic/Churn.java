package io.ringfence.bench.traffic;

import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.FrontEnd;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.protocol.Payload.MemoryTable;
import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A guest whose session or memory table changes again and again, on a thread of its own, since requests block.
 *
 * <p>Ends at the first failure, and tells it.
 */
final class Churn {
    private static final long EXTRA_LENGTH_BYTES = 2 << 20;

    private final Station station;
    private final Thread thread;
    private final int perSecond;
    private final long startNanos;
    private final long endNanos;
    private final List<String> failures = new ArrayList<>();

    private Churn(Station station, int perSecond, long startNanos, long endNanos, Change change) {
        this.station = station;
        this.perSecond = perSecond;
        this.startNanos = startNanos;
        this.endNanos = endNanos;
        thread = Thread.ofPlatform().name("churn-" + station.name()).start(() -> run(change));
    }

    /** What is done each time. */
    private interface Change {
        void make(EmbeddedGuest guest) throws IOException;
    }

    static Churn ofSessions(Station station, int perSecond, long startNanos, long endNanos) {
        return new Churn(station, perSecond, startNanos, endNanos, guest -> {
            guest.detach();
            guest.attach();
        });
    }

    static Churn ofMemoryTable(Station station, int perSecond, long startNanos, long endNanos) {
        return new Churn(station, perSecond, startNanos, endNanos, Churn::remap);
    }

    private void run(Change change) {
        Departures times = new Departures(startNanos, perSecond);
        try {
            while (times.nextNanos() < endNanos) {
                TimeUnit.NANOSECONDS.sleep(times.nextNanos() - System.nanoTime());
                change.make(station.guest());
                station.operations().add(1);
                times.passed(Math.max(1, times.due(System.nanoTime()) - 1));
            }
        } catch (IOException | RuntimeException e) {
            failures.add(e.toString());
        } catch (InterruptedException e) {
            failures.add("interrupted");
        }
    }

    private static void remap(EmbeddedGuest guest) throws IOException {
        FrontEnd session = guest.session();
        try (SharedMemory extra = SharedMemory.create(EXTRA_LENGTH_BYTES)) {
            SharedMemory own = guest.memory();
            Region ownRegion = new Region(own.guestAddress(0), own.lengthBytes(), own.userAddress(0), 0);
            Region region = new Region(
                    own.guestAddress(own.lengthBytes()) + EXTRA_LENGTH_BYTES,
                    extra.lengthBytes(),
                    extra.userAddress(0),
                    0);
            if ((session.protocolFeatures() & ProtocolFeatures.CONFIGURE_MEM_SLOTS) != 0) {
                session.tell(Request.ADD_MEM_REG, new SingleRegion(region), extra.fd());
                session.tell(Request.REM_MEM_REG, new SingleRegion(region));
            } else {
                session.tell(Request.SET_MEM_TABLE, new MemoryTable(List.of(ownRegion, region)), own.fd(), extra.fd());
                session.tell(Request.SET_MEM_TABLE, new MemoryTable(List.of(ownRegion)), own.fd());
            }
        }
    }

    /** Waits for the end of the run; says what failed. */
    List<String> await() throws InterruptedException {
        thread.join();
        return failures;
    }
}
