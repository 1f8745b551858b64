package io.ringfence.interop;

import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.peer.Vdev;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** DPDK's vhost switch, which is started anew only for variants that need another one than the variant before. */
final class DpdkSwitch implements AutoCloseable {
    private record Kind(boolean frontEndListens, int queuePairs) {
        static Kind of(DpdkVariant variant) {
            return new Kind(variant.frontEndListens(), variant.queuePairs());
        }
    }

    private final Hugepages memory;
    private final Path folder;
    private final Duration startLimit;
    private Path sockets;
    private @Nullable Kind kind;
    private @Nullable Testpmd running;

    /** None runs yet; the sockets will be in a folder of this one. */
    DpdkSwitch(Hugepages memory, Path folder, Duration startLimit) {
        this.memory = memory;
        this.folder = folder;
        sockets = folder;
        this.startLimit = startLimit;
    }

    /** Sees to it that it runs as the variant needs it; returns the folder of the sockets. */
    Path serve(DpdkVariant variant) throws IOException {
        Kind needed = Kind.of(variant);
        if (!needed.equals(kind)) {
            close();
            sockets = Files.createTempDirectory(folder, "sockets");
            var ports = Stream.of("a.sock", "b.sock")
                    .map(name -> new Vdev.Vhost(sockets.resolve(name), needed.frontEndListens, needed.queuePairs))
                    .toList();
            Testpmd started = Testpmd.start(memory, 1, ports, startLimit);
            running = started;
            started.start();
            kind = needed;
        }
        return sockets;
    }

    /** What it has dropped since it runs. */
    long droppedFrames() {
        return Objects.requireNonNull(running, "no variant is served")
                .forwardStats()
                .transmitDropped();
    }

    @Override
    public void close() {
        Testpmd ending = running;
        running = null;
        kind = null;
        if (ending != null) {
            ending.close();
        }
    }
}
