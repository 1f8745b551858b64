package io.ringfence.bench.peer;

import io.ringfence.bench.floor.FloorMain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** No switch: pairs of guests joined by a mere copy, which is what front-ends, rings and caches cost by themselves. */
public final class Floor {
    private Floor() {}

    /**
     * Starts it and waits until it listens on each socket.
     *
     * @param cpu for the polling thread
     * @throws PeerException if it does not become ready within the limit; the message has what it printed
     */
    public static SwitchProcess start(int cpu, List<Path> sockets, Duration limit) {
        return JavaSwitch.start("Floor", JavaSwitch.command(FloorMain.class, List.of(cpu), sockets), sockets, limit);
    }
}
